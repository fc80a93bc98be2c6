"""OASIS against the paper's own steps, and against what judgements are known to say."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.adapters.oasis import MARGIN, Oasis, met
from training.adapters.state import CHOOSING, MEASURING, State
from training.errors import CheckpointInvalid
from training.linear.vectors import unit

LENGTH = 10


def judged(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Judgements of somebody to whom only the first three numbers matter."""
    random = np.random.default_rng(seed)
    vectors = unit(random.normal(size=(3 * count, LENGTH)).astype(np.float32))
    triplets = vectors.reshape(count, 3, LENGTH)
    seen = unit(vectors[:, :3]).reshape(count, 3, 3)
    wrong = np.einsum("nd,nd->n", seen[:, 0], seen[:, 1] - seen[:, 2]) < 0.0
    triplets[wrong] = triplets[wrong][:, [0, 2, 1]]
    return triplets


def naive(triplets: NDArray[np.float32], aggressiveness: float) -> NDArray[np.float64]:
    """Algorithm 1 of the paper, with whole matrices."""
    matrix = np.eye(LENGTH)
    for query, closer, farther in triplets.astype(np.float64):
        gradient = np.outer(query, closer - farther)
        loss = max(0.0, MARGIN - query @ matrix @ closer + query @ matrix @ farther)
        matrix = matrix + min(aggressiveness, loss / (gradient**2).sum()) * gradient
    return matrix


def test_steps_are_those_of_the_paper() -> None:
    triplets = judged(200)
    learner = Oasis.begun(LENGTH, 0.1).extended(triplets.reshape(-1, LENGTH)).taught(triplets)
    ours = np.eye(LENGTH) + learner.directions @ learner.moved @ learner.directions.T
    assert np.allclose(ours, naive(triplets, 0.1), atol=1e-3)


def test_the_head_is_the_projection_onto_semidefinite_matrices() -> None:
    triplets = judged(300)
    learner = Oasis.begun(LENGTH, 2.0).extended(triplets.reshape(-1, LENGTH)).taught(triplets)
    matrix = naive(triplets, 2.0)
    values, axes = np.linalg.eigh((matrix + matrix.T) / 2)
    assert values.min() < -0.1  # or there would be nothing to project
    nearest = (axes * np.maximum(values, 0.0)) @ axes.T
    head = learner.head().matrix
    assert np.allclose(head @ head.T, nearest, atol=2e-2)


def test_before_any_judgement_it_is_the_model_as_it_is() -> None:
    triplets = judged(5)
    head = Oasis.begun(LENGTH, 0.1).extended(triplets.reshape(-1, LENGTH)).head()
    assert np.allclose(head(triplets[:, 0]), triplets[:, 0], atol=1e-6)


def test_judgements_teach_what_matters_to_whoever_judges() -> None:
    learner = Oasis.begun(LENGTH, 0.1).extended(np.eye(LENGTH, dtype=np.float32))
    others = judged(400, seed=1)
    before, after = (
        met(None, others).mean(),
        met(learner.taught(judged(2000)).head(), others).mean(),
    )
    assert before < 0.75 < 0.85 < after


def test_directions_not_judged_yet_stay_as_they_are_until_they_are() -> None:
    random = np.random.default_rng(2)
    first = np.zeros((6, LENGTH), np.float32)
    first[:, :4] = random.normal(size=(6, 4))
    begun = Oasis.begun(LENGTH, 0.1).extended(first, most=4)
    axes = begun.directions
    assert np.allclose(axes[4:], 0.0, atol=1e-6)
    triplets = judged(50)
    outside = np.zeros((1, LENGTH), np.float32)
    outside[0, 7] = 1.0
    head = begun.taught(triplets).head()
    assert np.allclose(outside @ head.matrix, outside, atol=1e-6)
    more = begun.extended(random.normal(size=(20, LENGTH)).astype(np.float32), most=9)
    assert np.allclose(more.directions[:, : axes.shape[1]], axes)
    assert np.allclose(
        more.directions.T @ more.directions, np.eye(more.directions.shape[1]), atol=1e-5
    )
    assert axes.shape[1] < more.directions.shape[1] <= 9


def digests(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def test_judgements_that_arrive_later_go_on_from_the_stored_state(tmp_path: Path) -> None:
    triplets, names = judged(300), digests(300)
    at_once = State.begun(LENGTH).after(triplets, names)
    first = State.begun(LENGTH).after(triplets[:120], names[:120])
    first.write(tmp_path / "state.npz")
    read = State.read(tmp_path / "state.npz", LENGTH)
    new = read.fresh(names)
    assert new.tolist() == [False] * 120 + [True] * 180
    later = read.after(triplets[new], names[new])
    for one, other in zip(at_once.learners, later.learners, strict=True):
        assert np.allclose(one.head().matrix, other.head().matrix, atol=1e-3)
    assert np.array_equal(at_once.held_out, later.held_out)
    assert at_once.taught == later.taught == 300 - len(later.held_out)


def test_held_out_judgements_teach_nothing_and_share_no_query_with_those_that_do() -> None:
    triplets, names = judged(300), digests(300)
    names[150:, :8] = names[:150, :8]  # each query asks twice
    state = State.begun(LENGTH).after(triplets, names)
    assert set(state.role) == {CHOOSING, MEASURING}
    held_out = np.array([(each == state.held_out).all(axis=(1, 2)).any() for each in triplets])
    assert np.array_equal(held_out[:150], held_out[150:])
    others = State.begun(LENGTH).after(triplets[~held_out], names[~held_out])
    assert np.allclose(others.learners[1].head().matrix, state.learners[1].head().matrix, atol=1e-3)


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.npz"
    State.begun(LENGTH).after(judged(20), digests(20)).write(file)
    with pytest.raises(CheckpointInvalid, match="another length"):
        State.read(file, LENGTH + 1)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(CheckpointInvalid, match="Remove it"):
        State.read(file, LENGTH)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("moved", np.zeros((3, 2, 2), np.float32)),
        ("directions", np.full((LENGTH, LENGTH), np.nan, np.float32)),
        ("seen", np.zeros((20, 32), np.int64)),
        ("role", np.zeros(1, np.int64)),
        ("held_out", np.zeros(3, np.float32)),
    ],
)
def test_a_state_whose_arrays_do_not_fit_is_damaged(
    tmp_path: Path, name: str, other: NDArray[np.generic]
) -> None:
    file = tmp_path / "state.npz"
    State.begun(LENGTH).after(judged(20), digests(20)).write(file)
    with np.load(file) as kept:
        arrays = {each: kept[each] for each in kept.files}
    np.savez(file, **{**arrays, name: other})
    with pytest.raises(CheckpointInvalid, match="is damaged"):
        State.read(file, LENGTH)
