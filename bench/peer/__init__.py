"""The nearest peer, DeepImageSearch, in an environment of its own, on the same pictures."""
