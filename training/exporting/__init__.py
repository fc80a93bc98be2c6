"""From trained weights to a model's folder, which the store installs as any other."""
