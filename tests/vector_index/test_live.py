import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vector_index.exact import ExactIndex
from vector_index.live import LiveIndex

NOTHING = np.empty(0, np.int64)

# Every component and inner product is exact in half precision, and many of them tie.
PALETTE = np.concatenate([np.eye(4), -np.eye(4), np.full((1, 4), 0.5), [[0.5, 0.5, -0.5, -0.5]]])
PALETTE = PALETTE.astype(np.float32)


def of(*ids: int):
    return np.array(ids, np.int64)


def no_vectors(dimension: int):
    return np.empty((0, dimension), np.float32)


@pytest.fixture
def vectors(unit_vectors):
    return unit_vectors(400, 16, seed=20)


@pytest.fixture
def live(vectors):
    """Ids 0..299 in the snapshot."""
    return LiveIndex(ExactIndex.build(np.arange(300), vectors[:300]), 16)


class TestApply:
    def test_an_upsert_is_found(self, live, vectors):
        live.apply(of(1_000), vectors[300:301], NOTHING)
        ids, _ = live.nearest(vectors[300:301], 1)
        assert ids.tolist() == [[1_000]]
        assert (len(live), live.delta_size) == (301, 1)

    def test_an_upsert_replaces_the_vector_of_the_snapshot(self, live, vectors):
        live.apply(of(7), vectors[300:301], NOTHING)
        assert live.nearest(vectors[300:301], 1)[0].tolist() == [[7]]
        assert live.nearest(vectors[7:8], 1)[0].tolist() != [[7]]
        assert (len(live), live.delta_size) == (300, 1)
        assert live.ids().tolist() == list(range(300))

    def test_an_upsert_replaces_an_earlier_upsert(self, live, vectors):
        live.apply(of(900, 901), vectors[300:302], NOTHING)
        live.apply(of(900), vectors[302:303], NOTHING)
        ids, similarities = live.nearest(vectors[300:301], 301)
        assert (ids == 900).sum() == 1
        assert similarities[0, 0] < 0.99
        assert (len(live), live.delta_size) == (302, 2)

    def test_of_an_id_given_twice_the_last_vector_counts(self, live, vectors):
        live.apply(of(900, 901, 900), vectors[300:303], NOTHING)
        assert live.nearest(vectors[302:303], 1)[0].tolist() == [[900]]
        assert live.nearest(vectors[300:301], 1)[0].tolist() != [[900]]
        assert len(live) == 302

    def test_deletes_reach_snapshot_and_delta(self, live, vectors):
        live.apply(of(900), vectors[300:301], NOTHING)
        live.apply(NOTHING, no_vectors(16), of(900, 7))
        assert len(live) == 299
        assert not {900, 7} & set(live.ids().tolist())
        assert not {900, 7} & set(live.nearest(vectors[[7]], 299)[0].ravel().tolist())

    def test_a_deleted_id_can_come_back(self, live, vectors):
        live.apply(NOTHING, no_vectors(16), of(7))
        live.apply(of(7), vectors[7:8], NOTHING)
        assert live.nearest(vectors[7:8], 1)[0].tolist() == [[7]]
        assert len(live) == 300

    def test_deleting_what_is_not_there_changes_nothing(self, live):
        live.apply(NOTHING, no_vectors(16), of(12_345))
        assert len(live) == 300

    def test_works_without_a_snapshot(self, vectors):
        live = LiveIndex(None, 16)
        assert live.nearest(vectors[:1], 2)[0].tolist() == [[-1, -1]]
        assert live.ids().tolist() == []
        live.apply(of(5), vectors[:1], NOTHING)
        assert live.nearest(vectors[:1], 2)[0].tolist() == [[5, -1]]

    def test_an_id_both_upserted_and_deleted_is_refused_and_nothing_changes(self, live, vectors):
        with pytest.raises(ValueError, match="id 7 is both upserted and deleted"):
            live.apply(of(900, 7), vectors[300:302], of(3, 7))
        assert live.ids().tolist() == list(range(300))

    def test_refuses_vectors_of_another_dimension(self, live, unit_vectors):
        with pytest.raises(ValueError, match="vectors have 8 dimensions, but the index has 16"):
            live.apply(of(1), unit_vectors(1, 8), NOTHING)

    def test_refuses_more_ids_than_vectors(self, live, vectors):
        with pytest.raises(ValueError, match="2 upserts for 1 vectors"):
            live.apply(of(1, 2), vectors[:1], NOTHING)

    def test_refuses_a_base_of_another_dimension(self, vectors):
        with pytest.raises(ValueError, match="16 dimensions, the live index 8"):
            LiveIndex(ExactIndex.build(np.arange(2), vectors[:2]), 8)


