"""From sources to what a training needs: labels and decoded pictures of its three parts."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Positions
from evaluation.sources.opening import open_source
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.joining import PRODUCT, Joined, chosen_of, join
from training.data.pixels import Pixels, Square, decoded
from training.data.settings import DataSettings
from training.data.splitting import Split, split


@dataclass(frozen=True)
class Part:
    """Pictures that can be read. `rows`: int64 (pictures,), where `pixels` has each of them."""

    pictures: PictureSet
    pixels: Pixels
    rows: NDArray[np.int64]

    @property
    def labels(self) -> NDArray[np.int64]:
        """(pictures,): products, from 0 up to how many there are less 1."""
        return self.pictures.codes(PRODUCT)

    @property
    def products(self) -> int:
        return int(self.labels.max()) + 1

    @property
    def digest(self) -> str:
        """Of contents and labels, in their order."""
        told = hashlib.sha256()
        for picture, label in zip(
            self.pictures.pictures, self.pictures.labels[PRODUCT], strict=True
        ):
            told.update(f"{picture.content_sha256} {label}\n".encode())
        return told.hexdigest()


@dataclass(frozen=True)
class Material:
    """`training` is decoded larger than the network takes, to be cut and turned; `validation` and
    `held_out` to the very pixels that a search would give the exported model. `square` is how."""

    joined: Joined
    training: Part
    validation: Part
    held_out: Part
    square: Square


@dataclass(frozen=True)
class Dealt:
    """Which pictures are going to be learnt from; none of them is decoded yet."""

    joined: Joined
    parts: Split


def open_sources(home: Home, sources: Sequence[Path], collection: str | None) -> list[PictureSet]:
    """Every source as `likeness evaluate` opens it; the collection where none is named.

    Raises SourceInvalid, CollectionUnknown.
    """
    if not sources:
        return [open_source(None, queries=None, gallery=None, collection=collection, home=home)]
    return [
        open_source(each, queries=None, gallery=None, collection=None, home=home)
        for each in sources
    ]


def gather(
    home: Home,
    opened: Sequence[PictureSet],
    settings: DataSettings,
    *,
    input_size: int,
    seed: int,
    watch: Watch,
) -> Material:
    """Joins, splits and decodes. Raises DataInvalid, SourceInvalid, RelationInvalid."""
    return read(home, deal(opened, settings, seed=seed), settings, input_size=input_size,
                watch=watch)  # fmt: skip


def deal(opened: Sequence[PictureSet], settings: DataSettings, *, seed: int) -> Dealt:
    """Joins and splits; no picture is decoded. Raises DataInvalid, SourceInvalid,
    RelationInvalid."""
    joined = join(opened, label=settings.label, split_by=settings.split_by)
    return Dealt(
        joined,
        split(
            joined.pictures, validation=settings.validation, held_out=settings.held_out, seed=seed
        ),
    )


def read(
    home: Home, dealt: Dealt, settings: DataSettings, *, input_size: int, watch: Watch
) -> Material:
    """Decodes what was dealt out."""
    joined, parts = dealt.joined, dealt.parts
    square = Square(input_size, settings.fit)
    larger = Square(round(settings.detail * input_size), settings.fit)
    return Material(
        joined,
        _part(home, joined.pictures, parts.training, larger, watch),
        _part(home, joined.pictures, parts.validation, square, watch),
        _part(home, joined.pictures, parts.held_out, square, watch),
        square,
    )


def _part(
    home: Home, pictures: PictureSet, positions: Positions, square: Square, watch: Watch
) -> Part:
    chosen = chosen_of(pictures, positions)
    contents = {each.content_sha256 for each in chosen.pictures}
    with watch.step(f"decode at {square.input_size} pixels", len(contents)) as advance:
        pixels, unreadable = decoded(
            chosen.pictures,
            square,
            folder=home.root / "cache" / "training",
            limits=home.limits,
            threads=home.settings.threads or os.cpu_count() or 1,
            advance=advance,
        )
    readable = chosen.without(unreadable)
    return Part(readable, pixels, pixels.places(readable.pictures))
