"""Which pairs and triplets of a batch a loss is to see."""
