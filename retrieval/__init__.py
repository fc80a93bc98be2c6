"""The search itself: one engine that service, indexer and evaluation run alike."""
