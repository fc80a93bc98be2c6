from pathlib import Path

import numpy as np
import pytest

from embedding.card import ModelCard
from embedding.errors import ModelError
from embedding.feature_maps import FeatureMaps
from embedding.runtime import OnnxEmbedder
from tests.embedding.tiny_model import (
    DIMENSION,
    PATCH,
    SIZE,
    features_of,
    smooth_pictures,
    tiny_weights,
    write_tiny_model,
)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return write_tiny_model(tmp_path)


def test_the_mean_over_places_is_what_the_whole_network_gives(
    tmp_path: Path, card: ModelCard
) -> None:
    pictures = smooth_pictures(11)  # more than run at once, and no multiple of it

    maps = FeatureMaps(tmp_path, card)(pictures)

    assert maps.shape == (11, SIZE // PATCH, SIZE // PATCH, DIMENSION)
    means = maps.mean(axis=(1, 2))
    assert means == pytest.approx(
        np.array([features_of(each, tiny_weights()) for each in pictures]), abs=1e-4
    )
    vectors = OnnxEmbedder(tmp_path, card, cache_folder=None).embed_prepared(pictures)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert unit == pytest.approx(vectors, abs=1e-5)


def test_a_place_is_where_the_picture_shows_it(tmp_path: Path, card: ModelCard) -> None:
    (picture,) = smooth_pictures(1)
    changed = picture.copy()
    changed[:PATCH, -PATCH:] = 255 - changed[:PATCH, -PATCH:]

    before, after = FeatureMaps(tmp_path, card)([picture, changed])

    where = np.argwhere(np.abs(after - before).max(axis=2) > 1e-4)
    assert where.tolist() == [[0, SIZE // PATCH - 1]]


def test_a_network_that_ends_otherwise_has_none(tmp_path: Path) -> None:
    card = write_tiny_model(tmp_path)
    wrong = card.model_copy(update={"dimension": DIMENSION + 1})

    with pytest.raises(ModelError):
        FeatureMaps(tmp_path, wrong)
