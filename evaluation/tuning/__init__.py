"""Which balance of a fused model suits somebody's own pictures."""
