"""Pictures drawn for tests: as many as wanted, no two alike, the same for the same number."""

import io

import numpy as np
from PIL import Image, ImageDraw


def drawn(number: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A few coloured discs and bars on white; `number` decides which."""
    random = np.random.default_rng(number)
    image = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(image)
    for _ in range(5):
        x, y = (int(random.integers(0, side * 3 // 4)) for side in size)
        across = int(random.integers(size[0] // 8, size[0] // 3))
        colour = tuple(int(value) for value in random.integers(0, 255, 3))
        shape = canvas.ellipse if random.random() < 0.5 else canvas.rectangle
        shape((x, y, x + across, y + across), fill=colour)
    return image


def jpeg(number: int, size: tuple[int, int] = (320, 240), quality: int = 90) -> bytes:
    return encoded(drawn(number, size), "JPEG", quality=quality)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
