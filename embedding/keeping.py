"""Keeping a JPEG as it is: the same coded pixels, without anything that was told about them.

Nothing is decoded or encoded: a JPEG is a row of segments, and those that are not needed to show
its pixels are left out. What remains is published, so only what is known to be harmless remains.
"""

import re
from collections.abc import Iterator

# Baseline, extended and progressive, Huffman-coded: what every browser shows.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})  # Huffman, quantisation, restart interval
_SCAN, _END, _JFIF, _ADOBE = 0xDA, 0xD9, 0xE0, 0xEE
_DROPPED = frozenset({*range(0xE0, 0xF0), 0xFE})  # APP0 to APP15, comment
# Their first bytes say the pixels' shape and how the colours are coded. A longer JFIF segment
# holds a thumbnail, which need not be of this picture.
_JFIF_BYTES, _ADOBE_BYTES = 14, 12
_GREY_OR_COLOUR = frozenset({1, 3})

# A marker inside or behind coded pixels: neither a stuffed zero, nor padding, nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def stripped_jpeg(content: bytes, *, max_side: int, max_bytes: int) -> bytes | None:
    """The same picture with no EXIF, colour profile, comment or thumbnail, and nothing behind its
    end; pixels are bit for bit the same. None unless the bytes are a grey or three-colour JPEG,
    whole, with sides of at most `max_side` pixels, and `max_bytes` suffice for what remains.

    Whether such a file still shows itself alike without what was told about it, that it is
    neither turned nor of other colours, is for the caller to know: `DecodedPicture.as_stored`.
    """
    try:
        kept = list(_kept_segments(content, max_side, max_bytes))
    except _NotKeepable:
        return None
    stripped = b"".join(kept)
    return stripped if len(stripped) <= max_bytes else None


class _NotKeepable(Exception):
    """A JPEG that must be decoded and encoded to be kept; `decode` says what may be wrong."""


def _kept_segments(content: bytes, max_side: int, max_bytes: int) -> Iterator[bytes]:
    yield b"\xff\xd8"
    position, frames = 2, 0
    while (marker := _marker_at(content, position)) != _END:
        start, position = position, position + 2 + _length(content, position)
        segment = content[start:position]
        if marker in _FRAMES:
            _check_frame(segment, max_side)
            frames += 1
        if marker == _SCAN:
            # Before the pixels are looked through: they alone would be too much.
            if start + max_bytes < len(content):
                raise _NotKeepable
            position = _end_of_scan(content, position)
            yield content[start:position]
        elif marker in _FRAMES or marker in _TABLES:
            yield segment
        elif marker == _JFIF and segment[4:9] == b"JFIF\x00":
            yield b"\xff\xe0\x00\x10" + segment[4:16].ljust(_JFIF_BYTES, b"\x00")
        elif marker == _ADOBE and segment[4:9] == b"Adobe" and len(segment) >= 4 + _ADOBE_BYTES:
            yield b"\xff\xee\x00\x0e" + segment[4 : 4 + _ADOBE_BYTES]
        elif marker not in _DROPPED:
            raise _NotKeepable
    if frames != 1:
        raise _NotKeepable
    yield b"\xff\xd9"


def _marker_at(content: bytes, position: int) -> int:
    if len(content) < position + 2 or content[position] != 0xFF:
        raise _NotKeepable
    return content[position + 1]


def _length(content: bytes, position: int) -> int:
    """Of the segment that starts there, its two bytes of length counted in, its marker not."""
    length = int.from_bytes(content[position + 2 : position + 4], "big")
    if length < 2 or position + 2 + length > len(content):
        raise _NotKeepable
    return length


def _check_frame(segment: bytes, max_side: int) -> None:
    """Its header: length, bits a sample, height, width, number of colours."""
    if len(segment) < 10:
        raise _NotKeepable
    height, width = int.from_bytes(segment[5:7], "big"), int.from_bytes(segment[7:9], "big")
    if segment[4] != 8 or segment[9] not in _GREY_OR_COLOUR or max(height, width) > max_side:
        raise _NotKeepable


def _end_of_scan(content: bytes, position: int) -> int:
    found = _MARKER.search(content, position)
    if found is None:
        raise _NotKeepable
    return found.start()
