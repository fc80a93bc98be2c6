"""Which pictures meet in a batch."""
