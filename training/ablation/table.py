"""The comparison on a terminal."""

from rich.console import Console
from rich.table import Table

from evaluation.intervals import Interval
from evaluation.table import bounds, percent
from training.ablation.results import Ablation, Contrast, Row
from training.networks.settings import Form


def print_ablation(ablation: Ablation, console: Console) -> None:
    """A table for each form of network, then what the form adds to each loss."""
    for form in dict.fromkeys(row.variant.form for row in ablation.rows):
        console.print(_losses(ablation, form))
    if ablation.of_form:
        console.print(_forms(ablation.of_form))
    for line in _notes(ablation):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _losses(ablation: Ablation, form: Form) -> Table:
    # Without padding it fits into 80 characters.
    table = Table(title=form, title_justify="left", padding=0)
    table.add_column("loss", no_wrap=True)
    for name in ("R@1", "95 %", "over plain CNN", "fractional over cosine"):
        table.add_column(name, justify="right")
    for row in ablation.rows:
        if row.variant.form == form:
            table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> list[str]:
    return [
        row.variant.loss or "plain CNN",
        percent(row.recall_at_1["cosine"]),
        bounds(row.recall_at_1["cosine"]),
        "" if row.gain is None else _points(row.gain),
        _points(row.fractional_over_cosine),
    ]


def _forms(contrasts: tuple[Contrast, ...]) -> Table:
    table = Table(title="multi-scale over single-scale", title_justify="left", padding=0)
    table.add_column("loss", no_wrap=True)
    table.add_column("points of R@1", justify="right")
    for each in contrasts:
        table.add_row(each.loss or "plain CNN", _points(each.difference))
    return table


def _notes(ablation: Ablation) -> list[str]:
    trained = [row for row in ablation.rows if row.steps]
    lines = [
        f"{ablation.queries:,} queries of {ablation.products:,} products that nothing was learnt "
        f"from, {ablation.gallery:,} pictures searched by cosine. R@1 and its differences in "
        "percent; intervals hold 95 %, drawn by product, and differences are paired by query."
    ]
    if trained:
        steps = [row.steps for row in trained]
        minutes = [row.seconds / 60 for row in trained]
        lines.append(
            f"Each was trained for {_range(min(steps), max(steps), 0)} steps, "
            f"{_range(min(minutes), max(minutes), 1)} minutes."
        )
    if starts := [row.variant.name for row in trained if row.is_start]:
        lines.append(
            f"No epoch found more of the validation products than the start did, which is what is "
            f"measured: {', '.join(starts)}."
        )
    if len(ablation.seeds) > 1:
        widest = max(max(row.by_seed) - min(row.by_seed) for row in ablation.rows)
        lines.append(
            f"The mean of seeds {', '.join(map(str, ablation.seeds))}, between which the R@1 of "
            f"a row moves by up to {100 * widest:.1f}."
        )
    return lines


def _range(low: float, high: float, digits: int) -> str:
    first, last = f"{low:,.{digits}f}", f"{high:,.{digits}f}"
    return first if first == last else f"{first} to {last}"


def _points(interval: Interval) -> str:
    low, mean, high = (100 * each for each in (interval.low, interval.mean, interval.high))
    return f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"
