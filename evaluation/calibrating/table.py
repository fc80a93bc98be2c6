"""A calibration on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from embedding.fused.weights import written
from embedding.match_probability import Cut, Measured, Quality
from evaluation.calibrating.calibrating import Calibrated, Finding
from evaluation.calibrating.measuring import BINS, bin_lines

HEADS = ("said, %", "of all, %", "mean said, %", "matched, %", "95 %", "products")
"""Of the columns of `measuring.bin_lines`."""


def print_calibrated(model: str, found: Calibrated, console: Console, *, stored: bool) -> None:
    """Figures of both maps, reliability as tables, and what becomes of it."""
    table = Table(title=f"{model}: {found.trial.name}", title_justify="left")
    for name in ("", "method", "Brier", "log loss", "ECE", "95 %"):
        table.add_column(name, justify="left" if name in ("", "method") else "right")
    for row in figure_rows(found):
        table.add_row(*row)
    console.print(table)
    for line in notes(found):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for title, finding in findings(found):
        console.print()
        console.print(_reliability(title, finding))
    console.print()
    console.print(
        f"Stored with {model}: searches and comparisons now say how probable a match is. "
        f"See `likeness models show {model}`; `likeness calibrate --model {model} --clear` "
        "takes it back."
        if stored
        else "Nothing was stored (--dry-run).",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def findings(found: Calibrated) -> Sequence[tuple[str, Finding]]:
    return (
        ("Pairs that are compared", found.pairs),
        ("First hits", found.first),
        ("Later hits", found.later),
    )


def figure_rows(found: Calibrated) -> list[tuple[str, ...]]:
    """What, method, Brier score, log loss, calibration error and its bounds."""
    hits = found.calibration.hits[0]
    return [
        ("pairs", *_figures(found.pairs.fitted.method, found.pairs.fitted.quality)),
        ("hits", *_figures(f"{hits.first.method}, {hits.later.method}", hits.quality)),
        ("  the first", *_figures(hits.first.method, hits.first.quality)),
        ("  later ones", *_figures(hits.later.method, hits.later.quality)),
    ]


def notes(found: Calibrated) -> list[str]:
    """Sentences that belong below the figures: on what, how sure, and where the cuts are."""
    pairs, (hits,) = found.calibration.pairs, found.calibration.hits
    told: list[str] = []
    if found.taught_by:
        told.append(
            f"MIND: the model has learnt from {', '.join(found.taught_by)}. It knows those "
            "products better than any it has not seen; a calibration on them expects as much of "
            "all. Calibrate on products it has not learnt from."
        )
    if unreadable := found.pictures.unreadable:
        told.append(f"Pictures that cannot be read and were left out: {len(unreadable):,}.")
    under = f", under {written(hits.weights)}" if hits.weights else ""
    return [
        *told,
        f"{pairs.products:,} products, each weighing the same; figures are of products left out "
        f"({pairs.folds} folds), intervals draw products. Brier score, log loss and ECE "
        f"({BINS} bins of equal width): the smaller, the better.",
        f"Pairs: {pairs.positives:,} that match, {pairs.negatives:,} that do not, as if "
        f"{100 * pairs.prior:.0f} % of compared pairs matched.",
        f"Hits: the first {hits.depth} of {hits.queries:,} queries among {hits.gallery:,} "
        f"products{under}; {100 * hits.absent:.0f} % as if nothing that matches were there.",
        f"Cut of pairs at similarity {pairs.cut.at:.4f}: {_cut(pairs.cut)}",
        f"Cut of hits at probability {hits.cut.at:.3f}: {_cut(hits.cut)}",
    ]


def _figures(method: str, quality: Quality) -> tuple[str, ...]:
    return (
        method,
        f"{quality.brier.value:.3f}",
        f"{quality.log_loss.value:.3f}",
        f"{quality.ece.value:.3f}",
        _bounds(quality.ece),
    )


def _bounds(measured: Measured) -> str:
    return f"{measured.low:.3f}–{measured.high:.3f}"


def _cut(cut: Cut) -> str:
    cost = "" if cut.cost is None else f", cost {cut.cost:.3f}"
    unmet = "" if cut.met else "; NOT reached on them"
    return (
        f"precision {cut.precision:.3f}, recall {cut.recall:.3f}, F1 {cut.f1:.3f}{cost} on "
        f"products left out (for {cut.objective}{unmet})."
    )


def _reliability(title: str, finding: Finding) -> Table:
    table = Table(title=title, title_justify="left")
    for name in HEADS:
        table.add_column(name, justify="right")
    for line in bin_lines(finding.bins):
        table.add_row(*line)
    return table
