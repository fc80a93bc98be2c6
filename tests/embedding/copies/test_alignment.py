"""Maps of one picture onto another stay such as a copy can have."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from embedding.copies.alignment import LARGEST_SCALE, refined, stretched
from embedding.copies.sketch import Sketch, sketched


def two_spots(number: int) -> Sketch:
    """Little to hold on to: two soft spots on a plain ground; `number` decides where."""
    random = np.random.default_rng(number)
    image = Image.new("L", (120, 120), 230)
    canvas = ImageDraw.Draw(image)
    for _ in range(2):
        x, y = (int(each) for each in random.integers(0, 100, 2))
        side = int(random.integers(10, 60))
        canvas.ellipse((x, y, x + side, y + side), fill=int(random.integers(0, 200)))
    return sketched(image.filter(ImageFilter.GaussianBlur(4)).convert("RGB"))


@pytest.mark.parametrize(("first", "second"), [(19, 37), (28, 16), (19, 8), (4, 7)])
def test_refining_does_not_run_away(first: int, second: int) -> None:
    one, other = two_spots(first), two_spots(second)
    found = refined(one, other, stretched(one, other))
    scale = float(np.sqrt(abs(np.linalg.det(found[:, :2]))))
    assert 1.0 / LARGEST_SCALE <= scale <= LARGEST_SCALE
