"""An audit as one HTML file: every group as pictures, nothing loaded from elsewhere."""

from html import escape

from evaluation.duplicates.rows import telling
from evaluation.duplicates.table import notes
from evaluation.reporting.style import STYLE
from evaluation.reporting.thumbnails import picture_html
from retrieval.duplicates.auditing import Audit
from retrieval.duplicates.grouping import Group, why_kept
from retrieval.duplicates.listing import ListedPicture

_THUMBNAIL_SIDE = 160
# About 10 kB a picture: a page of more would be too heavy to look at.
_MOST_GROUPS = 500
_MOST_MEMBERS = 24


def audit_html(audit: Audit) -> str:
    """The whole page; no script runs. The first 500 groups, of each the first 24 pictures."""
    source = escape(audit.listing.source)
    shown = audit.groups[:_MOST_GROUPS]
    groups = "".join(_group(audit, number, each) for number, each in enumerate(shown, start=1))
    told = "".join(f"<p>{escape(line)}</p>" for line in notes(audit))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Copies in {source}</title><style>{STYLE}</style></head><body>"
        f"<h1>Copies in {source}</h1>{told}{groups}</body></html>\n"
    )


def _group(audit: Audit, number: int, group: Group) -> str:
    products = audit.products(group)
    listed = f": {escape(', '.join(products))}" if products else ""
    figures = "".join(
        _figure(audit.listing.pictures[place], _caption(audit, group, place), place == group.kept)
        for place in group.members[:_MOST_MEMBERS]
    )
    more = len(group.members) - _MOST_MEMBERS
    rest = f"<p>… and {more:,} more</p>" if more > 0 else ""
    return (
        f'<section><h3>{number}{listed} <small class="soft">{100 * group.confidence:.0f} % sure'
        f'</small></h3><div class="failure">{figures}</div>{rest}</section>'
    )


def _caption(audit: Audit, group: Group, place: int) -> str:
    if place == group.kept:
        return f"<b>{why_kept(group, audit.listing.pictures)}: keep</b>"
    link = telling(group, place)
    return f"<b>{link.kind}</b>, {100 * link.confidence:.0f} %"


def _figure(picture: ListedPicture, caption: str, kept: bool) -> str:
    name = escape(picture.name)
    return (
        f'<figure class="{"query" if kept else "copy"}">{picture_html(picture, _THUMBNAIL_SIDE)}'
        f'<figcaption title="{name}">{caption}<br>{picture.width} x {picture.height}<br>{name}'
        "</figcaption></figure>"
    )
