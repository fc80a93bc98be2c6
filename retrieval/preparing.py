"""A query's picture file -> what the model takes."""

from embedding.embedder import Embedder, Prepared
from embedding.images import DecodeLimits, decode


def prepared(content: bytes, embedder: Embedder, limits: DecodeLimits) -> Prepared:
    """Decoded no larger than the model needs it. Raises PictureError."""
    decoded = decode(content, limits=limits, target_side=embedder.target_side)
    return embedder.prepare(decoded.image)