class TestNearest:
    def test_a_vector_scores_the_same_in_delta_and_snapshot(self, vectors, unit_vectors):
        published = ExactIndex.build(np.arange(400), vectors)
        live = LiveIndex(None, 16)
        for start in range(0, 400, 37):
            chunk = np.arange(start, min(start + 37, 400))
            live.apply(chunk, vectors[chunk], NOTHING)
        queries = unit_vectors(5, 16, seed=21)
        for mine, theirs in zip(
            live.nearest(queries, 400), published.nearest(queries, 400), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)

    def test_deleted_vectors_never_eat_slots(self, live, vectors, naive_nearest):
        best = live.nearest(vectors[:1], 100)[0][0]
        live.apply(NOTHING, no_vectors(16), best)
        ids, similarities = live.nearest(vectors[:1], 200)
        left = {i: vectors[i] for i in range(300) if i not in set(best.tolist())}
        expected_ids, expected = naive_nearest(left, vectors[:1], 200)
        np.testing.assert_array_equal(ids, expected_ids)
        np.testing.assert_allclose(similarities, expected, rtol=0, atol=1e-7)

    def test_a_filter_reaches_both_parts(self, live, vectors):
        live.apply(of(900, 901), vectors[300:302], of(11))
        ids, _ = live.nearest(vectors[:1], 6, of(901, 10, 11, 4_444, 12))
        assert sorted(ids[0].tolist()) == [-1, -1, -1, 10, 12, 901]

    def test_copies_tie_across_parts_by_id(self, vectors):
        """Some of 600 copies in the snapshot, some replaced, some new, some deleted."""
        twin = np.tile(vectors[:1], (600, 1))
        live = LiveIndex(ExactIndex.build(np.arange(0, 1_200, 2), twin), 16)
        live.apply(np.arange(1, 600, 3), twin[:200], np.arange(0, 100, 6))
        expected = sorted((set(range(0, 1_200, 2)) | set(range(1, 600, 3))) - set(range(0, 100, 6)))
        for count in (5, 50, len(expected)):
            assert live.nearest(vectors[:1], count)[0][0].tolist() == expected[:count]

    def test_many_changes_keep_search_complete(self, unit_vectors, naive_nearest):
        """Enough upserts, in uneven portions, for several segments to form and join."""
        rng = np.random.default_rng(22)
        vectors = unit_vectors(9_000, 8, seed=23)
        live, model = LiveIndex(None, 8), {}
        start = 0
        while start < len(vectors):
            portion = vectors[start : start + int(rng.integers(1, 1_500))]
            ids = rng.integers(0, 6_000, len(portion))
            live.apply(ids, portion, NOTHING)
            model.update(zip(ids.tolist(), portion, strict=True))
            start += len(portion)
        assert len(live) == live.delta_size == len(model)
        assert live.ids().tolist() == sorted(model)
        queries = unit_vectors(2, 8, seed=24)
        np.testing.assert_array_equal(
            live.nearest(queries, 300)[0], naive_nearest(model, queries, 300)[0]
        )


ids_strategy = st.integers(0, 30)
palette_strategy = st.integers(0, len(PALETTE) - 1)
change_strategy = st.tuples(
    st.dictionaries(ids_strategy, palette_strategy, max_size=8), st.sets(ids_strategy, max_size=8)
)


