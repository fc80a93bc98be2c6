import threading

import faiss
import numpy as np
import pytest

from vector_index.exact import ExactIndex


@pytest.fixture(scope="module")
def gallery(unit_vectors):
    """3,000 vectors under scattered ids, handed over out of order."""
    ids = np.random.default_rng(1).permutation(9_000)[:3_000].astype(np.int64)
    return ids, unit_vectors(3_000, 24)


@pytest.fixture(scope="module")
def index(gallery):
    return ExactIndex.build(*gallery)


@pytest.fixture(scope="module")
def by_id(gallery):
    ids, vectors = gallery
    return dict(zip(ids.tolist(), vectors, strict=True))


def assert_same(answer, expected):
    np.testing.assert_array_equal(answer[0], expected[0])
    np.testing.assert_allclose(answer[1], expected[1], rtol=0, atol=1e-7)


class TestBuild:
    def test_holds_the_ids_in_ascending_order(self, index, gallery):
        assert len(index) == 3_000
        assert index.dimension == 24
        np.testing.assert_array_equal(index.ids(), np.sort(gallery[0]))

    def test_an_empty_index_answers_with_padding(self, unit_vectors):
        index = ExactIndex.build(np.empty(0, np.int64), np.empty((0, 24), np.float32))
        ids, similarities = index.nearest(unit_vectors(2, 24), 3)
        assert ids.tolist() == [[-1] * 3] * 2
        assert np.isneginf(similarities).all()

    def test_refuses_an_id_given_twice(self, unit_vectors):
        with pytest.raises(ValueError, match="id 7 is given twice"):
            ExactIndex.build(np.array([7, 1, 7]), unit_vectors(3, 8))

    def test_refuses_a_negative_id(self, unit_vectors):
        with pytest.raises(ValueError, match="id -4 is negative"):
            ExactIndex.build(np.array([7, -4]), unit_vectors(2, 8))

    def test_refuses_more_ids_than_vectors(self, unit_vectors):
        with pytest.raises(ValueError, match="3 ids for 2 vectors"):
            ExactIndex.build(np.array([7, 1, 2]), unit_vectors(2, 8))

    @pytest.mark.parametrize(
        "vectors",
        [np.ones((2, 1), np.float64), np.ones(2, np.float32), [[1.0], [1.0]]],
        ids=["float64", "one-dimensional", "list"],
    )
    def test_refuses_vectors_of_another_type_or_shape(self, vectors):
        with pytest.raises(ValueError, match="float32 array of shape"):
            ExactIndex.build(np.array([1, 2]), vectors)

    def test_refuses_ids_of_another_type(self, unit_vectors):
        with pytest.raises(ValueError, match="ids must be an int64 array"):
            ExactIndex.build(np.array([1.0, 2.0]), unit_vectors(2, 8))

    @pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1e30, 0.9])
    def test_refuses_vectors_that_are_not_of_unit_length(self, value):
        vectors = np.array([[1, 0], [value, 0]], np.float32)
        with np.errstate(over="ignore"), pytest.raises(ValueError, match=r"row 1 has length"):
            ExactIndex.build(np.array([1, 2]), vectors)


