"""Pictures with enough in them to be known again, and what may be done to them."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from tests.pictures import encoded


def busy(number: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Sixty small discs, bars and lines on a soft ground; `number` decides which."""
    random = np.random.default_rng(number)
    ground = random.integers(120, 255, (4, 5, 3)).astype(np.uint8)
    image = Image.fromarray(ground).resize(size, Image.Resampling.BICUBIC)
    canvas = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = (int(random.integers(0, side)) for side in size)
        across, down = (int(each) for each in random.integers(8, 60, 2))
        colour = tuple(int(value) for value in random.integers(0, 255, 3))
        shape = canvas.ellipse if random.random() < 0.4 else canvas.rectangle
        shape((x, y, x + across, y + down), fill=colour)
    return image


def busy_jpeg(number: int, size: tuple[int, int] = (480, 360)) -> bytes:
    return encoded(busy(number, size), "JPEG", quality=92)


def dyed(image: Image.Image) -> Image.Image:
    """Every colour another one, every edge where it was: the product in another colour."""
    red, green, blue = image.split()
    return Image.merge("RGB", (ImageOps.invert(blue), red, ImageOps.invert(green)))


def _recompressed(image: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "JPEG", quality=30))).convert("RGB")


def _resized(image: Image.Image) -> Image.Image:
    return image.resize((image.width * 2 // 5, image.height * 2 // 5), Image.Resampling.LANCZOS)


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 8, height // 5, width * 7 // 8, height * 19 // 20))


def _mirrored(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _captioned(image: Image.Image) -> Image.Image:
    edited = image.copy()
    ImageDraw.Draw(edited).rectangle((0, 0, image.width, image.height // 6), fill="white")
    return edited


# What was done, and what the verdict should say of it.
EDITS: Mapping[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "recompressed": (_recompressed, "re-encoded"),
    "resized": (_resized, "resized"),
    "cropped": (_cropped, "cropped"),
    "mirrored": (_mirrored, "mirrored"),
    "mirrored and cropped": (lambda image: _cropped(_mirrored(image)), "mirrored"),
    "turned": (lambda image: image.rotate(7, Image.Resampling.BICUBIC), "edited"),
    "darker": (lambda image: ImageEnhance.Brightness(image).enhance(0.8), "edited"),
    "written over": (_captioned, "edited"),
}
