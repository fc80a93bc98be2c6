"""Tuning on a terminal: what was found, whether it is worth it, and how to use it."""

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from embedding.fused.weights import written
from evaluation.intervals import Interval
from evaluation.table import bounds, percent
from evaluation.tuning.results import AS_IT_IS, TUNED, Measured, Tuning

FAR = 1.5
"""The shift from which a clustered index is better made anew than searched under a balance far
from its own (docs/decisions/fusion.md)."""


def print_tuning(tuning: Tuning, collection: str | None, console: Console) -> None:
    """`collection`: the one that is searched with the model, if there is one."""
    console.print(_table(tuning.whole))
    for line in [*_notes(tuning), "", *verdict(tuning), *commands(tuning, collection)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def verdict(tuning: Tuning) -> list[str]:
    """Whether something was gained, in the mean and of each relation, and which one fell."""
    gained = f"{percent(tuning.gain)} points ({signed_bounds(tuning.gain)})"
    each = _by_relation(tuning.whole.gains_by_relation[AS_IT_IS])
    if tuning.is_gain:
        return [f"Tuned weights find more than those in use, by {gained} in R@1.", *each]
    return [
        f"Nothing was gained: against the weights in use {gained} in R@1, which may be chance.",
        *each,
        f"Keep {written(tuning.as_it_is)}.",
    ]


def _by_relation(gains: Mapping[str, Interval]) -> list[str]:
    """Nothing where there is only one: the mean is its own then."""
    if len(gains) < 2:
        return []
    told = "; ".join(f"{relation} {_ahead(gain)}" for relation, gain in gains.items())
    fallen = [relation for relation, gain in gains.items() if gain.mean < 0.0]
    lines = [f"Of each relation: {told}."]
    if fallen:
        lines.append(
            f"Beware: {', '.join(fallen)} found less than under the weights in use. The mean hides "
            "that; tune for what counts alone with --relation."
        )
    return lines


def commands(tuning: Tuning, collection: str | None) -> list[str]:
    """What to type, the exact command; nothing where nothing was gained."""
    if not tuning.is_gain:
        return []
    lines = [f"Recommended, the mean of both halves: {written(tuning.recommended)}"]
    if collection is not None:
        lines += [
            "For the collection, from now on:",
            f"  likeness balance {written(_counting(tuning))} --collection {collection}",
        ]
    if collection is None or tuning.shift > FAR:
        lines += _remake(tuning)
    return lines


def signed_bounds(interval: Interval) -> str:
    return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f}"


def _remake(tuning: Tuning) -> list[str]:
    parts = _counting(tuning)
    if len(parts) == 1:
        only = next(iter(parts))
        return [f"Nothing but {only} counts: search with it alone, if it is a model of its own."]
    named = " ".join(f"--part {part}={share:.4g}" for part, share in parts.items())
    name = f"{tuning.model}-tuned"
    return [
        "As a model of its own (with `evaluate --tune --as NAME` its card says how it was chosen):",
        f"  likeness models fuse {name} {named}",
        f"  likeness reindex --model {name}",
    ]


def _counting(tuning: Tuning) -> Mapping[str, float]:
    return {part: share for part, share in tuning.recommended.items() if share > 0.0}


def _table(measured: Measured) -> Table:
    relations = list(measured.queries)
    table = Table(title="R@1 on products that did not choose the weights", title_justify="left")
    table.add_column("weights", overflow="fold")
    for relation in relations:
        table.add_column(escape(relation), justify="right", overflow="fold")
    if len(relations) > 1:
        table.add_column("mean", justify="right", overflow="fold")
    table.add_column("tuned is ahead by", justify="right", overflow="fold")
    for name, mean in measured.mean.items():
        shown = [measured.by_relation[name][relation] for relation in relations]
        table.add_row(
            escape(name),
            *(f"{percent(each)} ({bounds(each)})" for each in shown),
            *([f"{percent(mean)} ({bounds(mean)})"] if len(relations) > 1 else []),
            "" if name == TUNED else _ahead(measured.gains[name]),
        )
    return table


def _ahead(gain: Interval) -> str:
    return f"{100 * gain.mean:+.1f} ({signed_bounds(gain)})"


def _notes(tuning: Tuning) -> list[str]:
    split = " and ".join(tuning.split_by) or "picture"
    counts = ", ".join(f"{count:,} of {name}" for name, count in tuning.whole.queries.items())
    one, other = tuning.folds
    return [
        f"In percent; intervals hold 95 %, drawn by {split} ({tuning.whole.units:,}). "
        f"Queries: {counts}.",
        f"Two halves, split by {split}. The first ({one.chosen_on:,}) chose "
        f"{written(one.weights)}, which changes R@1 of the second "
        f"by {_ahead(one.measured.gains[AS_IT_IS])}; the second ({other.chosen_on:,}) chose "
        f"{written(other.weights)}, which changes R@1 of the first "
        f"by {_ahead(other.measured.gains[AS_IT_IS])}.",
    ]
