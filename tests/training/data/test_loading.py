import numpy as np

from tests.pictures import drawn
from training.data.augmentation import Augmentation
from training.data.loading import Loader
from training.data.pixels import Pixels
from training.data.settings import USUAL_CHANGES

_PLAN = [[0, 2], [1, 1], [2, 0], [1, 2], [0, 1]]


def loader(threads: int = 2) -> Loader:
    table = np.stack([np.asarray(drawn(each, (40, 40)), dtype=np.uint8) for each in range(4)])
    return Loader(
        Pixels(table, {}),
        np.array([3, 1, 0]),
        Augmentation(USUAL_CHANGES, side=32, seed=7),
        threads=threads,
    )


def test_gives_every_batch_of_the_plan_as_one_after_the_other_would_be() -> None:
    augmentation = Augmentation(USUAL_CHANGES, side=32, seed=7)
    with loader() as loading:
        found = list(loading.batches(_PLAN, epoch=4))

    expected = augmentation(np.asarray(drawn(1, (40, 40)), dtype=np.uint8), epoch=4, draw=3)
    assert [each.shape for each in found] == [(2, 32, 32, 3)] * 5
    assert np.array_equal(found[1][1], expected)
    assert not np.array_equal(found[1][0], found[1][1])


def test_goes_on_in_the_middle_as_if_it_had_not_stopped() -> None:
    with loader() as loading:
        whole = list(loading.batches(_PLAN, epoch=1))
    with loader(threads=1) as loading:
        rest = list(loading.batches(_PLAN, epoch=1, first=3))

    assert np.array_equal(np.stack(rest), np.stack(whole[3:]))
