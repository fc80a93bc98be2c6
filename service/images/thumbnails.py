"""Small pictures for lists and grids, made from the kept copies when they are first asked for.

They are remembered in memory, not on disk: of 320 pixels one takes under 10 ms of a processor to
make, since a JPEG is decoded at a reduced scale, and browsers keep what they were sent for ever.
Files would be three more for each picture of the catalogue, to be swept, backed up and kept in step
with the copies.
"""

from enum import IntEnum
from functools import partial

from catalog.errors import PictureMissing
from catalog.pictures import PictureFolder
from embedding.errors import PictureError
from embedding.images import decode, thumbnail_jpeg
from retrieval.caching import RecentValues

BYTES_REMEMBERED = 32 * 1024**2
"""Some three thousand: of 320 pixels one has about 10 kB."""


class Side(IntEnum):
    """Pixels of the longer side, at most."""

    SMALL = 160
    MEDIUM = 320
    LARGE = 640


class Thumbnails:
    """Of the pictures in a folder; safe to use from many threads."""

    def __init__(self, pictures: PictureFolder) -> None:
        self._pictures = pictures
        self._made: RecentValues[tuple[str, Side], bytes] = RecentValues(BYTES_REMEMBERED, cost=len)

    def jpeg(self, content_sha256: str, side: Side) -> bytes:
        """At most `side` pixels each way, and never enlarged. Raises PictureMissing."""
        if not self._pictures.has(content_sha256):
            # What was taken away is not shown from memory.
            raise PictureMissing("no such picture")
        return self._made.get((content_sha256, side), partial(self._jpeg, content_sha256, side))

    def _jpeg(self, content_sha256: str, side: Side) -> bytes:
        copy = self._pictures.read(content_sha256)
        try:
            decoded = decode(copy, target_side=1, target_long_side=side)
        except PictureError as error:
            # Half a file, after a power cut: it counts as absent, and indexing brings it back.
            raise PictureMissing(f"A kept copy cannot be read ({error})") from error
        if max(decoded.width, decoded.height) <= side:
            return copy
        return thumbnail_jpeg(decoded.image, side)
