import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vector_index.agreement import agreement
from vector_index.clustered import ClusteredIndex
from vector_index.exact import ExactIndex
from vector_index.live import LiveIndex
from vector_index.scanning import scanned

COUNT, DIMENSION, CLUSTERS = 6_000, 32, 64
NOTHING = np.empty(0, np.int64)


def of(*ids: int):
    return np.array(ids, np.int64)


@pytest.fixture(scope="module")
def gallery(neighbourhoods):
    """6,000 vectors under scattered ids, handed over out of order."""
    ids = np.random.default_rng(1).permutation(3 * COUNT)[:COUNT].astype(np.int64)
    return ids, neighbourhoods(COUNT, DIMENSION, seed=2)


@pytest.fixture(scope="module")
def queries(neighbourhoods):
    """Of the same neighbourhoods, but none of the vectors indexed."""
    return neighbourhoods(120, DIMENSION, seed=3)


@pytest.fixture(scope="module")
def index(gallery):
    return ClusteredIndex.build(*gallery, CLUSTERS)


@pytest.fixture(scope="module")
def exact(gallery):
    return ExactIndex.build(*gallery)


def recall(found, expected) -> float:
    """Share of the expected ids found, over all rows; -1 stands for nothing on both sides."""
    hits = wanted = 0
    for mine, theirs in zip(found, expected, strict=True):
        true = set(theirs[theirs >= 0].tolist())
        hits += len(true & set(mine.tolist()))
        wanted += len(true)
    return hits / wanted


def assert_exactly_scored(answer, exact, queries) -> None:
    """Every similarity has the bits that exact search gives, in its order, ids distinct."""
    for row, (ids, similarities) in enumerate(zip(*answer, strict=True)):
        met = ids[ids >= 0]
        assert len(np.unique(met)) == len(met)
        if met.size:
            expected_ids, expected = exact.nearest(queries[row : row + 1], len(met), met)
            np.testing.assert_array_equal(met, expected_ids[0])
            np.testing.assert_array_equal(similarities[: len(met)], expected[0])
        assert (ids[len(met) :] == -1).all()
        assert np.isneginf(similarities[len(met) :]).all()


