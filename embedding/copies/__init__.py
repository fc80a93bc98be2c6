"""Is one picture an edited copy of another? Copies are laid over the original, pixel by pixel."""
