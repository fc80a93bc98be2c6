"""A trained model into the store, in the precision that its figures deserve."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from embedding.adding import Quantising, add_folder
from embedding.calibration import CALIBRATED_ON, FEWEST_PICTURES, MEASURED_ON
from embedding.card import ModelCard
from embedding.store import ModelStore
from evaluation.pictures import Picture


def install(
    store: ModelStore,
    folder: Path,
    name: str,
    pictures: Sequence[Picture],
    kept_pictures: Path,
    *,
    overwrite: bool,
) -> ModelCard:
    """As `likeness models add FOLDER --as NAME`, with int8 made of the training's own pictures
    where there are enough of them. Raises ModelError."""
    with tempfile.TemporaryDirectory(prefix="likeness-calibrating-") as aside:
        some = _sample(pictures)
        for number, each in enumerate(some):
            (Path(aside) / f"{number}").write_bytes(each.read())
        enough = len(some) >= FEWEST_PICTURES
        return add_folder(
            store,
            folder,
            Quantising("auto", Path(aside) if enough else None, kept_pictures),
            saved_as=name,
            overwrite=overwrite,
        )


def _sample(pictures: Sequence[Picture]) -> list[Picture]:
    """As many as int8 is made and measured with; which ones, only their contents decide."""
    distinct = {each.content_sha256: each for each in pictures}
    order = sorted(distinct)
    return [distinct[content] for content in order[: CALIBRATED_ON + MEASURED_ON]]
