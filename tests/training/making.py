"""Catalogues to train on, drawn for tests."""

from pathlib import Path

from PIL import Image

from tests.pictures import drawn


def write_catalogue(
    folder: Path, *, products: int = 12, views: int = 3, size: tuple[int, int] = (96, 72)
) -> Path:
    """catalogue.csv with `image,product_id,style`: a product's views are one drawing, turned a
    little; two products make a style."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["image,product_id,style"]
    for product in range(products):
        for view in range(views):
            name = f"{product}-{view}.png"
            turned = drawn(product, size).rotate(
                6 * view, Image.Resampling.BICUBIC, fillcolor="white"
            )
            turned.save(folder / name)
            lines.append(f"{name},p{product},s{product // 2}")
    path = folder / "catalogue.csv"
    path.write_text("\n".join(lines))
    return path
