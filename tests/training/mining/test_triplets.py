"""Mined triplets beside loops over all of them."""

import torch

from training.mining.triplets import HardMiner, SemiHardMiner

LABELS = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 3])
EMBEDDINGS = torch.nn.functional.normalize(
    torch.randn(9, 4, generator=torch.Generator().manual_seed(3)), dim=1
)
DISTANCES = [[float((a - b).norm()) for b in EMBEDDINGS] for a in EMBEDDINGS]
PRODUCTS = LABELS.tolist()
TRIPLETS = [
    (a, p, n)
    for a in range(9)
    for p in range(9)
    for n in range(9)
    if a != p and PRODUCTS[a] == PRODUCTS[p] != PRODUCTS[n]
]


def test_semi_hard() -> None:
    found = SemiHardMiner(0.2)(EMBEDDINGS, LABELS)
    expected = [
        (a, p, n)
        for a, p, n in TRIPLETS
        if DISTANCES[a][p] < DISTANCES[a][n] <= DISTANCES[a][p] + 0.2
    ]
    assert 0 < len(expected) < len(TRIPLETS)
    assert set(zip(*(each.tolist() for each in found), strict=True)) == set(expected)


def test_hard() -> None:
    found = HardMiner()(EMBEDDINGS, LABELS)
    expected = set()
    for anchor in range(8):  # the ninth picture has no positive
        own = [(a, p, n) for a, p, n in TRIPLETS if a == anchor]
        expected.add(
            (
                anchor,
                max({p for _, p, _ in own}, key=lambda p: DISTANCES[anchor][p]),
                min({n for _, _, n in own}, key=lambda n: DISTANCES[anchor][n]),
            )
        )
    assert set(zip(*(each.tolist() for each in found), strict=True)) == expected
