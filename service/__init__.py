"""The HTTP API: one folder per resource, everything they share beside them."""
