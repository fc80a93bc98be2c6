"""What the shop sells, and everything derived from it that must survive: all SQL lives here."""
