"""Ten products of four pictures each, two pictures of which are filed wrongly."""

import statistics

import pytest
import torch
from torch import nn

from training.mining.curriculum import CurriculumPairMiner
from training.mining.noisy_positives import Dropped, NoisyPositivesDropped
from training.mining.triplets import HardMiner

LABELS = torch.arange(40) // 4
WRONG = (3, 30)


def pictures() -> torch.Tensor:
    torch.manual_seed(0)
    centres = torch.eye(10).repeat_interleave(4, dim=0)
    vectors = centres + 0.1 * torch.randn(40, 10)
    vectors[3], vectors[30] = vectors[20] + 0.01, vectors[0] + 0.01
    return nn.functional.normalize(vectors, dim=1)


def pairs_of(found: tuple[torch.Tensor, ...]) -> set[tuple[int, int]]:
    return set(zip(found[0].tolist(), found[1].tolist(), strict=True))


def test_pairs_beyond_the_bound_are_dropped() -> None:
    vectors = pictures()
    pairs = [(i, j) for i in range(40) for j in range(40) if i != j and LABELS[i] == LABELS[j]]
    distances = {(i, j): float((vectors[i] - vectors[j]).norm()) for i, j in pairs}
    median = statistics.median_low(distances.values())
    deviation = statistics.median_low([abs(each - median) for each in distances.values()])
    believed = {pair for pair in pairs if distances[pair] <= median + 4 * 1.4826 * deviation}
    assert believed == {(i, j) for i, j in pairs if i not in WRONG and j not in WRONG}
    dropping = NoisyPositivesDropped(None, 4)
    found = dropping(vectors, LABELS)
    assert pairs_of(found) == believed
    assert len(found[2]) == 40 * 36  # no negative went
    assert dropping.dropped == Dropped(last=6, total=6)  # three pairs of each wrong picture


@pytest.mark.parametrize("miner", [HardMiner(), CurriculumPairMiner(1.0)])
def test_mined_indices_lose_the_same_pairs(miner: nn.Module) -> None:
    dropping = NoisyPositivesDropped(miner, 4)
    all_of_them = pairs_of(miner(pictures(), LABELS))
    found = dropping(pictures(), LABELS)
    expected = {(i, j) for i, j in all_of_them if i not in WRONG and j not in WRONG}
    assert expected < all_of_them
    assert pairs_of(found) == expected
    if len(found) == 3:
        assert len(found[0]) == len(found[1]) == len(found[2])


def test_counts_go_on_from_batch_to_batch() -> None:
    dropping = NoisyPositivesDropped(None, 4)
    dropping(pictures(), LABELS)
    dropping(pictures()[4:12], LABELS[4:12])  # nothing is wrong here
    assert dropping.dropped == Dropped(last=0, total=6)


def test_a_batch_without_positives_passes() -> None:
    dropping = NoisyPositivesDropped(None, 4)
    a, _, b, _ = dropping(torch.eye(3), torch.arange(3))
    assert (len(a), len(b)) == (0, 6)
