"""The nearest peer at finding copies, imagededup, in an environment of its own."""
