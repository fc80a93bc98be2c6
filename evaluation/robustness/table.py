"""Results on a terminal: one model in full, several beside each other."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.intervals import Interval
from evaluation.robustness.results import ContenderResult, Robustness
from evaluation.table import bounds, percent

_MOST_UNREADABLE = 5

# In characters: what a table of several models needs for its first columns and borders; and for
# each model.
_TAKEN = 34
_COLUMN = 13
# What the table of one model needs for its intervals too.
_WITH_BOUNDS = 99


def print_robustness(found: Robustness, console: Console) -> None:
    """Tables of transforms and of effects, and what was left out."""
    console.print(_overview(found))
    if len(found.contenders) == 1:
        console.print(_in_full(found.contenders[0], with_bounds=console.width >= _WITH_BOUNDS))
        if found.pairs:
            console.print(_effects_in_full(found.contenders[0]))
    else:
        for some in _that_fit(found.contenders, console.width):
            console.print(_beside(found, some))
        for some in _that_fit(found.contenders, console.width):
            if any(each.effects for each in some):
                console.print(_effects_beside(some))
    for line in notes(found):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def similarity(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def notes(found: Robustness) -> list[str]:
    """Sentences that belong below the tables."""
    lines = [
        f"{len(found.sample.subjects):,} pictures of {found.sample.source}, seed {found.seed}. "
        "sim.: similarity of original and changed picture, the mean; unrel.: of changed pictures "
        "and originals of other products. AUC: how often the first exceeds the second, in percent. "
        "R@1: how often a changed picture finds its original first, in percent."
    ]
    if found.pairs:
        lines.append(
            "way: how far one changed characteristic carries a picture towards one of another "
            "product, in percent of the difference."
        )
    lines += [
        f"{name}: {len(names):,} pictures could not be changed, since their things cannot be told "
        "from their backgrounds; --json lists them."
        for name, names in found.skipped.items()
    ]
    unreadable = list(found.sample.unreadable.items())
    if unreadable:
        lines.append(f"{len(unreadable):,} pictures cannot be read and were left out:")
        lines += [f"  {name}: {why}" for name, why in unreadable[:_MOST_UNREADABLE]]
        more = len(unreadable) - _MOST_UNREADABLE
        lines += [f"  … and {more:,} more; --json lists them all."] if more > 0 else []
    return lines


def mean_of(contender: ContenderResult, measure: str) -> float | None:
    """Of `similarity`, `above`, `unrelated`, `separation` or `found`, over all changes that were
    measured, each counting alike; None where a contender has no such scale."""
    values = [getattr(each, measure) for each in contender.changes]
    means = [each.mean if isinstance(each, Interval) else each for each in values]
    return None if None in means else float(sum(means) / len(means))


def by_effect(contenders: Sequence[ContenderResult]) -> list[str]:
    """The effects, the one first that carries pictures farthest in the mean of these models."""
    ways: dict[str, list[float]] = {}
    for contender in contenders:
        for each in contender.effects:
            ways.setdefault(each.effect, []).append(each.way.mean)
    return sorted(ways, key=lambda effect: -sum(ways[effect]) / len(ways[effect]))


def _overview(found: Robustness) -> Table:
    table = Table(title="All transforms and strengths, each counting alike", title_justify="left")
    table.add_column("model", overflow="fold")
    for name in ("sim.", "unrel.", "above", "AUC", "R@1", "ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.contenders:
        table.add_row(
            escape(each.name),
            similarity(mean_of(each, "similarity")),
            similarity(mean_of(each, "unrelated")),
            _share(mean_of(each, "above")),
            _share(mean_of(each, "separation")),
            _share(mean_of(each, "found")),
            f"{each.ms_per_comparison:.1f}",
        )
    table.caption = "ms: processor time of comparing two pictures; above: the model's threshold"
    table.caption_justify = "left"
    return table


def _in_full(contender: ContenderResult, *, with_bounds: bool) -> Table:
    table = Table(title=escape(contender.name), title_justify="left")
    for name in ("transform", "strength"):
        table.add_column(name, no_wrap=True)
    bounded = ("95 %",) if with_bounds else ()
    for name in ("sim.", *bounded, "unrel.", "above", "AUC", "R@1", *bounded):
        table.add_column(name, justify="right", no_wrap=True)
    if not with_bounds:
        table.caption = "intervals: in a wider window, --report, --csv, --json"
        table.caption_justify = "left"
    for place, each in enumerate(contender.changes):
        transform = each.change.transform
        first = place == 0 or contender.changes[place - 1].change.transform != transform
        table.add_row(
            transform.name if first else "",
            each.change.level.name,
            similarity(each.similarity.mean if each.similarity else None),
            *((_range(each.similarity),) if with_bounds else ()),
            similarity(each.unrelated),
            _share(each.above),
            percent(each.separation),
            percent(each.found),
            *((bounds(each.found),) if with_bounds else ()),
        )
    return table


def _beside(found: Robustness, contenders: Sequence[ContenderResult]) -> Table:
    table = Table(title="sim. and R@1, by transform and strength", title_justify="left")
    table.add_column("transform", no_wrap=True)
    table.add_column("strength", no_wrap=True)
    for each in contenders:
        table.add_column(escape(each.name), justify="right", overflow="fold")
    for place, change in enumerate(found.changes):
        first = place == 0 or found.changes[place - 1].transform != change.transform
        results = [each.of(change) for each in contenders]
        table.add_row(
            change.transform.name if first else "",
            change.level.name,
            *(
                f"{similarity(each.similarity.mean if each.similarity else None)} "
                f"{percent(each.found):>5}"
                for each in results
            ),
        )
    return table


def _effects_in_full(contender: ContenderResult) -> Table:
    table = Table(title="One changed characteristic", title_justify="left")
    table.add_column("changed", no_wrap=True)
    for name in ("sim.", "95 %", "above", "way", "95 %", "pairs"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in contender.effects:
        table.add_row(
            each.effect,
            similarity(each.similarity.mean),
            _range(each.similarity),
            _share(each.above),
            percent(each.way),
            bounds(each.way),
            f"{each.pairs:,}",
        )
    return table


def _effects_beside(contenders: Sequence[ContenderResult]) -> Table:
    table = Table(title="sim. and way, by changed characteristic", title_justify="left")
    table.add_column("changed", no_wrap=True, min_width=16)
    for each in contenders:
        table.add_column(escape(each.name), justify="right", overflow="fold")
    for effect in by_effect(contenders):
        cells = []
        for contender in contenders:
            result = next((each for each in contender.effects if each.effect == effect), None)
            cells.append(
                "–"
                if result is None
                else f"{similarity(result.similarity.mean)} {percent(result.way):>5}"
            )
        table.add_row(effect, *cells)
    return table


def _that_fit(contenders: Sequence[ContenderResult], width: int) -> list[Sequence[ContenderResult]]:
    """In runs that fit beside each other."""
    most = max(1, (width - _TAKEN) // _COLUMN)
    return [contenders[start : start + most] for start in range(0, len(contenders), most)]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _range(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.3f}–{interval.high:.3f}"
