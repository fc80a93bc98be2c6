"""Pictures to unit vectors: a timm backbone, what joins it, and what it ends in."""
