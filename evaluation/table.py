"""Results on a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.intervals import Interval
from evaluation.results import HEADLINE, Cost, Evaluation, Lead, Outcome, TrialResult

_LEGEND = (
    "R@k: share of queries with a right answer among the first k; ms: processor time from a "
    "picture's bytes to its vector; size: of that vector. docs/evaluation.md defines all."
)
_MOST_PARTS = 10
_MOST_COMPARED = 3
_MOST_UNREADABLE = 5

# In characters: the longest name that is kept on one line; borders, interval, time and size
# together; and one more measure.
_NAME_WIDTH = 26
_TAKEN = 43
_COLUMN = 7


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """A table for each relation, the best contender first, and what was left out."""
    for result in evaluation.results:
        console.print(_table(result, evaluation.costs, console.width))
        for line in notes(result):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if evaluation.broken_down_by is not None:
            _print_parts(result, evaluation.broken_down_by, console)
        console.print()
    for line in [_LEGEND, *unreadable_notes(evaluation)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def ranked(result: TrialResult) -> list[Outcome]:
    """The outcomes, the best in R@1 first."""
    return sorted(
        result.outcomes, key=lambda each: each.whole.intervals[HEADLINE].mean, reverse=True
    )


def percent(interval: Interval) -> str:
    return f"{100 * interval.mean:.1f}"


def bounds(interval: Interval) -> str:
    return f"{100 * interval.low:.1f}–{100 * interval.high:.1f}"


def notes(result: TrialResult) -> list[str]:
    """Sentences that belong below a table: what was asked, and how sure the order is."""
    trial = result.trial
    lines = [
        f"{len(trial.queries):,} queries, {len(trial.gallery):,} pictures searched. In percent; "
        f"intervals hold 95 %, drawn by {trial.group_column} ({result.group_count:,})."
    ]
    if trial.without_relevant:
        lines.append(f"{trial.without_relevant:,} more pictures have nothing to find.")
    if trial.unlabelled:
        lines.append(f"{trial.unlabelled:,} pictures without a label were left out.")
    if result.lead is not None:
        lines.append(_lead(result.lead))
    return lines


def taught_notes(taught_by: Mapping[str, Sequence[str]]) -> list[str]:
    """`taught_by`: model -> the sources that it has learnt from."""
    return [
        f"MIND: {model} has learnt from {', '.join(sources)}. It finds those products more often "
        "than any it has not seen; what `likeness train` said it gains is of products that had "
        "not taught."
        for model, sources in taught_by.items()
    ]


def unreadable_notes(evaluation: Evaluation) -> list[str]:
    """The pictures that were left out because they cannot be read, the first few by name."""
    unreadable = evaluation.pictures.unreadable
    if not unreadable:
        return []
    shown = list(unreadable.items())[:_MOST_UNREADABLE]
    more = len(unreadable) - len(shown)
    return [
        f"{len(unreadable):,} pictures cannot be read and were left out:",
        *(f"  {name}: {why}" for name, why in shown),
        *([f"  … and {more:,} more; --json lists them all."] if more else []),
    ]


def size(count: float) -> str:
    return f"{count:,.0f} B" if count < 10_000 else f"{count / 1000:,.0f} kB"


def _table(result: TrialResult, costs: Mapping[str, Cost], width: int) -> Table:
    longest = max(len(outcome.contender) for outcome in result.outcomes)
    name_width = min(longest, _NAME_WIDTH)
    table = Table(title=escape(result.trial.name), title_justify="left")
    table.add_column("model", overflow="fold", min_width=name_width)
    names = _shown_measures(result.outcomes[0], width - name_width)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
        if name == HEADLINE:
            table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    for outcome in ranked(result):
        cost = costs[outcome.contender]
        table.add_row(
            escape(outcome.contender),
            *_cells(outcome.whole.intervals, names),
            f"{cost.ms_per_picture:.1f}",
            size(cost.bytes_per_picture),
        )
    return table


def _shown_measures(outcome: Outcome, room: int) -> list[str]:
    """The measures there is room for, in characters: R@1 first, then mAP, and so on."""
    cut_offs = [name for name in outcome.values if name.startswith("R@")]
    gains = [name for name in outcome.values if name.startswith("nDCG@")]
    by_weight = [HEADLINE, "mAP", *cut_offs[:0:-1], "MRR", *gains[-1:]]
    fitting = [
        name for place, name in enumerate(by_weight) if _TAKEN + _COLUMN * place + len(name) <= room
    ]
    order = [*cut_offs, "mAP", "MRR", *gains]
    return [name for name in order if name in fitting]


def _cells(intervals: Mapping[str, Interval], names: Sequence[str]) -> list[str]:
    cells = []
    for name in names:
        cells.append(percent(intervals[name]))
        if name == HEADLINE:
            cells.append(bounds(intervals[name]))
    return cells


def _print_parts(result: TrialResult, by: str, console: Console) -> None:
    names = list(result.outcomes[0].parts)
    if len(names) < 2:
        return
    outcomes = ranked(result)[:_MOST_COMPARED]
    table = Table(title=f"{HEADLINE} by {escape(by)}", title_justify="left")
    table.add_column(by, overflow="fold")
    table.add_column("queries", justify="right")
    for outcome in outcomes:
        table.add_column(escape(outcome.contender), justify="right", overflow="fold")
    for name in names[:_MOST_PARTS]:
        parts = [outcome.parts[name] for outcome in outcomes]
        table.add_row(
            escape(name) or "(none)",
            f"{parts[0].queries:,}",
            *(
                f"{percent(part.intervals[HEADLINE])} ({bounds(part.intervals[HEADLINE])})"
                for part in parts
            ),
        )
    if len(names) > _MOST_PARTS or len(result.outcomes) > _MOST_COMPARED:
        table.caption = "the largest, of the best models; --json and --report hold all"
    console.print(table)


def _lead(lead: Lead) -> str:
    gap = lead.difference
    if gap.low <= 0.0:
        return (
            f"{lead.best} and {lead.next} cannot be told apart in {HEADLINE}: "
            f"they differ by {percent(gap)} points ({_from_to(gap)})."
        )
    return (
        f"{lead.best} is ahead of {lead.next} in {HEADLINE} by {percent(gap)} points "
        f"({_from_to(gap)})."
    )


def _from_to(interval: Interval) -> str:
    """Bounds that may be below 0."""
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"
