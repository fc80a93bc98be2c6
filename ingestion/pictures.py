"""A picture file made ready: decoded once, for the model and for the copy that is kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL.Image import Image

from embedding.embedder import Embedder, Prepared
from embedding.images import DecodeLimits, decode, thumbnail_jpeg
from embedding.keeping import is_plain_jpeg

KEPT_SIDE = 512
"""Longest side, in pixels, to which the copy kept for display and re-embedding is scaled down."""

# Scaling costs as much as decoding and embedding together, so it is done only where it must be. A
# JPEG decodes at 1/1, 1/2, 1/4 or 1/8 scale: one of these always lies between these two sides.
LEAST_KEPT_SIDE = 384
MOST_KEPT_SIDE = 768
# A plain JPEG up to here is its own copy: what most shops have already made for the web.
AS_IS_SIDE = 1024
AS_IS_BYTES = 131_072


@dataclass(frozen=True)
class ReadyPicture:
    """A decoded picture that waits to be embedded and stored.

    `prepared` is the model's input and `copy` the JPEG to keep.
    """

    content_sha256: str
    source: str | None
    media_type: str
    width: int
    height: int
    prepared: Prepared
    copy: bytes


@dataclass(frozen=True)
class KnownPicture:
    """A picture whose content is already stored and embedded; nothing needs to be done."""

    content_sha256: str
    source: str | None


def ready_picture(
    content: bytes,
    *,
    source: str | None,
    embedder: Embedder,
    limits: DecodeLimits,
    is_known: Callable[[str], bool],
) -> ReadyPicture | KnownPicture:
    """Decode and prepare a picture, unless `is_known(sha256)` says that it is stored already.

    Thread-safe; releases the interpreter lock for most of its time. Raises PictureError.
    """
    content_sha256 = hashlib.sha256(content).hexdigest()
    if is_known(content_sha256):
        return KnownPicture(content_sha256, source)
    as_is = is_plain_jpeg(content, max_side=AS_IS_SIDE, max_bytes=AS_IS_BYTES)
    decoded = decode(
        content,
        limits=limits,
        target_side=embedder.target_side,
        target_long_side=1 if as_is else LEAST_KEPT_SIDE,
    )
    return ReadyPicture(
        content_sha256=content_sha256,
        source=source,
        media_type=decoded.media_type,
        width=decoded.width,
        height=decoded.height,
        prepared=embedder.prepare(decoded.image),
        copy=content if as_is else _copy(decoded.image),
    )


def _copy(image: Image) -> bytes:
    fits = max(image.size) <= MOST_KEPT_SIDE
    return thumbnail_jpeg(image, MOST_KEPT_SIDE if fits else KEPT_SIDE)
