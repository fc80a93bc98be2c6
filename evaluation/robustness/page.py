"""The report: every figure, plots over the strengths, and what the changes look like."""

import base64
from collections.abc import Sequence
from html import escape

from embedding.images import decode, thumbnail_jpeg
from evaluation.intervals import Interval
from evaluation.pictures import Picture
from evaluation.reporting.style import STYLE
from evaluation.robustness.plots import STYLE as PLOT_STYLE
from evaluation.robustness.plots import Line, legend, score_against_strength
from evaluation.robustness.results import ChangeResult, ContenderResult, Robustness
from evaluation.robustness.table import by_effect, mean_of, notes, similarity
from evaluation.robustness.transforms import Change, Transform
from evaluation.table import bounds, percent

_THUMBNAIL_SIDE = 160


def report_html(found: Robustness) -> str:
    """The whole page: nothing in it is loaded from elsewhere, and no script runs."""
    title = f"Robustness on {escape(found.sample.source)}"
    names = legend([each.name for each in found.contenders])
    transforms = dict.fromkeys(change.transform for change in found.changes)
    sections = "".join(_section(found, transform, names) for transform in transforms)
    remarks = "".join(f"<p>{escape(line)}</p>" for line in notes(found))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}{PLOT_STYLE}</style></head><body>"
        f"<h1>{title}</h1>{_overview(found)}{remarks}{_effects(found)}{sections}</body></html>\n"
    )


def _overview(found: Robustness) -> str:
    rows = "".join(
        f'<tr><td class="name">{escape(each.name)}</td>'
        f"<td>{similarity(mean_of(each, 'similarity'))}</td>"
        f"<td>{similarity(mean_of(each, 'unrelated'))}</td>"
        f"<td>{_share(mean_of(each, 'separation'))}</td><td>{_share(mean_of(each, 'found'))}</td>"
        f"<td>{_share(mean_of(each, 'above'))}</td><td>{similarity(each.threshold)}</td>"
        f"<td>{each.ms_per_comparison:.1f}</td></tr>"
        for each in found.contenders
    )
    return _table(
        ("sim.", "unrel.", "AUC", "R@1", "above the threshold", "threshold", "ms a comparison"),
        rows,
        "All transforms and strengths, each counting alike. Time is the processor's.",
    )


def _section(found: Robustness, transform: Transform, names: str) -> str:
    here = [change for change in found.changes if change.transform == transform]
    results = [
        (contender, [contender.of(change) for change in here]) for contender in found.contenders
    ]
    rows = "".join(_row(contender, each) for contender, changed in results for each in changed)
    whose = "One of S4's eight" if transform.of_s4 else ""
    said = ". ".join(each for each in (whose, transform.unit) if each)
    head = ("strength", "sim.", "unrel.", "AUC", "R@1", "above the threshold", "pictures")
    return (
        f"<section><h2>{escape(transform.name)}</h2>"
        f'<p class="soft">{escape(said)}</p>{_strip(found, here)}{names}'
        f'<div class="plots">{_plots(results, here)}</div>'
        f"<details><summary>Figures</summary>{_table(head, rows, '')}</details></section>"
    )


def _plots(
    results: Sequence[tuple[ContenderResult, Sequence[ChangeResult]]], here: Sequence[Change]
) -> str:
    strengths = [change.level.name for change in here]
    figures = []
    for measure, caption in (
        ("similarity", "similarity, in percent"),
        ("found", "R@1: changed pictures that find their original first, in percent"),
    ):
        lines = [
            Line(contender.name, number, values)
            for number, (contender, changed) in enumerate(results)
            if None not in (values := [getattr(each, measure) for each in changed])
        ]
        if lines:
            plot = score_against_strength(lines, strengths, measure)
            figures.append(f"<figure>{plot}<figcaption>{caption}</figcaption></figure>")
    return "".join(figures)


def _strip(found: Robustness, here: Sequence[Change]) -> str:
    """One picture as it is, and at each strength."""
    needs_mask = here[0].transform.needs_mask
    subject = next(each for each in found.sample.subjects if each.separable or not needs_mask)
    figures = [_figure(subject.original(), "as it is")]
    figures += [_figure(subject.changed(each, found.seed), each.level.name) for each in here]
    return f'<div class="strip">{"".join(figures)}</div>'


def _row(contender: ContenderResult, each: ChangeResult) -> str:
    return (
        f'<tr><td class="name">{escape(contender.name)}</td>'
        f"<td>{escape(each.change.level.name)}</td>{_similarity(each.similarity)}"
        f"<td>{similarity(each.unrelated)}</td>{_percent(each.separation)}{_percent(each.found)}"
        f"<td>{_share(each.above)}</td><td>{each.pictures:,}</td></tr>"
    )


def _effects(found: Robustness) -> str:
    if not found.pairs:
        return ""
    able = [each for each in found.contenders if each.effects]
    rows = []
    for effect in by_effect(able):
        cells = []
        for contender in able:
            result = next(each for each in contender.effects if each.effect == effect)
            place = 1 + contender.effects.index(result)
            cells.append(f"{_similarity(result.similarity)}<td>{place}</td>{_percent(result.way)}")
        rows.append(f'<tr><td class="name">{escape(effect)}</td>{"".join(cells)}</tr>')
    head = "".join(
        f'<th colspan="3">{escape(each.name)}<br><small>sim., place, way</small></th>'
        for each in able
    )
    strips = "".join(
        _figure(pair.first, f"{effect}, before") + _figure(pair.second, "after")
        for effect in by_effect(able)
        for pair in [next(each for each in found.pairs if each.effect == effect)]
    )
    return (
        "<section><h2>One changed characteristic</h2>"
        f'<div class="wide"><table><thead><tr><th class="name">changed</th>{head}</tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table></div><div class="strip">{strips}</div></section>'
    )


def _figure(picture: Picture, caption: str) -> str:
    image = decode(picture.read()).image
    content = base64.b64encode(thumbnail_jpeg(image, _THUMBNAIL_SIDE)).decode()
    return (
        f'<figure><img alt="{escape(picture.name)}" src="data:image/jpeg;base64,{content}">'
        f'<figcaption title="{escape(picture.name)}">{escape(caption)}</figcaption></figure>'
    )


def _table(head: Sequence[str], rows: str, caption: str) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>'
        f'<th class="name">model</th>{cells}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _similarity(interval: Interval | None) -> str:
    if interval is None:
        return "<td>–</td>"
    return f"<td>{interval.mean:.3f} <small>{interval.low:.3f}–{interval.high:.3f}</small></td>"


def _percent(interval: Interval) -> str:
    return f"<td>{percent(interval)} <small>{bounds(interval)}</small></td>"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
