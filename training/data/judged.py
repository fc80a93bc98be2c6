"""Relative judgements with the pixels of their pictures, and none that would give away a trial."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.watching import Watch
from retrieval.home import Home
from training.data.judgements import read_judgements
from training.data.material import Material
from training.data.pixels import Pixels, Square, decoded
from training.data.settings import DataSettings
from training.errors import DataInvalid


@dataclass(frozen=True)
class JudgedPictures:
    """Pictures, decoded as those that are learnt from: `rows` int64 (pictures,), where `pixels` has
    each of them, -1 where it cannot be read. `triplets` int64 (judgements, 3): places of query,
    closer and farther among them. `left_out`: judgements that name a picture kept aside for a
    trial, or one that cannot be read. `digest` of contents and triplets."""

    pixels: Pixels
    rows: NDArray[np.int64]
    triplets: NDArray[np.int64]
    left_out: int
    digest: str


def gather_judged(
    home: Home,
    path: Path,
    material: Material,
    settings: DataSettings,
    *,
    watch: Watch,
) -> JudgedPictures:
    """Raises SourceInvalid, and DataInvalid where no judgement is left."""
    given = read_judgements(path, most_bytes=home.limits.max_bytes)
    side = round(settings.detail * material.square.input_size)
    with watch.step(f"decode at {side} pixels", len(given.pictures)) as advance:
        pixels, _ = decoded(
            given.pictures,
            Square(side, settings.fit),
            folder=home.root / "cache" / "training",
            limits=home.limits,
            threads=home.settings.threads or os.cpu_count() or 1,
            advance=advance,
        )
    contents = [each.content_sha256 for each in given.pictures]
    aside = {
        picture.content_sha256
        for part in (material.validation, material.held_out)
        for picture in part.pictures.pictures
    }
    usable = np.array([each in pixels.rows and each not in aside for each in contents])
    triplets = given.triplets[usable[given.triplets].all(axis=1)]
    if not len(triplets):
        raise DataInvalid(
            f"{path}: no judgement is left to learn from; each of them names a picture that is "
            f"kept aside to measure what was gained, or one that cannot be read. Judge other "
            f"pictures, or name another seed, which keeps other products aside."
        )
    told = hashlib.sha256("\n".join(contents).encode() + triplets.tobytes())
    return JudgedPictures(
        pixels=pixels,
        rows=np.array([pixels.rows.get(each, -1) for each in contents], dtype=np.int64),
        triplets=triplets,
        left_out=given.left_out + len(given.triplets) - len(triplets),
        digest=told.hexdigest(),
    )
