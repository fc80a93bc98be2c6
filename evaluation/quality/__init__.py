"""docs/quality.md, made by one command from photographs and installed networks."""
