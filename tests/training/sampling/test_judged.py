import numpy as np
import pytest
import torch

from training.mining.judgements import JudgementTriplets
from training.sampling.judged import JudgementBatches

JUDGEMENTS = np.array([[0, 1, 2], [0, 2, 3], [4, 0, 1], [5, 6, 7], [7, 0, 6]])


def test_an_epoch_shows_every_judgement_whole() -> None:
    batches = JudgementBatches(JUDGEMENTS, 2, seed=0)
    drawn = list(batches)
    assert len(drawn) == len(batches) == 3
    assert all(len(set(batch)) == len(batch) for batch in drawn)
    miner = JudgementTriplets(JUDGEMENTS)
    seen = set()
    for batch in drawn:
        positions = torch.stack(miner(torch.tensor(batch)), dim=1).tolist()
        seen |= {tuple(batch[position] for position in each) for each in positions}
    assert seen == set(map(tuple, JUDGEMENTS.tolist()))


def test_seed_and_epoch_alone_decide() -> None:
    batches = JudgementBatches(JUDGEMENTS, 2, seed=0)
    first = list(batches)
    assert list(batches) == first
    batches.set_epoch(1)
    assert list(batches) != first


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="no judgement"):
        JudgementBatches(JUDGEMENTS[:0], 2, seed=0)
