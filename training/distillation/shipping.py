"""From an installed model to the one that is part of this program.

    python -m training.distillation.shipping NAME THRESHOLD

writes `embedding/shipped/likeness-small` anew: the files that make vectors, and the card, with the
similarity from which two pictures count as similar. What it was made with, and what it finds, is
told in docs/model.md.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from embedding.card import ModelCard
from embedding.errors import ModelError
from embedding.model_folder import copy_model
from embedding.model_names import SMALL
from embedding.shipped import SHIPPED
from embedding.store import ModelStore
from retrieval.home import open_store
from retrieval.settings import EngineSettings

MOST_BYTES = 12_000_000


def ship(store: ModelStore, name: str, shipped: Path, *, threshold: float) -> ModelCard:
    """Into `shipped`/likeness-small, in place of what is there. Raises ModelError for a model that
    is too large to be part of a program, and what the store raises."""
    with tempfile.TemporaryDirectory(prefix="likeness-shipped-") as aside:
        folder = Path(aside)
        card = store.copy(name, folder).as_serving()
        card = card.model_copy(update={"name": SMALL, "threshold": threshold})
        size = sum((folder / each).stat().st_size for each in card.all_files)
        if size > MOST_BYTES:
            raise ModelError(
                f"{name!r} has {size:,} bytes of weights, and {MOST_BYTES:,} are the most that "
                "ship. Make it int8 first: likeness models quantise."
            )
        place = shipped / SMALL
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        copy_model(folder, card, place)
    return card


if __name__ == "__main__":
    (_, wanted, similar_from) = sys.argv
    store = open_store(EngineSettings.read())
    made = ship(store, wanted, SHIPPED, threshold=float(similar_from))
    print(f"{SHIPPED / SMALL}: {made.fingerprint[:12]}, {made.description}")