class TestNearest:
    @pytest.mark.parametrize("count", [1, 10, 100, 2_999, 3_000, 3_500])
    def test_equals_naive_search(self, index, by_id, unit_vectors, naive_nearest, count):
        queries = unit_vectors(3, 24, seed=5)
        assert_same(index.nearest(queries, count), naive_nearest(by_id, queries, count))

    @pytest.mark.parametrize("allowed_count", [0, 1, 5, 29, 61, 300, 1_500, 2_900, 3_000])
    @pytest.mark.parametrize("count", [1, 10, 50])
    def test_filtered_equals_naive_search(
        self, index, gallery, by_id, unit_vectors, naive_nearest, allowed_count, count
    ):
        allowed = np.random.default_rng(allowed_count).permutation(gallery[0])[:allowed_count]
        queries = unit_vectors(2, 24, seed=6)
        assert_same(
            index.nearest(queries, count, allowed), naive_nearest(by_id, queries, count, allowed)
        )

    def test_ignores_allowed_ids_that_are_unknown_or_repeated(self, index, gallery, unit_vectors):
        known = gallery[0][:4]
        allowed = np.concatenate([known, known, np.array([-5, 9_001, 2**62])])
        ids, _ = index.nearest(unit_vectors(1, 24), 10, allowed)
        assert sorted(ids[0][:4].tolist()) == sorted(known.tolist())
        assert ids[0][4:].tolist() == [-1] * 6

    def test_a_large_batch_equals_its_queries_one_by_one(self, index, unit_vectors):
        queries = unit_vectors(100, 24, seed=7)
        ids, similarities = index.nearest(queries, 10)
        assert ids.shape == similarities.shape == (100, 10)
        assert (ids.dtype, similarities.dtype) == (np.int64, np.float32)
        for row, query in enumerate(queries):
            alone_ids, alone_similarities = index.nearest(query[np.newaxis], 10)
            np.testing.assert_array_equal(alone_ids[0], ids[row])
            np.testing.assert_array_equal(alone_similarities[0], similarities[row])

    def test_no_query_no_row(self, index):
        ids, similarities = index.nearest(np.empty((0, 24), np.float32), 4)
        assert ids.shape == similarities.shape == (0, 4)

    def test_leaves_the_number_of_openmp_threads_as_it_was(self, index, unit_vectors):
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(3)
        try:
            index.nearest(unit_vectors(1, 24), 4)
            assert faiss.omp_get_max_threads() == 3
        finally:
            faiss.omp_set_num_threads(before)

    def test_refuses_queries_of_another_dimension(self, index, unit_vectors):
        with pytest.raises(ValueError, match="queries have 8 dimensions, but the index has 24"):
            index.nearest(unit_vectors(1, 8), 4)

    def test_refuses_a_single_query_without_its_batch_axis(self, index, unit_vectors):
        with pytest.raises(ValueError, match=r"got float32 of shape \(24,\)"):
            index.nearest(unit_vectors(1, 24)[0], 4)

    def test_refuses_a_count_below_one(self, index, unit_vectors):
        with pytest.raises(ValueError, match="count must be at least 1"):
            index.nearest(unit_vectors(1, 24), 0)

    def test_refuses_allowed_ids_that_are_not_int64(self, index, unit_vectors):
        with pytest.raises(ValueError, match="allowed must be an int64 array"):
            index.nearest(unit_vectors(1, 24), 1, np.array([True, False]))

    def test_threads_with_different_filters_do_not_meet(self, index, gallery, unit_vectors):
        query = unit_vectors(1, 24, seed=8)
        filters = [None, *(np.sort(gallery[0][part::7]) for part in range(7))]
        expected = [index.nearest(query, 20, allowed)[0] for allowed in filters]
        wrong = []

        def search(turn: int) -> None:
            for step in range(100):
                choice = (turn + step) % len(filters)
                found, _ = index.nearest(query, 20, filters[choice])
                if not np.array_equal(found, expected[choice]):
                    wrong.append(choice)

        threads = [threading.Thread(target=search, args=(turn,)) for turn in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


@pytest.fixture(scope="module")
def tied(unit_vectors):
    """700 copies of one vector scattered among 800 others."""
    vectors = unit_vectors(1_500, 24, seed=9)
    order = np.random.default_rng(2).permutation(1_500)
    vectors[order[:700]] = vectors[order[0]]
    ids = np.random.default_rng(3).permutation(5_000)[:1_500].astype(np.int64)
    return ids, vectors, vectors[order[:1]]


class TestTies:
    """Shops sell one thing under many numbers: hundreds of equal pictures."""

    @pytest.mark.parametrize("count", [1, 9, 10, 64, 699, 700, 701, 1_000])
    @pytest.mark.parametrize("share", [None, 0.02, 0.3, 0.9])
    def test_equal_vectors_come_by_ascending_id(self, tied, naive_nearest, count, share):
        ids, vectors, twin = tied
        allowed = None if share is None else ids[np.random.default_rng(4).random(1_500) < share]
        queries = np.concatenate([twin, vectors[5:6], -twin])
        by_id = dict(zip(ids.tolist(), vectors, strict=True))
        assert_same(
            ExactIndex.build(ids, vectors).nearest(queries, count, allowed),
            naive_nearest(by_id, queries, count, allowed),
        )

    def test_equal_vectors_get_one_similarity_however_they_are_found(self, tied, unit_vectors):
        ids, vectors, twin = tied
        copies = np.sort(ids[(vectors == twin).all(axis=1)])
        index = ExactIndex.build(ids, vectors)
        query = unit_vectors(1, 24, seed=10)
        found = np.concatenate(
            [index.nearest(query, 700, copies[::step])[1].ravel() for step in (1, 2, 3, 40)]
        )
        assert np.unique(found[np.isfinite(found)]).size == 1

    def test_a_shorter_answer_is_the_beginning_of_a_longer_one(self, tied, unit_vectors):
        ids, vectors, twin = tied
        index = ExactIndex.build(ids, vectors)
        queries = np.concatenate([twin, unit_vectors(3, 24, seed=11)])
        longest = index.nearest(queries, 1_500)
        for count in (1, 10, 50, 200, 900):
            answer = index.nearest(queries, count)
            np.testing.assert_array_equal(answer[0], longest[0][:, :count])
            np.testing.assert_array_equal(answer[1], longest[1][:, :count])

    def test_everything_tied(self):
        vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (5_000, 1))
        index = ExactIndex.build(np.arange(5_000)[::-1].copy(), vectors)
        ids, _ = index.nearest(np.array([[1, 0]], np.float32), 10)
        assert ids[0].tolist() == list(range(10))


