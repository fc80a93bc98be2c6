"""Which picture files can be kept as they are, instead of a smaller copy made of them."""

from embedding.errors import PictureError
from embedding.formats import PictureFormat, recognise
from embedding.opening import open_header

# JFIF says the pixels' shape and Adobe how the colours are coded; any other segment of a JPEG may
# hold what a shop would not want to publish: where a photo was taken, its maker, another picture.
_PLAIN_SEGMENTS = {"APP0": b"JFIF\x00", "APP14": b"Adobe"}
# A JFIF segment that is longer holds a thumbnail, which need not be of this picture.
_PLAIN_SEGMENT_BYTES = 14
_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"


def is_plain_jpeg(content: bytes, *, max_side: int, max_bytes: int) -> bool:
    """Whether the file is a JPEG of that size at most which shows itself alike everywhere.

    That is: RGB or grey, with no EXIF (so neither turned nor located), no colour profile and no
    comment, thumbnail, or anything behind its end. False for anything that cannot be read.
    """
    if len(content) > max_bytes:
        return False
    try:
        if recognise(content) is not PictureFormat.JPEG:
            return False
        image = open_header(content, PictureFormat.JPEG)
    except PictureError:
        # `decode` says what is wrong with it.
        return False
    return (
        image.mode in ("RGB", "L")
        and max(image.size) <= max_side
        and all(
            segment in _PLAIN_SEGMENTS
            and payload.startswith(_PLAIN_SEGMENTS[segment])
            and len(payload) <= _PLAIN_SEGMENT_BYTES
            for segment, payload in getattr(image, "applist", ())
        )
        and _ends_at_its_end(content)
    )


def _ends_at_its_end(content: bytes) -> bool:
    """Whether the first end of the image is the last of the bytes: decoders ignore what follows,
    be it a film, another picture or a document."""
    end = content.find(_END_OF_IMAGE, content.find(_START_OF_SCAN))
    return end == len(content) - len(_END_OF_IMAGE)
