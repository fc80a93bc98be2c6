"""Chooses a head by cross-validation, measures it where it chose nothing, and learns it from all.

Products are dealt into folds. The head that a fold is asked with is learnt from the other folds,
and so is its recipe: of these in turn one is held out, and what finds most there is taken. The
heads learnt without two folds serve both: each fold's choice looks at its own half of the answers.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from embedding.linear_head.linear_map import LinearMap
from evaluation.intervals import Interval
from evaluation.tuning.paired import JointBootstrap
from evaluation.watching import Watch
from training.errors import DataInvalid
from training.linear.asking import Answers, answers, folds_of, mean_of
from training.linear.head import head_of
from training.linear.material import FOLDS, Floats, Material
from training.linear.recipes import DIMENSIONS, TOLERANCE, Recipe, tried
from training.linear.results import BASE, HEAD, JOINED, Learnt, Measured
from training.linear.vectors import Blocks, Whitening, unit
from training.linear.whitening import discriminative

_Folds = frozenset[int]
_Task = tuple[_Folds, tuple[float, ...], str, tuple[Recipe, ...]]
_Answered = Mapping[tuple[_Folds, Recipe], Answers]


def learn(
    material: Material,
    blocks: Mapping[str, Floats],
    *,
    threads: int,
    watch: Watch,
    seed: int = 0,
) -> Learnt:
    """`blocks`: name -> float32 (n, d) unit vectors of all pictures, the model's own first.

    Raises DataInvalid where holding products out leaves none of several pictures to learn from.
    """
    began = time.perf_counter()
    with watch.step("find the directions pictures differ in", 1):
        course = _Course(material, Blocks.of(list(blocks.values())), threads, seed)
    recipes = tried(len(blocks), course.columns())
    pairs = [frozenset(each) for each in combinations(range(FOLDS), 2)]
    singles = [frozenset({each}) for each in range(FOLDS)]
    answered = course.answered([(each, recipes) for each in (*pairs, *singles)], watch, "choose")
    by_fold = [course.best(recipes, answered, asked=fold) for fold in range(FOLDS)]
    of_all = course.best(recipes, answered, asked=None)
    # Reduced once the rest is chosen: of every recipe it would take as long again.
    wanted = [
        *((pair, [each for fold in pair for each in _reduced(by_fold[fold])]) for pair in pairs),
        *((one, [*_reduced(by_fold[min(one)]), *_reduced(of_all)]) for one in singles),
    ]
    answered = {**answered, **course.answered(wanted, watch, "choose the dimension")}
    by_fold = [
        course.smallest([each, *_reduced(each)], answered, asked=fold)
        for fold, each in enumerate(by_fold)
    ]
    of_all = course.smallest([of_all, *_reduced(of_all)], answered, asked=None)
    with watch.step("measure", 1):
        measured = course.measured(by_fold, answered)
        head = course.head(of_all)
    return Learnt(
        model=next(iter(blocks)),
        blocks=tuple(blocks),
        sources=material.sources,
        asked_by_all=material.asked_by_all,
        split_by=material.split_by,
        recipe=of_all,
        chosen_by_fold=tuple(by_fold),
        head=head,
        measured=measured,
        classes=material.with_several(of_all.column),
        pictures=material.count,
        seconds=time.perf_counter() - began,
    )


def _reduced(recipe: Recipe) -> list[Recipe]:
    return [replace(recipe, dimension=each) for each in DIMENSIONS]


class _Course:
    """The folds of one learning, and what is asked of them."""

    def __init__(self, material: Material, blocks: Blocks, threads: int, seed: int) -> None:
        self._material = material
        self._blocks = blocks
        self._threads = threads
        self._fold = folds_of(material, seed=seed)
        trials = [
            (catalogue.rows, trial)
            for catalogue in material.catalogues
            for trial in catalogue.trials
        ]
        self._fold_asked = [self._fold[rows][trial.queries] for rows, trial in trials]
        if missing := set(range(FOLDS)) - set(np.concatenate(self._fold_asked).tolist()):
            raise DataInvalid(
                f"{', '.join(material.sources)}: dealt into {FOLDS} parts, {len(missing)} would "
                f"have no product to ask for, since sources share too many. Leave some out."
            )
        self._seed = seed

    def columns(self) -> list[str]:
        """Whose classes can be learnt, whatever is held out. Raises DataInvalid for none."""
        found = [name for name in self._material.classes if self._always_several(name)]
        if not found:
            raise DataInvalid(
                f"{', '.join(self._material.sources)}: too few products have several pictures: "
                f"some parts of {FOLDS} are without any. Add pictures or another SOURCE."
            )
        return found

    def _always_several(self, column: str) -> bool:
        labels = self._material.classes[column]
        left = [
            ~np.isin(self._fold, pair) & (labels >= 0) for pair in combinations(range(FOLDS), 2)
        ]
        return all(np.bincount(labels[some]).max(initial=0) > 1 for some in left)

    def answered(
        self, wanted: Iterable[tuple[_Folds, Sequence[Recipe]]], watch: Watch, name: str
    ) -> _Answered:
        """Of heads learnt without some folds, the answers to these."""
        tasks = [task for held_out, recipes in wanted for task in _tasks(held_out, recipes)]
        found: dict[tuple[_Folds, Recipe], Answers] = {}
        with watch.step(name, len(tasks)) as advance, ThreadPoolExecutor(self._threads) as pool:
            for (held_out, *_, recipes), all_ in zip(
                tasks, pool.map(self._answers, tasks), strict=True
            ):
                found |= {(held_out, each): one for each, one in zip(recipes, all_, strict=True)}
                advance(1)
        return found

    def _answers(self, task: _Task) -> list[Answers]:
        held_out, shares, column, recipes = task
        taught = ~np.isin(self._fold, list(held_out))
        joined = self._blocks.joined(shares)
        whitening = Whitening.learnt(joined, self._material.classes[column], taught)
        unscaled = whitening.unscaled(joined)
        candidates: dict[Recipe, Floats] = {}
        for shrinkage in {each.shrinkage: None for each in recipes}:
            whitened = unscaled * whitening.spectrum.scales(shrinkage)
            alike = [each for each in recipes if each.shrinkage == shrinkage]
            if any(each.dimension is not None for each in alike):
                whitened = whitened @ discriminative(whitened[taught])
            candidates |= {each: unit(whitened[:, : each.dimension]) for each in alike}
        in_order = [candidates[each] for each in recipes]
        return answers(self._material, in_order, self._fold, held_out)

    def best(self, recipes: Sequence[Recipe], answered: _Answered, *, asked: int | None) -> Recipe:
        """What finds most in the folds but `asked`, learnt without that and the one it is asked
        in; of several that find as much the one tried first."""
        return max(recipes, key=self._score(answered, asked))

    def smallest(
        self, recipes: Sequence[Recipe], answered: _Answered, *, asked: int | None
    ) -> Recipe:
        """The one of fewest dimensions that is as good as the first, which has all."""
        score = self._score(answered, asked)
        least = score(recipes[0]) - TOLERANCE
        return [each for each in recipes if score(each) >= least][-1]

    def _score(self, answered: _Answered, asked: int | None) -> Callable[[Recipe], float]:
        others = [fold for fold in range(FOLDS) if fold != asked]

        def score(recipe: Recipe) -> float:
            found = []
            for fold in others:
                held_out = frozenset({fold} if asked is None else {fold, asked})
                found.append(mean_of(answered[held_out, recipe], self._fold_asked, {fold}))
            return float(np.mean(found))

        return score

    def measured(self, by_fold: Sequence[Recipe], answered: _Answered) -> Measured:
        everything = range(FOLDS)
        ours = self._by_own_fold(
            [answered[frozenset({fold}), recipe] for fold, recipe in enumerate(by_fold)]
        )
        shares = {each.shares for each in by_fold}
        alone = (1.0, *(0.0 for _ in self._blocks.coordinates[1:]))
        candidates = [unit(self._blocks.as_searched(each)) for each in (alone, *shares)]
        base, *found = answers(self._material, candidates, self._fold, everything)
        of_shares = dict(zip(shares, found, strict=True))
        joined = self._by_own_fold([of_shares[each.shares] for each in by_fold])
        return measured({HEAD: ours, JOINED: joined, BASE: base}, self._material.questions,
                        self._material.units_asked, seed=self._seed)  # fmt: skip

    def _by_own_fold(self, answered: Sequence[Answers]) -> Answers:
        """Of each query the answer that its own fold's contestant gave."""
        return tuple(
            np.stack([each[question] for each in answered])[dealt, np.arange(len(dealt))]
            for question, dealt in enumerate(self._fold_asked)
        )

    def head(self, recipe: Recipe) -> LinearMap:
        """Learnt from all pictures."""
        everyone = np.ones(self._material.count, dtype=np.bool_)
        return head_of(self._blocks, self._material.classes[recipe.column], recipe, everyone)


