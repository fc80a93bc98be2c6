"""The report: tables with their intervals, plots, and the worst queries as pictures."""

from collections.abc import Iterable
from html import escape

from evaluation.pictures import Picture
from evaluation.reporting.plots import Point, histogram, quality_against_cost
from evaluation.reporting.style import STYLE
from evaluation.reporting.thumbnails import picture_html
from evaluation.reporting.worst import Failure, worst_queries
from evaluation.results import HEADLINE, Evaluation, Outcome, TrialResult
from evaluation.table import bounds, notes, percent, ranked, size, unreadable_notes

_WORST = 6
_THUMBNAIL_SIDE = 160


def report_html(evaluation: Evaluation) -> str:
    """The whole page: nothing in it is loaded from elsewhere, and no script runs."""
    source = escape(evaluation.pictures.source)
    sections = "".join(_section(evaluation, result) for result in evaluation.results)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Evaluation of {source}</title><style>{STYLE}</style></head><body>"
        f"<h1>Evaluation of {source}</h1>"
        f'<p class="soft">{len(evaluation.pictures.pictures):,} pictures. R@k: share of queries '
        "with a right answer among the first k. Figures are percent; the small ones bound "
        "95 % of the means of resampled queries.</p>"
        f"{sections}{_unreadable(evaluation)}</body></html>\n"
    )


def _section(evaluation: Evaluation, result: TrialResult) -> str:
    outcomes = ranked(result)
    parts = [
        f"<h2>{escape(result.trial.name).capitalize()}</h2>",
        _table(evaluation, outcomes),
        *(f"<p>{escape(line)}</p>" for line in notes(result)),
    ]
    if len(outcomes) > 1:
        parts.append(_cost_plots(evaluation, outcomes))
    parts.append(_by_category(evaluation, outcomes))
    parts.extend(_contender(result, place, each) for place, each in enumerate(outcomes, start=1))
    return f"<section>{''.join(parts)}</section>"


def _table(evaluation: Evaluation, outcomes: list[Outcome]) -> str:
    # What a narrow screen shows without scrolling comes first.
    first, *names = outcomes[0].values
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = []
    for place, outcome in enumerate(outcomes, start=1):
        cost = evaluation.costs[outcome.contender]
        cells = "".join(_value(outcome, name) for name in names)
        rows.append(
            f'<tr><td>{place}</td><td class="name">{escape(outcome.contender)}</td>'
            f"{_value(outcome, first)}<td>{cost.ms_per_picture:.1f}</td>"
            f"<td>{outcome.ranking.ms_per_query:.2f}</td>"
            f"<td>{size(cost.bytes_per_picture)}</td>{cells}</tr>"
        )
    return (
        f'<div class="wide"><table><thead><tr><th>#</th><th class="name">model</th><th>{first}</th>'
        f"<th>ms a picture</th><th>ms a ranking</th><th>size</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _value(outcome: Outcome, measure: str) -> str:
    interval = outcome.whole.intervals[measure]
    return f"<td>{percent(interval)}<br><small>{bounds(interval)}</small></td>"


def _cost_plots(evaluation: Evaluation, outcomes: list[Outcome]) -> str:
    def points(cost: str) -> list[Point]:
        return [
            Point(
                str(place),
                each.contender,
                getattr(evaluation.costs[each.contender], cost),
                (interval := each.whole.intervals[HEADLINE]).mean,
                interval.low,
                interval.high,
            )
            for place, each in enumerate(outcomes, start=1)
        ]

    plots = [
        quality_against_cost(
            points("ms_per_picture"), quality=HEADLINE, cost="processor milliseconds a picture"
        ),
        quality_against_cost(
            points("bytes_per_picture"), quality=HEADLINE, cost="bytes a picture in the index"
        ),
    ]
    figures = "".join(
        f"<figure>{plot}<figcaption>{HEADLINE} in percent; numbers as in the table</figcaption>"
        "</figure>"
        for plot in plots
    )
    return f'<h3>{HEADLINE} against cost</h3><div class="plots">{figures}</div>'


def _by_category(evaluation: Evaluation, outcomes: list[Outcome]) -> str:
    names = list(outcomes[0].parts)
    if len(names) < 2:
        return ""
    head = "".join(f"<th>{escape(each.contender)}</th>" for each in outcomes)
    rows = []
    for name in names:
        cells = "".join(
            f"<td>{percent(interval)} <small>{bounds(interval)}</small></td>"
            for interval in (each.parts[name].intervals[HEADLINE] for each in outcomes)
        )
        rows.append(
            f'<tr><td class="name">{escape(name) or "(none)"}</td>'
            f"<td>{outcomes[0].parts[name].queries:,}</td>{cells}</tr>"
        )
    by = escape(evaluation.broken_down_by or "")
    return (
        f'<h3>{HEADLINE} by {by}</h3><div class="wide"><table><thead><tr>'
        f'<th class="name">{by}</th><th>queries</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _contender(result: TrialResult, place: int, outcome: Outcome) -> str:
    failures = worst_queries(result.trial, outcome, _WORST)
    worst = (
        "".join(_failure(each) for each in failures)
        or "<p>Every query has a right answer at rank 1.</p>"
    )
    ranking = outcome.ranking
    return (
        f"<h3>{place}. {escape(outcome.contender)}: scores and worst queries</h3>"
        f'<div class="plots"><figure>{histogram(ranking.relevant_scores, ranking.other_scores)}'
        '<figcaption><span class="key relevant">relevant</span> and '
        '<span class="key others">other</span> pictures, each to its own scale</figcaption>'
        f"</figure></div>{worst}"
    )


def _failure(failure: Failure) -> str:
    hits = (
        _figure(each.picture, f"<b>{rank}</b>", "right" if each.is_relevant else "wrong")
        for rank, each in enumerate(failure.hits, start=1)
    )
    figures: Iterable[str] = [_figure(failure.query, "<b>query</b>", "query"), *hits]
    if failure.rank > len(failure.hits):
        last = _figure(failure.nearest, f"<b>{failure.rank:,}</b>", "right")
        figures = [*figures, last]
    return f'<div class="failure">{"".join(figures)}</div>'


def _figure(picture: Picture, rank: str, kind: str) -> str:
    name = escape(picture.name)
    # The end of a path tells more than its beginning, and there is little room.
    short = escape(picture.name.rsplit("/", 1)[-1])
    return (
        f'<figure class="{kind}">{picture_html(picture, _THUMBNAIL_SIDE)}'
        f'<figcaption title="{name}">{rank} {short}</figcaption></figure>'
    )


def _unreadable(evaluation: Evaluation) -> str:
    lines = unreadable_notes(evaluation)
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line.strip())}</li>" for line in lines[1:])
    return f"<h2>Left out</h2><p>{escape(lines[0])}</p><ul>{items}</ul>"
