"""The product types of the demo catalogue, one file each."""
