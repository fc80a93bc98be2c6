import numpy as np
import pytest
from scipy.stats import bootstrap

from evaluation.intervals import Bootstrap


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(1).random(200)


class TestBootstrap:
    def test_agrees_with_scipys_where_every_query_is_its_own_group(self, values) -> None:
        ours = Bootstrap(np.arange(200), draws=4000).mean(values)

        theirs = bootstrap(
            (values,), np.mean, n_resamples=4000, method="percentile", rng=2
        ).confidence_interval
        assert ours.mean == pytest.approx(values.mean())
        assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.004)

    def test_copies_of_queries_in_their_groups_do_not_narrow_it(self, values) -> None:
        once = Bootstrap(np.arange(200)).mean(values)
        copied = Bootstrap(np.tile(np.arange(200), 5)).mean(np.tile(values, 5))
        ungrouped = Bootstrap(np.arange(1000)).mean(np.tile(values, 5))

        assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=1e-6)
        assert ungrouped.high - ungrouped.low < 0.6 * (once.high - once.low)

    def test_groups_count_by_their_queries(self) -> None:
        """Two groups, of one query and of three: the mean is over queries, drawn by group."""
        interval = Bootstrap(np.array([0, 1, 1, 1])).mean(np.array([1.0, 0.0, 0.0, 0.0]))

        assert (interval.mean, interval.low, interval.high) == (0.25, 0.0, 1.0)

    def test_differences_are_paired(self, values) -> None:
        bootstrap = Bootstrap(np.arange(200))
        worse = values - 0.01

        assert bootstrap.mean(worse).high > bootstrap.mean(values).low
        difference = bootstrap.difference(values, worse)
        assert difference.low == pytest.approx(0.01, abs=1e-6)

    def test_is_the_same_for_the_same_seed(self, values) -> None:
        groups = np.arange(200) // 3

        assert Bootstrap(groups).mean(values) == Bootstrap(groups).mean(values)
        assert Bootstrap(groups).mean(values) != Bootstrap(groups, seed=1).mean(values)

    def test_needs_queries(self) -> None:
        with pytest.raises(ValueError, match="no queries"):
            Bootstrap(np.array([], dtype=np.int64))
