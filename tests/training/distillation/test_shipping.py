from pathlib import Path

import numpy as np
import pytest

from embedding.check_pictures import check_pictures
from embedding.errors import ModelError
from embedding.fused.making import fuse
from embedding.model_names import SMALL
from retrieval.home import Home
from training.distillation import shipping
from training.distillation.shipping import ship


def test_what_ships_gives_the_vectors_of_what_it_was_made_from(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fuse(home.store, "mixed", {"near": 0.6, "shades": 0.4}, overwrite=False)

    card = ship(home.store, "mixed", tmp_path / "shipped", threshold=0.7)

    monkeypatch.setattr("embedding.store.SHIPPED", tmp_path / "shipped")
    assert home.store.card(SMALL) == card
    assert (card.fingerprint, card.threshold) == (made.fingerprint, 0.7)
    pictures = check_pictures()
    assert np.array_equal(
        home.store.load(SMALL).embed(pictures), home.store.load("mixed").embed(pictures)
    )


def test_nothing_too_large_ships(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "MOST_BYTES", 10)

    with pytest.raises(ModelError, match="10 are the most that ship"):
        ship(home.store, "near", tmp_path / "shipped", threshold=0.7)
    assert not (tmp_path / "shipped").exists()
