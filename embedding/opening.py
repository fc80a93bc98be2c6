"""Where Pillow begins: opening headers, and translating everything its codecs may raise."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from embedding.errors import PictureTooLarge, PictureUnreadable
from embedding.formats import PictureFormat


def open_header(content: bytes, picture_format: PictureFormat) -> ImageFile.ImageFile:
    """Opens a picture by the plugin of its format only; nothing is decoded yet.

    Raises `PictureUnreadable` or `PictureTooLarge`.
    """
    with pillows_border(picture_format):
        return _OPENERS[picture_format](io.BytesIO(content))


@contextmanager
def pillows_border(picture_format: PictureFormat) -> Iterator[None]:
    """For calls into Pillow: turns what it raises into `PictureUnreadable` or `PictureTooLarge`."""
    try:
        yield
    except Image.DecompressionBombError as exc:
        raise PictureTooLarge(
            f"The {picture_format.name} picture would unpack to far more pixels than its header "
            "admits. Save the picture again and send that."
        ) from exc
    except _PILLOW_FAILURES as exc:
        cut_short = "truncated" in str(exc).lower()
        raise PictureUnreadable(
            f"The {picture_format.name} picture is {'cut short' if cut_short else 'damaged'} and "
            "cannot be decoded. Check that it opens in a viewer, then send the whole file again "
            "or save it anew."
        ) from exc


def sample_bits(image: ImageFile.ImageFile, content: bytes) -> int:
    """Bits of one stored sample, where the file tells and the mode of the picture does not."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        return content[24]
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))[0])
    return 8


def orientation(image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 (upright) when there is none or the metadata is corrupt."""
    try:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _PILLOW_FAILURES:
        return 1
    return turn if isinstance(turn, int) else 1


# Opening by these classes, and not by Image.open, is the narrowest allow-list there is: no other
# plugin is even loaded. Nor does it consult Pillow's global pixel limit, or warn about it.
_OPENERS: dict[PictureFormat, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    PictureFormat.JPEG: JpegImagePlugin.JpegImageFile,
    PictureFormat.PNG: PngImagePlugin.PngImageFile,
    PictureFormat.WEBP: WebPImagePlugin.WebPImageFile,
    PictureFormat.GIF: GifImagePlugin.GifImageFile,
    PictureFormat.BMP: BmpImagePlugin.BmpImageFile,
    PictureFormat.TIFF: TiffImagePlugin.TiffImageFile,
    PictureFormat.AVIF: AvifImagePlugin.AvifImageFile,
}

# What Pillow and its codecs raise on bytes they cannot make sense of. Its warnings are here for
# programs that turn warnings into errors.
_PILLOW_FAILURES = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    UserWarning,
    ValueError,
    struct.error,
    zlib.error,
)
