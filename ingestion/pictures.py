"""A picture file made ready: decoded once, for the model and for the copy that is kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from catalog.records import ImageInput, StoredImage
from embedding.embedder import Embedder, Prepared
from embedding.images import DecodedPicture, DecodeLimits, decode, thumbnail_jpeg
from embedding.keeping import stripped_jpeg

KEPT_SIDE = 512
"""Longest side, in pixels, to which the copy kept for display and re-embedding is scaled down."""

# Scaling costs as much as decoding, so it is done only where it must be. A JPEG decodes at 1/1,
# 1/2, 1/4 or 1/8 scale: one of these always lies between these two sides.
LEAST_KEPT_SIDE = 384
MOST_KEPT_SIDE = 768
# A JPEG up to here is kept with its own pixels: what most shops have already made for the web.
OWN_PIXELS_SIDE = 2048
OWN_PIXELS_BYTES = 196_608


@dataclass(frozen=True)
class ReadyPicture:
    """A decoded picture that waits to be embedded and stored; `prepared` is the model's input."""

    content_sha256: str
    source: str | None
    media_type: str
    width: int
    height: int
    prepared: Prepared

    def with_vector(self, vector: NDArray[np.float32]) -> ImageInput:
        """To be stored: `vector` is what `prepared` was embedded as, float32 (dimension,)."""
        return ImageInput(
            content_sha256=self.content_sha256,
            source=self.source,
            media_type=self.media_type,
            width=self.width,
            height=self.height,
            vector=vector,
        )


def ready_picture(
    content: bytes,
    *,
    source: str | None,
    embedder: Embedder,
    limits: DecodeLimits,
    is_known: Callable[[str], bool],
    keep: Callable[[str, bytes], None],
) -> ReadyPicture | StoredImage:
    """Decode and prepare a picture, unless `is_known(sha256)` says that it is stored already.

    `keep(sha256, jpeg)` is handed the copy to keep. Thread-safe; releases the interpreter lock for
    most of its time. Raises PictureError, and what `keep` raises.
    """
    content_sha256 = hashlib.sha256(content).hexdigest()
    if is_known(content_sha256):
        return StoredImage(content_sha256, source)
    own = stripped_jpeg(content, max_side=OWN_PIXELS_SIDE, max_bytes=OWN_PIXELS_BYTES)
    target_side = embedder.target_side
    decoded = decode(
        content,
        limits=limits,
        target_side=target_side,
        target_long_side=1 if own else LEAST_KEPT_SIDE,
    )
    prepared = embedder.prepare(decoded.reduced_to(target_side))
    if own is None or not decoded.as_stored:
        own = _copy(content, decoded, limits)
    keep(content_sha256, own)
    return ReadyPicture(
        content_sha256=content_sha256,
        source=source,
        media_type=decoded.media_type,
        width=decoded.width,
        height=decoded.height,
        prepared=prepared,
    )


def _copy(content: bytes, decoded: DecodedPicture, limits: DecodeLimits) -> bytes:
    image = decoded.image
    if max(image.size) < min(LEAST_KEPT_SIDE, max(decoded.width, decoded.height)):
        # Small enough to be kept as it is, but turned or of other colours: decoded for the model
        # alone, and so too small.
        image = decode(
            content, limits=limits, target_side=1, target_long_side=LEAST_KEPT_SIDE
        ).image
    return _encoded(image)


def _encoded(image: Image) -> bytes:
    fits = max(image.size) <= MOST_KEPT_SIDE
    return thumbnail_jpeg(image, MOST_KEPT_SIDE if fits else KEPT_SIDE)
