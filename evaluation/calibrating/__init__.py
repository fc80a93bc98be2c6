"""What similarities mean: maps from score to probability, fitted and measured on products."""