class TestBuild:
    def test_looks_into_few_clusters(self, index):
        """Else every other test here would pass for an index that leaves nothing out."""
        assert index.recipe == "pca32-ivf64-sq8"
        assert index.plan.probes[0] < CLUSTERS / 3
        assert list(index.plan.probes) == sorted(index.plan.probes)

    def test_holds_the_ids_in_ascending_order(self, index, gallery):
        assert (len(index), index.dimension) == (COUNT, DIMENSION)
        np.testing.assert_array_equal(index.ids(), np.sort(gallery[0]))

    def test_the_same_vectors_give_the_same_index(self, index, gallery, queries):
        ids, vectors = gallery
        other = ClusteredIndex.build(ids[::-1].copy(), vectors[::-1].copy(), CLUSTERS)
        assert other.plan == index.plan
        for mine, theirs in zip(
            other.nearest(queries, 30), index.nearest(queries, 30), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)

    def test_leaves_the_arrays_it_is_given_alone(self, neighbourhoods):
        ids, vectors = np.arange(500), neighbourhoods(500, 8, seed=4)
        before = vectors.copy()
        index = ClusteredIndex.build(ids, vectors, 8)
        ids[:] = 7
        np.testing.assert_array_equal(vectors, before)
        assert index.ids().tolist() == list(range(500))

    def test_codes_score_nearly_as_their_vectors(self, gallery, queries):
        """Every axis is kept at so few dimensions: rounding to eight bits is all that is lost."""
        store = ClusteredIndex.build(*gallery, CLUSTERS).store
        ids, vectors = gallery
        stored = vectors[np.argsort(ids)]
        for query in queries[:5]:
            projected = store.projection.of_query(query)
            places, scores = scanned(store.lists, projected, COUNT, np.arange(CLUSTERS), None)
            assert sorted(places.tolist()) == list(range(COUNT))
            np.testing.assert_allclose(scores, stored[places] @ query, atol=0.02)

    def test_the_shortlists_hold_what_the_plan_promises(self, index, exact, queries):
        plan = index.plan
        assert all(s >= d for s, d in zip(plan.shortlists, plan.depths, strict=True))
        assert plan.shortlists[0] < 60

    @pytest.mark.parametrize("distinct", [1, 2])
    def test_of_nothing_but_copies(self, unit_vectors, distinct):
        """All centroids tie, and most clusters are empty."""
        vectors = np.repeat(unit_vectors(distinct, 16, seed=4), 3_000 // distinct, axis=0)
        index = ClusteredIndex.build(np.arange(3_000), vectors, 64)
        assert index.nearest(vectors[:1], 40)[0][0].tolist() == list(range(40))

    def test_refuses_more_clusters_than_vectors(self, neighbourhoods):
        with pytest.raises(ValueError, match="3 vectors cannot be divided into 4 clusters"):
            ClusteredIndex.build(np.arange(3), neighbourhoods(3, 8), 4)

    def test_refuses_an_id_given_twice(self, neighbourhoods):
        with pytest.raises(ValueError, match="id 5 is given twice"):
            ClusteredIndex.build(np.array([5, 6, 5]), neighbourhoods(3, 8), 2)


class TestNearest:
    @pytest.mark.parametrize("count", [1, 10, 28, 100])
    def test_finds_nearly_everything(self, index, exact, queries, count):
        expected, _ = exact.nearest(queries, count)
        found, _ = index.nearest(queries, count)
        assert recall(found, expected) >= 0.98

    @pytest.mark.parametrize("count", [1, 10, 100, 1_500])
    def test_scores_as_exact_search_does(self, index, exact, queries, count):
        answer = index.nearest(queries[:20], count)
        assert (answer[0] >= 0).all()
        assert_exactly_scored(answer, exact, queries)

    @pytest.mark.parametrize("count", [COUNT, COUNT + 50])
    def test_asked_for_everything_it_is_exact(self, index, exact, queries, count):
        for mine, theirs in zip(
            index.nearest(queries[:3], count), exact.nearest(queries[:3], count), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)

    def test_beyond_the_plan_next_to_nothing_is_missed(self, index, exact, queries):
        found = index.nearest(queries[:3], 4_500)[0]
        assert recall(found, exact.nearest(queries[:3], 4_500)[0]) >= 0.995

    def test_within_a_step_a_shorter_answer_begins_a_longer_one(self, index, queries):
        for shorter, longer in [(1, 10), (10, 28), (31, 100), (101, 400), (400, 1_000)]:
            short, long = index.nearest(queries, shorter), index.nearest(queries, longer)
            np.testing.assert_array_equal(short[0], long[0][:, :shorter])
            np.testing.assert_array_equal(short[1], long[1][:, :shorter])

    def test_from_step_to_step_more_is_found_and_the_order_stays(self, index, queries):
        for shorter, longer in [(100, 101), (1_000, 1_001), (100, 4_001)]:
            short, long = (
                index.nearest(queries[:30], shorter)[0],
                index.nearest(queries[:30], longer)[0],
            )
            assert recall(long, short) >= 0.97
            for mine, theirs in zip(short, long, strict=True):
                common = set(mine.tolist()) & set(theirs.tolist())
                kept = [each for each in mine.tolist() if each in common]
                assert [each for each in theirs.tolist() if each in common] == kept
                # What is no longer there was pushed off the end by what came in.
                assert kept == mine[: len(kept)].tolist()

    def test_the_company_of_a_query_changes_nothing(self, index, queries):
        together = index.nearest(queries, 10)
        for row in range(20):
            alone = index.nearest(queries[row : row + 1], 10)
            np.testing.assert_array_equal(alone[0][0], together[0][row])
            np.testing.assert_array_equal(alone[1][0], together[1][row])

    def test_thousands_of_copies_tie_by_id(self, neighbourhoods):
        """More copies than a search fetches at first, in one cluster with others."""
        vectors = neighbourhoods(3_000, 16, seed=5)
        vectors[500:2_500] = vectors[0]
        index = ClusteredIndex.build(np.arange(3_000), vectors, 32)
        copies = [0, *range(500, 2_500)]
        for count in (1, 50, 700):
            ids, similarities = index.nearest(vectors[:1], count)
            assert ids[0].tolist() == copies[:count]
            assert len(np.unique(similarities)) == 1

    def test_copies_at_the_end_of_the_shortlist_tie_by_id(self, neighbourhoods, unit_vectors):
        """Too few to make up half of it, and more than it has room for."""
        vectors = neighbourhoods(COUNT, DIMENSION, seed=5)
        query = unit_vectors(1, DIMENSION, seed=6)
        noise = 0.02 * unit_vectors(25, DIMENSION, seed=7)
        vectors[:25] = (query + noise) / np.linalg.norm(query + noise, axis=1, keepdims=True)
        copy = query + 0.3 * unit_vectors(1, DIMENSION, seed=8)
        copies = np.arange(1_000, 1_060)
        vectors[copies] = copy / np.linalg.norm(copy)
        ids = np.random.default_rng(9).permutation(COUNT)
        index = ClusteredIndex.build(ids, vectors, CLUSTERS)
        assert 30 < index.plan.shortlists[0] < 85
        for count in (30, 70):
            found = index.nearest(query, count)[0][0].tolist()
            assert sorted(found[:25]) == sorted(ids[:25])
            assert found[25:] == sorted(ids[copies])[: count - 25]

    def test_no_queries(self, index):
        ids, similarities = index.nearest(np.empty((0, DIMENSION), np.float32), 3)
        assert ids.shape == similarities.shape == (0, 3)

    def test_refuses_what_exact_search_refuses(self, index, unit_vectors):
        with pytest.raises(ValueError, match="8 dimensions, but the index has 32"):
            index.nearest(unit_vectors(1, 8), 1)
        with pytest.raises(ValueError, match="count must be at least 1"):
            index.nearest(unit_vectors(1, DIMENSION), 0)
        with pytest.raises(ValueError, match="allowed must be an int64 array"):
            index.nearest(unit_vectors(1, DIMENSION), 1, np.array([0.5]))

    def test_agreement_is_what_a_naive_count_gives(self, index, gallery):
        """Fewer clusters than planned, so that there is something to miss."""
        ids, vectors = gallery
        hasty = index.plan.model_copy(update={"probes": (1, 1, 1)})
        store = ClusteredIndex.build(ids, vectors, CLUSTERS).store
        store.plan = hasty
        measured = agreement(ClusteredIndex(store), ids, vectors, queries=40)
        hits = 0
        for row in np.random.default_rng(0).permutation(COUNT)[:40]:
            exact = vectors @ vectors[row]
            exact[row] = -1
            best = set(ids[np.argsort(-exact)[:10]].tolist())
            found = ClusteredIndex(store).nearest(vectors[row : row + 1], 11)[0][0]
            hits += len(best & set(found[found != ids[row]][:10].tolist()))
        assert measured == hits / 400 < 0.98
        assert agreement(index, ids, vectors, queries=40) >= 0.98


class TestFilters:
    @pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
    def test_random_ones(self, index, exact, gallery, queries, share):
        allowed = gallery[0][np.random.default_rng(6).random(COUNT) < share]
        found = index.nearest(queries, 10, allowed)
        assert recall(found[0], exact.nearest(queries, 10, allowed)[0]) >= 0.98
        assert np.isin(found[0], [*allowed, -1]).all()
        assert_exactly_scored(found, exact, queries)

    @pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
    def test_of_one_kind_of_picture(self, index, exact, gallery, queries, share):
        """Whole neighbourhoods are allowed, and those of most queries are not."""
        ids, vectors = gallery
        likeness = vectors @ vectors[0]
        allowed = ids[likeness > np.quantile(likeness, 1 - share)]
        found = index.nearest(queries, 10, allowed)
        assert recall(found[0], exact.nearest(queries, 10, allowed)[0]) >= 0.97
        assert_exactly_scored(found, exact, queries)

    def test_answers_are_filled_from_wherever_matches_lie(self, index, gallery, queries):
        """The least similar vectors of all: no cluster near the query holds one."""
        ids, vectors = gallery
        for query in queries[:5]:
            allowed = ids[np.argsort(vectors @ query)[:40]]
            found, _ = index.nearest(query[np.newaxis], 40, allowed)
            assert set(found[0].tolist()) == set(allowed.tolist())

    def test_none_one_all_and_unknown(self, index, exact, gallery, queries):
        ids = gallery[0]
        unknown = 3 * COUNT + 1
        assert (index.nearest(queries[:2], 3, NOTHING)[0] == -1).all()
        assert (index.nearest(queries[:2], 3, of(unknown))[0] == -1).all()
        one = index.nearest(queries[:2], 3, of(unknown, ids[0]))[0]
        assert one.tolist() == [[ids[0], -1, -1]] * 2
        everything = index.nearest(queries, 10, ids)
        assert recall(everything[0], exact.nearest(queries, 10)[0]) >= 0.98
        assert_exactly_scored(everything, exact, queries)

    def test_order_and_repetition_of_allowed_do_not_matter(self, index, gallery, queries):
        allowed = np.sort(gallery[0][:700])
        shuffled = np.random.default_rng(7).permutation(np.concatenate([allowed, allowed[:99]]))
        np.testing.assert_array_equal(
            index.nearest(queries, 10, allowed)[0], index.nearest(queries, 10, shuffled)[0]
        )

    def test_a_frozen_array_is_looked_up_once_for_as_long_as_it_lives(self, gallery, queries):
        index = ClusteredIndex.build(*gallery, CLUSTERS)
        known = index.store.selections._known
        allowed = np.sort(gallery[0][:500])
        index.nearest(queries[:1], 5, allowed)
        assert not known
        allowed.flags.writeable = False
        first = index.nearest(queries[:1], 5, allowed)[0]
        assert index.without(gallery[0][:1]).store.selections._known is known
        again = index.nearest(queries[:1], 5, allowed)[0]
        assert len(known) == 1
        np.testing.assert_array_equal(first, again)
        del allowed
        assert not known

    def test_an_array_that_changes_is_looked_up_again(self, index, gallery, queries):
        allowed = of(gallery[0][0])
        view = allowed[:]
        view.flags.writeable = False
        assert index.nearest(queries[:1], 1, view)[0].tolist() == [[gallery[0][0]]]
        allowed[0] = gallery[0][1]
        assert index.nearest(queries[:1], 1, view)[0].tolist() == [[gallery[0][1]]]


class TestWithout:
    def test_hides_and_shares(self, index, exact, queries):
        best = index.nearest(queries[:1], 100)[0][0]
        hidden = index.without(best)
        assert len(hidden) == COUNT - 100
        assert len(index) == COUNT
        assert not set(best.tolist()) & set(hidden.ids().tolist())
        assert hidden.store is index.store
        found = hidden.nearest(queries, 10)
        assert not set(best.tolist()) & set(found[0].ravel().tolist())
        expected = exact.without(best).nearest(queries, 10)[0]
        assert recall(found[0], expected) >= 0.98
        assert_exactly_scored(found, exact, queries)

    def test_adds_up(self, index, gallery, queries):
        ids = gallery[0]
        hidden = index.without(ids[:2_000]).without(ids[1_000:4_000])
        assert len(hidden) == 2_000
        assert set(hidden.ids().tolist()) == set(ids[4_000:].tolist())
        found = hidden.nearest(queries[:5], 2_500)[0]
        assert (found[:, :2_000] >= 0).all()
        assert (found[:, 2_000:] == -1).all()

    def test_unknown_or_hidden_ids_change_nothing(self, index, gallery):
        assert index.without(of(3 * COUNT + 5)) is index
        hidden = index.without(gallery[0][:3])
        assert hidden.without(gallery[0][:2]) is hidden

    def test_with_a_filter(self, index, gallery, queries):
        ids = gallery[0]
        found = index.without(ids[:50]).nearest(queries[:3], 80, ids[:100])[0]
        assert all(set(row.tolist()) == {*ids[50:100].tolist(), -1} for row in found)

    def test_everything(self, index, queries):
        nothing_left = index.without(index.ids())
        assert len(nothing_left) == 0
        assert (nothing_left.nearest(queries[:2], 2)[0] == -1).all()

    def test_compacted_is_the_same_without_what_is_hidden(self, index, gallery, exact, queries):
        hidden = index.without(gallery[0][:1_500])
        compact = hidden.compacted()
        np.testing.assert_array_equal(compact.ids(), hidden.ids())
        assert len(compact.store.ids) == COUNT - 1_500
        assert_exactly_scored(compact.nearest(queries[:20], 10), exact, queries)
        assert index.compacted() is index


class TestUnderALiveIndex:
    @settings(deadline=None, max_examples=12)
    @given(
        seed=st.integers(0, 1_000),
        upserts=st.integers(0, 60),
        deletes=st.integers(0, 60),
        count=st.sampled_from([1, 10, 6_100]),
    )
    def test_changes_reach_the_answer(
        self, index, gallery, neighbourhoods, seed, upserts, deletes, count
    ):
        """What comes back has the similarities of the vectors now stored, and no deleted id."""
        rng = np.random.default_rng(seed)
        ids, vectors = gallery
        now = dict(zip(ids.tolist(), vectors, strict=True))
        live = LiveIndex(index, DIMENSION)
        changed = rng.choice(4 * COUNT, upserts, replace=False)
        fresh = neighbourhoods(upserts, DIMENSION, seed=seed + 1) if upserts else vectors[:0]
        gone = np.setdiff1d(rng.choice(ids, deletes, replace=False), changed)
        live.apply(changed, fresh, gone)
        now.update(zip(changed.tolist(), fresh, strict=True))
        for identity in gone.tolist():
            del now[identity]
        truth = ExactIndex.build(np.array(list(now), np.int64), np.stack(list(now.values())))
        assert len(live) == len(truth)
        query = neighbourhoods(1, DIMENSION, seed=seed + 2)
        answer = live.nearest(query, count)
        assert_exactly_scored(answer, truth, query)
        if count > 6_000:
            np.testing.assert_array_equal(answer[0], truth.nearest(query, count)[0])


class TestThreads:
    def test_searches_side_by_side_answer_as_alone(self, index, gallery, queries):
        masked = index.without(gallery[0][:100])
        allowed = np.sort(gallery[0][:3_000])
        allowed.flags.writeable = False
        expected = [masked.nearest(queries[row : row + 1], 10, allowed)[0] for row in range(120)]
        wrong = []

        def ask(lane: int) -> None:
            for row in [*range(lane, 120), *range(lane)]:
                found = masked.nearest(queries[row : row + 1], 10, allowed)[0]
                if (found != expected[row]).any():
                    wrong.append(row)

        threads = [threading.Thread(target=ask, args=(lane * 15,)) for lane in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
