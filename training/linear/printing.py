"""A learnt head on a terminal: what was chosen, what it gains, and what to type next."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from embedding.fused.weights import written
from evaluation.intervals import Interval
from evaluation.table import bounds, percent
from evaluation.tuning.printing import signed_bounds
from training.linear.material import FOLDS
from training.linear.recipes import Recipe
from training.linear.results import BASE, HEAD, JOINED, Learnt


def print_learnt(learnt: Learnt, name: str | None, console: Console) -> None:
    """`name`: of the model that was made of it; None where none was."""
    console.print(_table(learnt))
    for line in [*_notes(learnt), "", *verdict(learnt), *_left_open(learnt, name)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def verdict(learnt: Learnt) -> list[str]:
    gained = _points(learnt.measured.gains[BASE])
    if learnt.is_gain:
        return [f"The head gains: {gained} points of R@1 over {learnt.model} as it is."]
    return [f"Nothing was gained: against {learnt.model} as it is {gained} points of R@1."]


def _left_open(learnt: Learnt, name: str | None) -> list[str]:
    """What the verdict does not tell."""
    seen_by_now = [
        "`likeness evaluate` on the same pictures will show more: the model that is made has "
        "learnt from all of them, and the gain above is of products that a head had not."
    ]
    told_apart = unmeasured(learnt.asked_by_all, learnt.model, name)
    return [*(seen_by_now if name is not None else []), *told_apart]


def unmeasured(asked_by_all: Sequence[str], model: str, name: str | None) -> list[str]:
    """What pictures of the catalogue alone cannot tell, and how it can be known. Nothing where
    queries were told apart in every source. `name`: of what was made of `model`, if it was."""
    if not asked_by_all:
        return []
    selected = "SOURCE.csv --queries COLUMN=VALUE --gallery COLUMN=VALUE"
    lines = [
        f"Only pictures of the catalogue asked ({', '.join(asked_by_all)}). Customers' own "
        "pictures look otherwise: whether more or fewer products are found by them was not "
        "measured. To choose and measure by some, put them into the CSV, told apart by a column:",
        f"  likeness train {selected}",
    ]
    if name is not None:
        lines += [
            "To compare both models by them:",
            f"  likeness evaluate {selected} --model {model} --model {name}",
        ]
    return lines


def left_out(unreadable: int) -> list[str]:
    if not unreadable:
        return []
    return [f"Pictures that cannot be read and were left out: {unreadable:,}."]


def described(recipe: Recipe, learnt: Learnt) -> str:
    named = zip(learnt.blocks, recipe.shares, strict=True)
    shares = written({name: share for name, share in named if share > 0.0})
    dimension = "" if recipe.dimension is None else f", {recipe.dimension} dimensions"
    return f"{shares}, by {recipe.column}, shrinkage {recipe.shrinkage:g}{dimension}"


def _table(learnt: Learnt) -> Table:
    measured = learnt.measured
    table = Table(title="R@1 on products that taught nothing", title_justify="left")
    table.add_column("what counts as found", overflow="fold")
    shown = [BASE, JOINED, HEAD] if len(learnt.blocks) > 1 else [BASE, HEAD]
    for name in shown:
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("gained", justify="right", overflow="fold")
    for question in measured.queries:
        table.add_row(
            escape(question),
            *_cells({name: measured.by_question[name][question] for name in shown}),
            _points(measured.gains_by_question[BASE][question]),
        )
    if len(measured.queries) > 1:
        table.add_section()
        table.add_row(
            "mean",
            *_cells({name: measured.mean[name] for name in shown}),
            _points(measured.gains[BASE]),
        )
    return table


def _cells(intervals: Mapping[str, Interval]) -> list[str]:
    return [f"{percent(each)} ({bounds(each)})" for each in intervals.values()]


def _points(interval: Interval) -> str:
    return f"{100 * interval.mean:+.1f} ({signed_bounds(interval)})"


def _notes(learnt: Learnt) -> list[str]:
    measured = learnt.measured
    split = " and ".join(learnt.split_by) or "picture"
    counts = ", ".join(f"{count:,} of {name}" for name, count in measured.queries.items())
    lines = [
        f"In percent; intervals hold 95 %, drawn by {split} ({measured.units:,}). "
        f"Queries: {counts}.",
        f"Split by {split} into {FOLDS} parts; each is asked with a head that the others taught "
        "and whose settings they chose, among all pictures of its source.",
        f"Chosen: {described(learnt.recipe, learnt)}.",
    ]
    if len(learnt.blocks) > 1:
        over = _points(measured.gains[JOINED])
        lines.append(f"Of the gain, {over} are the head's; the rest comes of joining.")
    others = {described(each, learnt) for each in learnt.chosen_by_fold}
    if others != {described(learnt.recipe, learnt)}:
        lines.append(
            f"With one of the {FOLDS} parts held out, the others chose: "
            f"{'; '.join(sorted(others))}."
        )
    lines.append(
        f"Learnt from {learnt.pictures:,} pictures, {learnt.classes:,} of {learnt.recipe.column} "
        f"with two or more, in {learnt.seconds:.0f} s."
    )
    return lines
