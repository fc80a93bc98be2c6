"""Sets, contenders and files for tests of the evaluation."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.contenders import Description, Scorer
from evaluation.pictures import Picture, PictureSet
from tests.pictures import jpeg


def picture(name: str, content: bytes | None = None) -> Picture:
    """Its content is its name, unless told otherwise."""
    held = name.encode() if content is None else content
    return Picture(name, hashlib.sha256(held).hexdigest(), lambda: held)


def picture_set(
    labels: Mapping[str, Sequence[str]],
    *,
    contents: Sequence[bytes] | None = None,
    queries: Sequence[bool] | None = None,
    gallery: Sequence[bool] | None = None,
) -> PictureSet:
    """As many pictures as there are labels; all ask and are searched, unless told otherwise."""
    count = len(next(iter(labels.values())))
    everyone = [True] * count
    return PictureSet(
        source="the test",
        pictures=tuple(
            picture(f"picture {each}", None if contents is None else contents[each])
            for each in range(count)
        ),
        labels=labels,
        queries=np.array(queries or everyone),
        gallery=np.array(gallery or everyone),
    )


class Given:
    """Scores pictures as a table says: row and column are the numbers the pictures hold."""

    key = "given"
    bytes_per_picture = None

    def __init__(self, scores: NDArray[np.float32], name: str = "given") -> None:
        self.name = name
        self._scores = scores

    def describe(self, content: bytes) -> Description:
        return np.array([int(content)])

    def index(self, gallery: Sequence[Description]) -> Scorer:
        columns = np.concatenate(gallery)
        return lambda queries: self._scores[np.ix_(np.concatenate(queries), columns)]


def write_catalogue(folder: Path, *, products: int = 4, views: int = 2) -> Path:
    """catalogue.csv and its pictures: `views` alike ones of each product, in two categories.

    The views of a product are one drawing, saved at different qualities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["image,product_id,view,category"]
    for product in range(products):
        for view in range(views):
            name = f"{product}-{view}.jpg"
            (folder / name).write_bytes(jpeg(product, quality=90 - 20 * view))
            lines.append(f"{name},p{product},{view},{'odd' if product % 2 else 'even'}")
    path = folder / "catalogue.csv"
    path.write_text("\n".join(lines))
    return path
