"""Which pictures are learnt from, and which are kept aside, over all sources."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import Picture, PictureSet
from evaluation.sources.opening import open_source
from retrieval.home import Home
from training.distillation.settings import SourceSettings

_PARTS = 1 << 32


@dataclass(frozen=True)
class Pictures:
    """`pictures`, each content once; `labels` (n,): equal for pictures that should be found by each
    other, -1 where it is not known; `sources` (n,): the number of the source each was met in first;
    `of_source`: each source's short name, and how many of its pictures are learnt from."""

    pictures: tuple[Picture, ...]
    labels: NDArray[np.int64]
    sources: NDArray[np.int64]
    of_source: tuple[tuple[str, int], ...]


def opened(home: Home, source: SourceSettings) -> PictureSet:
    """Raises SourceInvalid."""
    return open_source(source.catalogue, queries=None, gallery=None, collection=None, home=home)


def is_held_out(
    pictures: PictureSet, together: str | None, share: float, seed: int
) -> NDArray[np.bool_]:
    """(pictures,), dealt by a digest of the label (of the content, without a column): the same
    whatever else a source holds, and on every machine. Raises SourceInvalid.
    """
    if together is None:
        names: Sequence[str] = [each.content_sha256 for each in pictures.pictures]
    else:
        pictures.codes(together)  # raises, and says which columns there are
        names = [
            label or picture.content_sha256
            for label, picture in zip(pictures.labels[together], pictures.pictures, strict=True)
        ]
    return np.array([_place(name, seed) < share for name in names], dtype=np.bool_)


def gathered(
    home: Home, sources: Sequence[SourceSettings], *, held_out: float, seed: int
) -> Pictures:
    """Those to learn from. A picture whose bytes are held out in any source is left out of all.

    Raises SourceInvalid.
    """
    sets = [opened(home, each) for each in sources]
    aside = [
        is_held_out(pictures, each.together, held_out, seed)
        for pictures, each in zip(sets, sources, strict=True)
    ]
    refused = {
        picture.content_sha256
        for pictures, kept in zip(sets, aside, strict=True)
        for picture, is_aside in zip(pictures.pictures, kept, strict=True)
        if is_aside
    }
    chosen: dict[str, tuple[Picture, int, int]] = {}
    first = 0
    for number, (pictures, settings) in enumerate(zip(sets, sources, strict=True)):
        codes = (
            np.full(len(pictures.pictures), -1)
            if settings.alike is None
            else pictures.codes(settings.alike)
        )
        for picture, code in zip(pictures.pictures, codes.tolist(), strict=True):
            if picture.content_sha256 not in refused:
                label = -1 if code < 0 else code + first
                chosen.setdefault(picture.content_sha256, (picture, label, number))
        first += int(codes.max(initial=-1)) + 1
    return Pictures(
        tuple(picture for picture, _, _ in chosen.values()),
        np.array([label for _, label, _ in chosen.values()], dtype=np.int64),
        np.array([number for _, _, number in chosen.values()], dtype=np.int64),
        tuple(
            (each.short_source, int((~kept).sum())) for each, kept in zip(sets, aside, strict=True)
        ),
    )


def _place(name: str, seed: int) -> float:
    """In 0..1."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:4]) / _PARTS
