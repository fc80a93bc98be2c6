"""An audit as a CSV for spreadsheets and as JSON for programs."""

import csv
import io
from typing import Any

from retrieval.duplicates.auditing import Audit
from retrieval.duplicates.grouping import Group
from retrieval.duplicates.links import Link
from retrieval.duplicates.listing import ListedPicture

COLUMNS = (
    "group", "product_id", "picture", "content_sha256", "width", "height", "keep", "kind",
    "confidence",
)  # fmt: skip

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def audit_csv(audit: Audit) -> str:
    """A row for each picture of a group: `keep` is yes for one of each; `kind` and `confidence`
    are of its link with the kept one, else of its surest; empty for the kept one. Text that a
    spreadsheet would run as a formula has an apostrophe before it."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number, group in enumerate(audit.groups, start=1):
        for place in group.members:
            picture = audit.listing.pictures[place]
            link = telling(group, place)
            kept = place == group.kept
            rows.writerow(
                (
                    number,
                    _text(picture.product_id or ""),
                    _text(picture.name),
                    picture.content_sha256,
                    picture.width,
                    picture.height,
                    "yes" if kept else "no",
                    "" if kept else link.kind,
                    "" if kept else f"{link.confidence:.3f}",
                )
            )
    return written.getvalue()


def audit_json(audit: Audit) -> dict[str, Any]:
    """Everything; a link names its pictures by their places in `pictures` of the group."""
    return {
        "source": audit.listing.source,
        "pictures": len(audit.listing.pictures),
        "across": audit.across,
        "least_confidence": audit.least_confidence,
        "compared": audit.compared,
        "groups": [_group(audit, group) for group in audit.groups],
        "unreadable": dict(audit.unreadable),
    }


def telling(group: Group, place: int) -> Link:
    """The link that says what a picture is: that with the kept one, else its surest.

    Of two mirrored copies each is the surest copy of the other, and neither is a mirrored one
    beside the other.
    """
    links = [link for link in group.links if place in (link.first, link.second)]
    with_kept = (link for link in links if group.kept in (link.first, link.second))
    return next(with_kept, links[0])


def _group(audit: Audit, group: Group) -> dict[str, Any]:
    place_in_group = {place: number for number, place in enumerate(group.members)}
    return {
        "confidence": round(group.confidence, 4),
        "products": audit.products(group),
        "pictures": [
            _picture(audit.listing.pictures[place], place == group.kept) for place in group.members
        ],
        "links": [
            {
                "pictures": sorted((place_in_group[link.first], place_in_group[link.second])),
                "kind": link.kind,
                "confidence": round(link.confidence, 4),
            }
            for link in group.links
        ],
    }


def _picture(picture: ListedPicture, kept: bool) -> dict[str, Any]:
    return {
        "name": picture.name,
        "product_id": picture.product_id,
        "content_sha256": picture.content_sha256,
        "width": picture.width,
        "height": picture.height,
        "keep": kept,
    }


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
