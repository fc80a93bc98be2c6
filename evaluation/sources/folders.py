"""Folders whose sub-folders are classes."""

from pathlib import Path

import numpy as np

from evaluation.errors import SourceInvalid
from evaluation.pictures import Picture, PictureSet
from evaluation.sources.files import read_files


def read_folders(queries: Path, gallery: Path | None, *, most_bytes: int) -> PictureSet:
    """Pictures labelled with their `class`, the sub-folder they lie in (its path, if deeper).

    With a `gallery`, the pictures of the first folder ask and those of the second are searched;
    alone, a folder's pictures do both. Hidden files are passed over. Raises SourceInvalid.
    """
    asking = _files(queries)
    searched = [] if gallery is None else _files(gallery)
    named = asking + searched
    found = read_files(
        [(str(path), path) for _, path in named], most_bytes=most_bytes, source=str(queries)
    )
    stays = [isinstance(each, Picture) for each in found]
    is_query = np.array([True] * len(asking) + [False] * len(searched))[stays]
    return PictureSet(
        source=str(queries) if gallery is None else f"{queries} in {gallery}",
        pictures=tuple(each for each in found if isinstance(each, Picture)),
        labels={"class": [label for (label, _), stay in zip(named, stays, strict=True) if stay]},
        queries=is_query,
        gallery=np.ones_like(is_query) if gallery is None else ~is_query,
        unreadable={
            str(path): each
            for (_, path), each in zip(named, found, strict=True)
            if isinstance(each, str)
        },
    )


def _files(root: Path) -> list[tuple[str, Path]]:
    """(class, file) of every visible file below, by path; "" for those in the root itself."""
    if not root.is_dir():
        raise SourceInvalid(f"{root} is no folder. Name a folder with a sub-folder for each class.")
    files = sorted(path for path in root.rglob("*") if path.is_file())
    below = [(path.relative_to(root), path) for path in files]
    return [
        ("" if name.parent == Path() else name.parent.as_posix(), path)
        for name, path in below
        if not any(part.startswith(".") for part in name.parts)
    ]
