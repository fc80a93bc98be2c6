"""A catalogue's CSV: a row a picture, or a product with several; its other columns are labels."""

from pathlib import Path

import numpy as np

from evaluation.errors import SourceInvalid
from evaluation.pictures import Picture, PictureSet
from evaluation.sources.files import read_files
from evaluation.sources.selection import Selection
from evaluation.sources.table import Table

_PICTURES = ("image", "images")


def read_catalogue_csv(
    path: Path, *, queries: str | None, gallery: str | None, most_bytes: int
) -> PictureSet:
    """The CSV that `likeness index` reads: `image` (or `images`, several as `a.jpg|b.jpg`) with
    paths relative to the file, and any other columns. `id` is read as `product_id`.

    `queries` and `gallery` select rows (`split=val`); without them every picture asks, and every
    picture is searched. Raises SourceInvalid.
    """
    table = Table.read(path)
    asks = Selection.parse(queries, "--queries").of(table) if queries else None
    searched = Selection.parse(gallery, "--gallery").of(table) if gallery else None
    cells = [table.columns[name] for name in _PICTURES if name in table.columns]
    if not cells:
        raise SourceInvalid(
            f"{path} has no column `image` (or `images`); it has {', '.join(table.columns)}."
        )
    named = [
        (row, name.strip())
        for row, texts in enumerate(zip(*cells, strict=True))
        for text in texts
        for name in text.split("|")
        if name.strip()
    ]
    found = read_files(
        [(name, path.parent / name) for _, name in named], most_bytes=most_bytes, source=str(path)
    )
    rows = [row for (row, _), each in zip(named, found, strict=True) if isinstance(each, Picture)]
    everyone = np.ones(len(rows), dtype=np.bool_)
    return PictureSet(
        source=str(path),
        pictures=tuple(each for each in found if isinstance(each, Picture)),
        labels={
            "product_id" if name == "id" and "product_id" not in table.columns else name: [
                texts[row] for row in rows
            ]
            for name, texts in table.columns.items()
            if name not in _PICTURES
        },
        queries=everyone if asks is None else asks[rows],
        gallery=everyone if searched is None else searched[rows],
        unreadable={
            name: each
            for (_, name), each in zip(named, found, strict=True)
            if isinstance(each, str)
        },
    )
