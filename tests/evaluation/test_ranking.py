import numpy as np
import pytest

from evaluation import trials
from evaluation.errors import ContenderBroken
from evaluation.metrics import average_precision
from evaluation.ranking import rank
from evaluation.relations import OTHER, RELEVANT, Relation
from evaluation.trials import Trial, label_trial
from tests.evaluation.making import Given, picture_set

COUNT = 40


@pytest.fixture
def trial() -> Trial:
    labels = np.random.default_rng(1).integers(0, 8, COUNT).astype(str).tolist()
    return label_trial(
        picture_set({"class": labels}, contents=[str(each).encode() for each in range(COUNT)]),
        Relation(("class",)),
    )


def descriptions() -> list[np.ndarray]:
    return [np.array([each]) for each in range(COUNT)]


def naive_ranks(trial: Trial, scores: np.ndarray) -> list[list[int]]:
    """By sorting each query's gallery: the greatest first, of equals the relevant last."""
    ranks = []
    for query in trial.queries:
        verdicts = trial.judge(np.array([query]), trial.gallery)[0]
        asked = [
            (-scores[query, place], verdict == RELEVANT)
            for place, verdict in zip(trial.gallery, verdicts, strict=True)
            if verdict in (RELEVANT, OTHER)
        ]
        ranks.append([at for at, (_, right) in enumerate(sorted(asked), 1) if right])
    return ranks


class TestRank:
    @pytest.mark.parametrize("levels", [2, 5, 10**6])
    def test_agrees_with_sorting_whatever_is_tied(self, trial: Trial, levels: int) -> None:
        scores = np.random.default_rng(2).integers(0, levels, (COUNT, COUNT)).astype(np.float32)

        ranking = rank(trial, Given(scores), descriptions())

        expected = naive_ranks(trial, scores)
        assert ranking.found.ranks.tolist() == [each for ranks in expected for each in ranks]
        assert ranking.found.counts.tolist() == [len(ranks) for ranks in expected]

    def test_does_not_depend_on_the_size_of_blocks(
        self, trial: Trial, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scores = np.random.default_rng(3).random((COUNT, COUNT), dtype=np.float32)
        whole = rank(trial, Given(scores), descriptions())
        monkeypatch.setattr(trials, "_JUDGED_AT_ONCE", 3 * COUNT)
        steps: list[int] = []

        by_threes = rank(trial, Given(scores), descriptions(), advance=steps.append)

        assert max(steps) == 3
        assert by_threes.found.ranks.tolist() == whole.found.ranks.tolist()

    def test_keeps_the_first_hits_and_the_nearest_right_one(self, trial: Trial) -> None:
        scores = np.random.default_rng(4).random((COUNT, COUNT), dtype=np.float32)

        ranking = rank(trial, Given(scores), descriptions())

        for row, query in enumerate(trial.queries):
            verdicts = trial.judge(np.array([query]), trial.gallery)[0]
            asked = np.where(verdicts == -1, -np.inf, scores[query])
            assert ranking.hits[row].tolist() == np.argsort(-asked)[:6].tolist()
            right = np.where(verdicts == RELEVANT, scores[query], -np.inf)
            assert ranking.nearest[row] == right.argmax()

    def test_a_contender_that_tells_nothing_apart_gains_nothing(self, trial: Trial) -> None:
        ranking = rank(trial, Given(np.ones((COUNT, COUNT), np.float32)), descriptions())

        others = len(trial.gallery) - 1 - ranking.found.counts
        assert ranking.found.first.tolist() == (others + 1).tolist()
        assert average_precision(ranking.found).max() < 0.3

    def test_refuses_what_is_no_ranking(self, trial: Trial) -> None:
        with pytest.raises(ContenderBroken, match="not numbers"):
            rank(trial, Given(np.full((COUNT, COUNT), np.nan, np.float32)), descriptions())
