import pytest
import torch

from training.mining.curriculum import CurriculumPairMiner

ANGLES = torch.tensor([0.0, 0.1, 0.3, 0.7, 1.5, 1.8, 2.2, 3.0])
EMBEDDINGS = torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)
LABELS = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2])


def of_the_first_picture(share: float, progress: float) -> tuple[set[int], set[int]]:
    """Its positives and negatives; on a half circle both lie in the order of their numbers."""
    miner = CurriculumPairMiner(share)
    miner.advance(progress)
    a, p, b, n = miner(EMBEDDINGS, LABELS)
    return set(p[a == 0].tolist()), set(n[b == 0].tolist())


def test_difficulty_rises() -> None:
    assert of_the_first_picture(0.5, 0.0) == ({1, 2}, {6, 7})
    assert of_the_first_picture(0.5, 0.5) == ({1, 2}, {5, 6})
    assert of_the_first_picture(0.5, 1.0) == ({2, 3}, {4, 5})


def test_all_pairs_are_a_share_of_one() -> None:
    assert of_the_first_picture(1.0, 0.3) == ({1, 2, 3}, {4, 5, 6, 7})


def test_every_picture_keeps_a_pair_of_each_kind_it_has() -> None:
    a, p, b, n = CurriculumPairMiner(0.01)(EMBEDDINGS, LABELS)
    assert sorted(a.tolist()) == [0, 1, 2, 3, 4, 5, 6]  # the last has no positive
    assert sorted(b.tolist()) == list(range(8))
    assert (LABELS[a] == LABELS[p]).all()
    assert (a != p).all()
    assert (LABELS[b] != LABELS[n]).all()


def test_the_mean_distance_of_pairs_moves_with_progress() -> None:
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(40, 8), dim=1)
    labels = torch.arange(40) // 5
    miner = CurriculumPairMiner(0.3)
    means = []
    for progress in (0.0, 0.25, 0.5, 0.75, 1.0):
        miner.advance(progress)
        a, p, b, n = miner(vectors, labels)
        means.append(
            (
                float((vectors[a] - vectors[p]).norm(dim=1).mean()),
                float((vectors[b] - vectors[n]).norm(dim=1).mean()),
            )
        )
    positives, negatives = zip(*means, strict=True)
    assert list(positives) == sorted(positives)
    assert list(negatives) == sorted(negatives, reverse=True)


def test_what_is_no_share_or_progress_is_refused() -> None:
    with pytest.raises(ValueError, match="share is 0"):
        CurriculumPairMiner(0)
    with pytest.raises(ValueError, match=r"progress is 1.5"):
        CurriculumPairMiner(0.5).advance(1.5)
