"""What networks learn from: labelled pictures, judgements, splits by product, pixels, changes."""
