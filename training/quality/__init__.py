"""The page of what training gains on real photographs."""