class TestWithout:
    def test_hides_ids_and_fills_their_slots(self, index, by_id, unit_vectors, naive_nearest):
        queries = unit_vectors(2, 24, seed=12)
        best = index.nearest(queries, 40)[0].ravel()
        reduced = index.without(best)
        left = {identity: by_id[identity] for identity in by_id if identity not in set(best)}
        assert len(reduced) == len(left)
        np.testing.assert_array_equal(reduced.ids(), sorted(left))
        assert_same(reduced.nearest(queries, 30), naive_nearest(left, queries, 30))

    @pytest.mark.parametrize("allowed_count", [10, 1_500])
    def test_hidden_ids_stay_hidden_when_allowed(
        self, index, gallery, by_id, unit_vectors, naive_nearest, allowed_count
    ):
        allowed = gallery[0][:allowed_count]
        gone = allowed[::2]
        left = {identity: by_id[identity] for identity in allowed[1::2].tolist()}
        queries = unit_vectors(1, 24, seed=13)
        assert_same(
            index.without(gone).nearest(queries, 8, allowed), naive_nearest(left, queries, 8)
        )

    def test_adds_up_and_leaves_the_original_alone(self, index, gallery):
        first, second = gallery[0][:3], gallery[0][2:6]
        assert len(index.without(first).without(second)) == 2_994
        assert len(index) == 3_000

    def test_unknown_or_already_hidden_ids_change_nothing(self, index, gallery):
        assert index.without(np.array([9_999])) is index
        reduced = index.without(gallery[0][:3])
        assert reduced.without(gallery[0][:2]) is reduced

    def test_everything_can_be_hidden(self, index, unit_vectors):
        emptied = index.without(index.ids())
        assert len(emptied) == 0
        assert emptied.nearest(unit_vectors(1, 24), 2)[0].tolist() == [[-1, -1]]


class TestMerged:
    def test_joins_what_can_still_be_found(self, unit_vectors):
        vectors = unit_vectors(6, 8)
        odd = ExactIndex.build(np.array([1, 3, 5]), vectors[[1, 3, 5]])
        even = ExactIndex.build(np.array([4, 2, 0]), vectors[[4, 2, 0]])
        merged = ExactIndex.merged([odd.without(np.array([3])), even], 8)
        assert merged.ids().tolist() == [0, 1, 2, 4, 5]
        for identity in merged.ids():
            ids, similarities = merged.nearest(vectors[identity][np.newaxis], 1)
            whole = even if identity % 2 == 0 else odd
            assert ids[0, 0] == identity
            assert similarities == whole.nearest(vectors[identity][np.newaxis], 1)[1]