def _tasks(held_out: _Folds, recipes: Sequence[Recipe]) -> list[_Task]:
    """One for each decomposition: recipes that differ in no more than shrinkage and dimension."""
    alike: dict[tuple[tuple[float, ...], str], dict[Recipe, None]] = {}
    for each in recipes:
        alike.setdefault((each.shares, each.column), {})[each] = None
    return [(held_out, *key, tuple(some)) for key, some in alike.items()]


def measured(
    found: Mapping[str, Answers],
    questions: Sequence[str],
    units: Sequence[NDArray[np.int64]],
    *,
    leader: str = HEAD,
    seed: int = 0,
) -> Measured:
    """`found`: contestant -> answers, those of the `leader` among them, whose gains over the others
    are measured; `units`: of each question (queries,)."""
    joint = JointBootstrap(units, seed=seed)
    alone = [JointBootstrap([each], seed=seed) for each in units]
    ahead = {
        rival: tuple(ours - theirs for ours, theirs in zip(found[leader], values, strict=True))
        for rival, values in found.items()
        if rival != leader
    }

    def by_question(values: Mapping[str, Answers]) -> dict[str, dict[str, Interval]]:
        return {
            name: {
                question: own.mean([one])
                for question, own, one in zip(questions, alone, each, strict=True)
            }
            for name, each in values.items()
        }

    return Measured(
        mean={name: joint.mean(each) for name, each in found.items()},
        by_question=by_question(found),
        gains={name: joint.mean(each) for name, each in ahead.items()},
        gains_by_question=by_question(ahead),
        queries={name: len(each) for name, each in zip(questions, units, strict=True)},
        units=joint.unit_count,
    )
