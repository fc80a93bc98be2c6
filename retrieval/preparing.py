"""A query's picture file -> what the model takes."""

from embedding.embedder import Embedder, Prepared
from embedding.images import DecodeLimits
from embedding.regions import Region, decode_region


def prepared(
    content: bytes, embedder: Embedder, limits: DecodeLimits, region: Region | None = None
) -> Prepared:
    """Of the region alone, decoded no larger than the model needs it; None for the whole picture.

    Raises PictureError, RegionInvalid.
    """
    image = decode_region(content, region, limits=limits, target_side=embedder.target_side)
    return embedder.prepare(image)
