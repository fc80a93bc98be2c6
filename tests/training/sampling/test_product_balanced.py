from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.sampling.product_balanced import ProductBalancedBatches

LABELS = np.array([7, 7, 7, 7, 7, 3, 3, 9, 4, 4, 4, 12])


def epoch(batches: ProductBalancedBatches, number: int) -> list[list[int]]:
    batches.set_epoch(number)
    return list(batches)


@given(
    labels=st.lists(st.integers(0, 20), min_size=1, max_size=60).map(np.array),
    products=st.integers(2, 6),
    pictures=st.integers(1, 5),
)
def test_every_epoch_shows_each_product_once_in_even_batches(
    labels: NDArray[np.int64], products: int, pictures: int
) -> None:
    sampler = ProductBalancedBatches(labels, products, pictures, seed=1)
    batches = epoch(sampler, 0)
    assert len(batches) == len(sampler)
    shown: Counter[int] = Counter()
    sizes = set()
    for batch in batches:
        of_batch = labels[batch].reshape(-1, pictures)
        assert (of_batch == of_batch[:, :1]).all()  # those of a product side by side
        assert len(np.unique(of_batch[:, 0])) == len(of_batch) <= products
        shown.update(of_batch[:, 0].tolist())
        sizes.add(len(of_batch))
    assert shown == Counter(np.unique(labels).tolist())
    assert max(sizes) - min(sizes) <= 1


def test_few_pictures_are_repeated_evenly_and_many_are_drawn_without_repeating() -> None:
    (batch,) = epoch(ProductBalancedBatches(LABELS, 5, 4, seed=0), 0)
    drawn = {LABELS[four[0]]: Counter(four) for four in np.reshape(batch, (-1, 4)).tolist()}
    assert set(drawn[7].values()) == {1}
    assert drawn[3] == Counter({5: 2, 6: 2})
    assert drawn[9] == Counter({7: 4})
    assert sorted(drawn[4].values()) == [1, 1, 2]


def test_seed_and_epoch_alone_decide() -> None:
    first = ProductBalancedBatches(LABELS, 2, 2, seed=5)
    again = ProductBalancedBatches(LABELS, 2, 2, seed=5)
    assert epoch(first, 3) == epoch(again, 3) == epoch(first, 3)
    assert epoch(first, 3) != epoch(first, 4)
    assert epoch(first, 3) != epoch(ProductBalancedBatches(LABELS, 2, 2, seed=6), 3)


def test_what_has_nothing_to_tell_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        ProductBalancedBatches(np.array([], dtype=np.int64), 2, 2, seed=0)
    with pytest.raises(ValueError, match="nothing to tell apart"):
        ProductBalancedBatches(LABELS, 1, 4, seed=0)
