"""An audit on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evaluation.duplicates.rows import telling
from retrieval.duplicates.auditing import Audit
from retrieval.duplicates.grouping import why_kept

_MOST_GROUPS = 50
_MOST_MEMBERS = 8
_MOST_UNREADABLE = 5


def print_audit(audit: Audit, console: Console) -> None:
    """The groups, the largest first, and what was left out."""
    if audit.groups:
        console.print(_table(audit))
    for line in notes(audit):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def notes(audit: Audit) -> list[str]:
    """Sentences that belong below a table of groups."""
    pictures = sum(len(group.members) for group in audit.groups)
    shared = sum(len(audit.products(group)) > 1 for group in audit.groups)
    lines = [
        f"{len(audit.listing.pictures):,} pictures of {audit.listing.source}; {audit.compared:,} "
        f"pairs were looked at closely. {pictures:,} pictures are in {len(audit.groups):,} "
        + ("group" if len(audit.groups) == 1 else "groups")
        + (f", {shared:,} of them shared by several products." if shared else ".")
    ]
    if len(audit.groups) > _MOST_GROUPS:
        lines.append(f"The first {_MOST_GROUPS} groups are shown; --csv and --json hold all.")
    if audit.unreadable:
        lines.append(f"{len(audit.unreadable):,} pictures cannot be read and were left out:")
        shown = list(audit.unreadable.items())[:_MOST_UNREADABLE]
        lines += [f"  {name}: {why}" for name, why in shown]
        if more := len(audit.unreadable) - len(shown):
            lines.append(f"  … and {more:,} more; --json lists them all.")
    return lines


def _table(audit: Audit) -> Table:
    table = Table(title="Copies", title_justify="left")
    table.add_column("#", justify="right")
    table.add_column("picture", overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("what it is", no_wrap=True)
    table.add_column("sure", justify="right", no_wrap=True)
    for number, group in enumerate(audit.groups[:_MOST_GROUPS], start=1):
        for row, place in enumerate(group.members[:_MOST_MEMBERS]):
            picture = audit.listing.pictures[place]
            link = telling(group, place)
            kept = place == group.kept
            table.add_row(
                "" if row else str(number),
                escape(picture.name),
                f"{picture.width} x {picture.height}",
                f"{why_kept(group, audit.listing.pictures)}: keep" if kept else link.kind,
                "" if kept else f"{100 * link.confidence:.0f} %",
            )
        if (more := len(group.members) - _MOST_MEMBERS) > 0:
            table.add_row("", f"… and {more:,} more", "", "", "")
        table.add_section()
    return table
