"""Where products come from: one file a kind."""
