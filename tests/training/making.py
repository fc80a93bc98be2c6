"""Catalogues to train on, drawn for tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.pictures import drawn


def write_catalogue(
    folder: Path, *, products: int = 12, views: int = 3, size: tuple[int, int] = (96, 72)
) -> Path:
    """catalogue.csv with `image,product_id,style`: a product's views are one drawing, turned a
    little; two products make a style."""

    def view_of(product: int, view: int) -> Image.Image:
        turned = drawn(product, size)
        return turned.rotate(6 * view, Image.Resampling.BICUBIC, fillcolor="white")

    return _written(folder, products, views, view_of)


def write_hard_catalogue(folder: Path, *, products: int, views: int = 4) -> Path:
    """As `write_catalogue`, but what catches the eye says nothing: products are patches of one
    hue each, before backgrounds of any colour."""

    def view_of(product: int, view: int) -> Image.Image:
        random = np.random.default_rng([product, view])
        background = tuple(int(value) for value in random.integers(0, 256, 3))
        image = Image.new("RGB", (48, 48), background)
        hue = Image.new("HSV", (20, 20), (255 * product // products, 230, 230))
        image.paste(hue.convert("RGB"), (14, 14))
        return image

    return _written(folder, products, views, view_of)


def _written(
    folder: Path, products: int, views: int, view_of: Callable[[int, int], Image.Image]
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["image,product_id,style"]
    for product in range(products):
        for view in range(views):
            name = f"{product}-{view}.png"
            view_of(product, view).save(folder / name)
            lines.append(f"{name},p{product},s{product // 2}")
    path = folder / "catalogue.csv"
    path.write_text("\n".join(lines))
    return path
