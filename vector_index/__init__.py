"""Vectors to nearest ids: exact search, live changes, snapshot files, measured agreement."""
