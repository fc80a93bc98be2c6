import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.errors import SettingsInvalid
from training.networks.neck import build_neck, start_whitened

LABELS = np.repeat(np.arange(12), [2, 3, 5, 2, 4, 1, 6, 3, 2, 5, 3, 4]).astype(np.int64)


def features() -> NDArray[np.float32]:
    """Products differ in the first three of six columns, pictures of one product in the others."""
    random = np.random.default_rng(0)
    products = np.concatenate([random.normal(size=(12, 3)), np.zeros((12, 3))], axis=1)
    within = random.normal(size=(len(LABELS), 6)) * [0.2, 0.3, 0.2, 3.0, 2.0, 4.0]
    return (5.0 + products[LABELS] + within).astype(np.float32)


def projected(dimension: int, *, whitened: bool) -> NDArray[np.float32]:
    torch.manual_seed(0)
    neck = build_neck(6, dimension=dimension, batch_norm=False)
    if whitened:
        start_whitened(neck[0], features(), LABELS)
    with torch.inference_mode():
        found: NDArray[np.float32] = neck(torch.from_numpy(features())).numpy()
    return found


def cosines(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units @ units.T


def test_a_whitened_start_has_the_cosines_of_whitening_by_hand() -> None:
    given = features().astype(float)
    scatter, weight = np.zeros((6, 6)), 0.0
    for product in range(12):
        own = given[np.flatnonzero(product == LABELS)]
        if len(own) > 1:
            for picture in own:
                apart = picture - own.mean(axis=0)
                scatter += np.outer(apart, apart) / np.sqrt(len(own))
            weight += np.sqrt(len(own))
    within = scatter / weight
    shrunk = 0.3 * within + 0.7 * np.trace(within) / 6 * np.eye(6)
    values, vectors = np.linalg.eigh(shrunk)
    whitening = vectors / np.sqrt(values) @ vectors.T
    expected = cosines((given - given.mean(axis=0)) @ whitening)
    np.testing.assert_allclose(cosines(projected(6, whitened=True)), expected, atol=1e-4)


def test_fewer_dimensions_are_those_of_most_scatter() -> None:
    few, all_of_them = projected(2, whitened=True), projected(6, whitened=True)
    scatter = np.sort(np.linalg.eigvalsh(np.cov(all_of_them.T)))[::-1]
    kept = np.sort(np.linalg.eigvalsh(np.cov(few.T)))[::-1]
    # Up to the size of the weights, which is set afterwards.
    assert kept[0] / kept[1] == pytest.approx(scatter[0] / scatter[1], rel=1e-3)


def test_both_starts_have_weights_of_one_size() -> None:
    torch.manual_seed(0)
    projection = build_neck(6, dimension=3, batch_norm=True)[0]
    size = projection.weight.norm().item()
    start_whitened(projection, features(), LABELS)
    assert projection.weight.norm().item() == pytest.approx(size, rel=1e-5)


def test_more_dimensions_than_components_are_refused() -> None:
    few = features()[:4]
    with pytest.raises(SettingsInvalid, match="dimension is 6, and the 4 pictures"):
        start_whitened(build_neck(6, dimension=6, batch_norm=False)[0], few, LABELS[:4])
