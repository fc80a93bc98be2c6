"""Telling a picture's format from its first bytes, and the few header facts needed before decoding.

Only seven formats are opened. Everything else is refused under its own name, so that whoever sent
a PDF or a phone's HEIC learns what to send instead.
"""

import re
from enum import Enum
from struct import unpack_from

from embedding.errors import PictureUnreadable, PictureUnsupported


class PictureFormat(Enum):
    """The formats that are opened; the value is the media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    GIF = "image/gif"
    BMP = "image/bmp"
    TIFF = "image/tiff"
    AVIF = "image/avif"


SEND_INSTEAD = "Send a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF picture."


def recognise(content: bytes) -> PictureFormat:
    """Format of a picture by its magic bytes; file names and declared types are not trusted.

    Raises `PictureUnsupported`, naming what the bytes are as far as that can be told.
    """
    for opened, pattern in _OPENED.items():
        if pattern.match(content):
            return opened
    raise PictureUnsupported(f"This is {_name(content)}. {SEND_INSTEAD}")


def canvas_size(content: bytes, picture_format: PictureFormat) -> tuple[int, int] | None:
    """(width, height) of a WebP or GIF canvas, read without a decoder; None for other formats.

    The decoders of these two allocate the canvas, or warn about it, as soon as they are opened,
    hence their size has to be known earlier than that.
    """
    try:
        if picture_format is PictureFormat.WEBP:
            return _webp_canvas(content)
        if picture_format is PictureFormat.GIF:
            return _gif_canvas(content)
    except (IndexError, ValueError) as exc:
        raise PictureUnreadable(
            f"The {picture_format.name} picture is cut short inside its header. "
            "Send the whole file, or save the picture again."
        ) from exc
    return None


def jpeg_scans(content: bytes, most: int) -> int:
    """Number of scans of a JPEG, counted up to `most` + 1.

    Every scan of a progressive JPEG costs a pass over all of its pixels but may be a few bytes
    long, so that their number, and not the size of the file, bounds the time of decoding.
    """
    if content.count(b"\xff\xda") <= most:
        return content.count(b"\xff\xda")
    # Bytes that only look like a scan occur in metadata and behind the picture (motion photos
    # carry a film there), so the segments have to be walked.
    scans, position = 0, 2
    while scans <= most and (marker := _JPEG_MARKER.search(content, position)):
        code, position = marker.group()[1], marker.end()
        if code == 0xD9:
            break
        scans += code == 0xDA
        position += int.from_bytes(content[position : position + 2], "big")
    return scans


# A marker that is neither a stuffed zero, nor padding, nor a restart, nor the start of the image.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)


def _webp_canvas(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if len(content) < 30:
        raise IndexError("WebP header")
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        return width, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _gif_canvas(content: bytes) -> tuple[int, int]:
    """The screen, or the first frame where that reaches beyond the screen."""
    width, height = _little16(content, 6), _little16(content, 8)
    position = 13 + _gif_colours(content[10])
    while content[position] != ord(","):
        if content[position] != ord("!"):
            position += 1
            continue
        position += 2
        while content[position]:
            position += content[position] + 1
        position += 1
    left, top, wide, high = (_little16(content, position + 1 + 2 * i) for i in range(4))
    return max(width, left + wide), max(height, top + high)


def _gif_colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _little16(content: bytes, offset: int) -> int:
    return content[offset] | content[offset + 1] << 8


def _name(content: bytes) -> str:
    start = content[:4096]
    for name, pattern in _REFUSED:
        if pattern.match(start):
            return name
    if brand := _ISO_MEDIA.match(start):
        return _ISO_BRANDS.get(brand.group(1).decode("latin-1").strip(), "a video or media file")
    if _is_text(start[:512]):
        return "text, not a picture"
    return "not a picture in any format known here"


def _is_text(start: bytes) -> bool:
    # A character may be cut in two at the end of the sample.
    text = start.decode("utf-8", errors="replace").rstrip("\ufffd")
    return bool(text) and not re.search(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]", text)


def _magic(expression: bytes) -> re.Pattern[bytes]:
    return re.compile(expression, re.DOTALL)


_OPENED = {
    PictureFormat.JPEG: _magic(rb"\xff\xd8\xff"),
    PictureFormat.PNG: _magic(rb"\x89PNG\r\n\x1a\n"),
    PictureFormat.WEBP: _magic(rb"RIFF.{4}WEBPVP8[ LX]"),
    PictureFormat.GIF: _magic(rb"GIF8[79]a"),
    PictureFormat.BMP: _magic(rb"BM.{4}\x00{4}|BM.{8}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00{3}"),
    # Not the raw photos of cameras that share TIFF's header: Canon's is marked behind it.
    PictureFormat.TIFF: _magic(rb"(?:II\*\x00(?!.{4}CR)|MM\x00\*|II\+\x00|MM\x00\+)"),
    PictureFormat.AVIF: _magic(rb".{4}ftyp(?:avif|avis|(?:mif1|msf1).{4}(?:.{4}){0,12}?avi[fs])"),
}

_REFUSED = [
    ("a PDF document", _magic(rb".{0,1024}?%PDF-")),
    ("a PostScript document", _magic(rb"%!PS|\xc5\xd0\xd3\xc6")),
    ("an SVG drawing", _magic(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!].{0,2000}?)?<svg[\s>]")),
    ("an HTML page", _magic(rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body))")),
    ("an XML document", _magic(rb"(?:\xef\xbb\xbf)?\s*<\?xml")),
    ("a data: URL", _magic(rb"data:")),
    ("a Photoshop document", _magic(rb"8BPS")),
    ("a GIMP document", _magic(rb"gimp xcf")),
    ("a JPEG 2000 picture", _magic(rb"\x00{3}\x0cjP  |\xff\x4f\xff\x51")),
    ("a JPEG XL picture", _magic(rb"\xff\x0a|\x00{3}\x0cJXL ")),
    ("a JPEG XR picture", _magic(rb"II\xbc\x01")),
    ("a Canon raw photo", _magic(rb"II\*\x00.{4}CR")),
    ("a raw photo of a camera", _magic(rb"FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\x00|\x00MRM")),
    ("an icon (ICO)", _magic(rb"\x00\x00\x01\x00[^\x00]\x00")),
    ("a cursor (CUR)", _magic(rb"\x00\x00\x02\x00[^\x00]\x00")),
    ("an icon (ICNS)", _magic(rb"icns")),
    ("a DDS texture", _magic(rb"DDS ")),
    ("an OpenEXR picture", _magic(rb"v/1\x01")),
    ("a Radiance HDR picture", _magic(rb"#\?(?:RADIANCE|RGBE)")),
    ("a FITS picture", _magic(rb"SIMPLE  =")),
    ("a QOI picture", _magic(rb"qoif")),
    ("a netpbm picture", _magic(rb"P[1-7fF]\s")),
    ("a PCX picture", _magic(rb"\x0a[\x00-\x05][\x00\x01][\x01\x02\x04\x08]")),
    ("a DjVu document", _magic(rb"AT&TFORM")),
    ("a Windows metafile", _magic(rb"\xd7\xcd\xc6\x9a|\x01\x00{3}.{36} EMF")),
    ("an AVI video", _magic(rb"RIFF.{4}AVI ")),
    ("a sound file", _magic(rb"RIFF.{4}WAVE|ID3|fLaC|OggS")),
    ("a Matroska or WebM video", _magic(rb"\x1aE\xdf\xa3")),
    ("a Flash video", _magic(rb"FLV\x01")),
    ("an MPEG video", _magic(rb"\x00\x00\x01[\xb3\xba]")),
    ("a ZIP archive or an office document", _magic(rb"PK(?:\x03\x04|\x05\x06)")),
    ("an office document", _magic(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    (
        "a compressed archive",
        _magic(rb"\x1f\x8b|BZh|7z\xbc\xaf\x27\x1c|Rar!|\xfd7zXZ|\x28\xb5\x2f\xfd"),
    ),
    ("a program", _magic(rb"\x7fELF|MZ")),
]

_ISO_MEDIA = _magic(rb".{4}ftyp(.{4})")
_HEIC = "a HEIC picture, as phones write it"
_ISO_BRANDS = {
    **dict.fromkeys(("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"), _HEIC),
    **dict.fromkeys(("mif1", "msf1"), _HEIC),
    **dict.fromkeys(("isom", "iso2", "mp41", "mp42", "avc1", "M4V", "dash"), "an MP4 video"),
    "qt": "a QuickTime video",
    "crx": "a Canon raw photo",
}
