import numpy as np
import pytest
import torch

from training.losses.triplet import TripletLoss
from training.mining.judgements import JudgementTriplets

JUDGEMENTS = np.array([[10, 11, 12], [10, 12, 13], [13, 10, 14], [99, 10, 11]])


def found_in(batch: list[int]) -> set[tuple[int, ...]]:
    triplets = JudgementTriplets(JUDGEMENTS)(torch.tensor(batch))
    return set(zip(*(each.tolist() for each in triplets), strict=True))


def test_judgements_wholly_in_the_batch_become_positions() -> None:
    assert found_in([12, 11, 10, 13]) == {(2, 1, 0), (2, 0, 3)}


def test_a_picture_twice_counts_once() -> None:
    assert found_in([10, 11, 10, 12]) == {(0, 1, 3)}


def test_a_batch_without_a_judgement_costs_nothing() -> None:
    triplets = JudgementTriplets(JUDGEMENTS)(torch.tensor([10, 11]))
    assert [each.dtype for each in triplets] == [torch.int64] * 3
    embeddings = torch.eye(2, requires_grad=True)
    loss = TripletLoss(0.2)(embeddings, torch.zeros(2, dtype=torch.int64), triplets)
    assert loss.item() == 0.0


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4, 2\), not \(m, 3\)"):
        JudgementTriplets(JUDGEMENTS[:, :2])
