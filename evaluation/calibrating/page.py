"""The report of a calibration: reliability diagrams, maps, and the figures beside them."""

from html import escape

import numpy as np

from embedding.match_probability import ProbabilityMap
from evaluation.calibrating.calibrating import Calibrated, Finding
from evaluation.calibrating.diagrams import map_over_scores, reliability_diagram
from evaluation.calibrating.measuring import bin_lines
from evaluation.calibrating.table import HEADS, figure_rows, findings, notes
from evaluation.reporting.plots import histogram
from evaluation.reporting.style import STYLE


def calibration_html(model: str, found: Calibrated) -> str:
    """The whole page: nothing in it is loaded from elsewhere, and no script runs."""
    title = escape(f"Calibration of {model}")
    sections = "".join(_section(*each) for each in findings(found))
    told = "".join(f"<p>{escape(line)}</p>" for line in notes(found))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>"
        f'<p class="soft">{escape(found.trial.name).capitalize()}, on '
        f"{escape(found.pictures.source)}, {len(found.pictures.pictures):,} pictures.</p>"
        f"{_figures(found)}{told}{sections}</body></html>\n"
    )


def _figures(found: Calibrated) -> str:
    rows = "".join(
        f'<tr><td class="name">{escape(what.strip())}</td><td class="name">{escape(method)}</td>'
        + "".join(f"<td>{escape(each)}</td>" for each in values)
        + "</tr>"
        for what, method, *values in figure_rows(found)
    )
    return (
        '<div class="wide"><table><thead><tr><th class="name"></th><th class="name">method</th>'
        "<th>Brier</th><th>log loss</th><th>ECE</th><th>95 %</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _section(title: str, finding: Finding) -> str:
    samples = finding.samples
    scores = samples.similarities.astype(np.float32)
    tried = ", ".join(f"{method} {loss:.4f}" for method, loss in finding.losses.items())
    low, high = float(scores.min()), float(scores.max())
    plots = (
        (
            reliability_diagram(finding.bins),
            "share that matched over the probability that was said, on products left out; the "
            "line is where both agree",
        ),
        (_map(finding.fitted.probability, low, high), "probability of a match over similarity"),
        (
            histogram(scores[samples.matches], scores[~samples.matches])
            if samples.matches.any() and not samples.matches.all()
            else "",
            '<span class="key relevant">matches</span> and <span class="key others">others</span>, '
            "each to its own scale",
        ),
    )
    figures = "".join(
        f"<figure>{plot}<figcaption>{caption}</figcaption></figure>"
        for plot, caption in plots
        if plot
    )
    return (
        f'<section><h2>{escape(title)}</h2><div class="plots">{figures}</div>'
        f"<p>Log loss on products left out: {escape(tried)}.</p>{_table(finding)}</section>"
    )


def _map(probability: ProbabilityMap, low: float, high: float) -> str:
    return map_over_scores(probability, low, high if high > low else low + 0.01)


def _table(finding: Finding) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in HEADS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in line) + "</tr>"
        for line in bin_lines(finding.bins)
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