class TestAgainstADictionary:
    @settings(deadline=None, max_examples=150)
    @given(
        base=st.none() | st.dictionaries(ids_strategy, palette_strategy),
        changes=st.lists(change_strategy, max_size=6),
        query=palette_strategy,
        count=st.integers(1, 40),
        allowed=st.none() | st.lists(st.integers(-3, 40), max_size=40),
    )
    def test_any_history(self, naive_nearest, base, changes, query, count, allowed):
        model = {} if base is None else {i: PALETTE[colour] for i, colour in base.items()}
        snapshot = None
        if base is not None:
            snapshot = ExactIndex.build(
                np.array(list(base), np.int64), PALETTE[list(base.values())].reshape(-1, 4)
            )
        live = LiveIndex(snapshot, 4)
        chosen = None if allowed is None else np.array(allowed, np.int64)
        for upserts, deletes in [({}, set()), *changes]:
            deletes = deletes - set(upserts)
            live.apply(
                np.array(list(upserts), np.int64),
                PALETTE[list(upserts.values())].reshape(-1, 4),
                np.array(list(deletes), np.int64),
            )
            model.update({i: PALETTE[colour] for i, colour in upserts.items()})
            for identity in deletes:
                model.pop(identity, None)
            assert len(live) == len(model)
            assert live.ids().tolist() == sorted(model)
            expected = naive_nearest(model, PALETTE[[query]], count, chosen)
            answer = live.nearest(PALETTE[[query]], count, chosen)
            np.testing.assert_array_equal(answer[0], expected[0])
            np.testing.assert_array_equal(answer[1], expected[1])


class TestReadersWhileWriting:
    GENERATIONS = 60
    ADDED = 40

    def test_every_answer_is_one_state(self):
        """Each change gives ten ids a new vector and adds forty ids: never half of it."""
        angles = np.linspace(0.1, 1.4, self.GENERATIONS + 1)
        group = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).astype(np.float32)
        query = np.array([[1, 0, 0]], np.float32)
        filler = np.array([[0, 0, 1]], np.float32)
        live = LiveIndex(ExactIndex.build(np.arange(10), np.repeat(group[:1], 10, axis=0)), 3)
        expected = group[:, 0].astype(np.float16).astype(np.float32)
        longest = 10 + self.GENERATIONS * self.ADDED
        torn, seen, done = [], [], threading.Event()

        def read() -> None:
            last = -1
            while not done.is_set():
                ids, similarities = live.nearest(query, longest)
                added = np.count_nonzero(ids[0] >= 10)
                generation, rest = divmod(int(added), self.ADDED)
                whole = rest == 0 and ids[0, :10].tolist() == list(range(10))
                if not whole or (similarities[0, :10] != expected[generation]).any():
                    torn.append((generation, rest))
                if generation < last:
                    torn.append((generation, last))
                last = generation
                seen.append(generation)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for generation in range(1, self.GENERATIONS + 1):
            new = 10 + (generation - 1) * self.ADDED + np.arange(self.ADDED)
            live.apply(
                np.concatenate([np.arange(10), new]),
                np.concatenate(
                    [
                        np.repeat(group[[generation]], 10, axis=0),
                        np.repeat(filler, self.ADDED, axis=0),
                    ]
                ),
                NOTHING,
            )
        done.set()
        for reader in readers:
            reader.join()
        assert torn == []
        assert seen
        assert len(live) == longest

    def test_writers_take_turns(self, unit_vectors):
        vectors = unit_vectors(4, 8)
        live = LiveIndex(None, 8)

        def write(lane: int) -> None:
            for step in range(100):
                live.apply(of(lane * 100 + step), vectors[lane : lane + 1], NOTHING)

        writers = [threading.Thread(target=write, args=(lane,)) for lane in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert live.ids().tolist() == list(range(400))
