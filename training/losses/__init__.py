"""What is to become small: one loss a file, each with its formula and where it comes from."""
