from pathlib import Path

import numpy as np
import pytest

from training.distillation.teaching_map import TeachingMap
from training.errors import SettingsInvalid

RANDOM = np.random.default_rng(0)
LABELS = np.repeat(np.arange(20), 4)


def _maps(channels: int) -> np.ndarray:
    return RANDOM.normal(size=(80, 3, 2, channels)).astype(np.float32)


def _learnt(maps: list[np.ndarray], dimension: int = 4) -> TeachingMap:
    vectors = [each.mean(axis=(1, 2)) for each in maps]
    return TeachingMap.learnt(vectors, LABELS, dimension=dimension, shrinkage=0.5)


def test_the_mean_of_the_targets_of_places_is_the_target_of_their_mean() -> None:
    maps = [_maps(5), 9 * _maps(7)]
    taught = _learnt(maps)

    of_places = taught(maps).mean(axis=(1, 2))

    assert of_places == pytest.approx(taught([each.mean(axis=(1, 2)) for each in maps]), abs=1e-4)


def test_teachers_count_alike_whatever_the_size_of_their_numbers() -> None:
    maps = [_maps(5), _maps(7)]
    larger = [maps[0], 1000 * maps[1]]

    ours, theirs = _learnt(maps)(maps), _learnt(larger)(larger)

    # Up to the signs of the directions.
    assert np.abs(ours) == pytest.approx(np.abs(theirs), abs=1e-2)


def test_what_varies_within_products_counts_little() -> None:
    product = RANDOM.normal(size=(20, 3)).repeat(4, axis=0)
    within = 3 * RANDOM.normal(size=(80, 3))
    vectors = np.concatenate([product, within], axis=1).astype(np.float32)

    taught = TeachingMap.learnt([vectors], LABELS, dimension=3, shrinkage=0.01)

    strength = np.linalg.norm(taught.matrix, axis=1)
    assert strength[:3].min() > 10 * strength[3:].max()


def test_targets_of_whole_pictures_have_a_mean_square_length_of_one() -> None:
    maps = [_maps(5), _maps(7)]

    targets = _learnt(maps)([each.mean(axis=(1, 2)) for each in maps])

    assert np.square(targets).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-4)


def test_a_file_keeps_it(tmp_path: Path) -> None:
    maps = [_maps(5), _maps(7)]
    taught = _learnt(maps)
    taught.write(tmp_path / "map.npz")

    assert np.array_equal(TeachingMap.read(tmp_path / "map.npz")(maps), taught(maps))


def test_says_what_is_missing() -> None:
    vectors = [_maps(5).mean(axis=(1, 2))]
    with pytest.raises(SettingsInvalid, match="Choose a smaller one"):
        TeachingMap.learnt(vectors, LABELS, dimension=6, shrinkage=0.5)
    with pytest.raises(SettingsInvalid, match="alike: product_id"):
        TeachingMap.learnt(vectors, np.full(80, -1), dimension=2, shrinkage=0.5)
