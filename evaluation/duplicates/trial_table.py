"""The trial's outcome as tables: scores beside perhaps others', and what was found of each edit."""

from collections.abc import Sequence

from evaluation.duplicates.scoring import Score
from evaluation.duplicates.trial import Outcome
from evaluation.intervals import Interval

SCORE_COLUMNS = ("edits", "method", "F1", "precision", "recall", "wrong pairs")
EDIT_COLUMNS = ("edits", "edit", "found", "of")

Other = tuple[str, str, Score]
"""Strength, method, and its score on the same pictures."""


def score_rows(outcomes: Sequence[Outcome], others: Sequence[Other] = ()) -> list[list[str]]:
    """In the order of SCORE_COLUMNS, ours first of each strength."""
    ours = [(each.copies.strength, "likeness duplicates", each.score) for each in outcomes]
    return [
        [strength, method, *map(_told, (score.f1, score.precision, score.recall)), str(score.wrong)]
        for strength, method, score in sorted([*ours, *others], key=lambda row: row[0])
    ]


def edit_rows(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """In the order of EDIT_COLUMNS."""
    return [
        [outcome.copies.strength, edit, str(found), str(total)]
        for outcome in outcomes
        for edit, (found, total) in outcome.copies.recall_by_edit(outcome.pairs).items()
    ]


def note(outcomes: Sequence[Outcome]) -> str:
    """What was asked, and how sure the figures are."""
    copies = outcomes[0].copies if outcomes else None
    originals, already = (len(copies.edit), len(copies.already)) if copies else (0, 0)
    return (
        f"{originals:,} originals that nothing was tuned on, and one copy of each for either "
        "strength. Over pairs; brackets hold 95 % of 1,000 resamplings of the originals. "
        f"{already:,} {'pair' if already == 1 else 'pairs'} of originals were one photograph "
        "before anything was edited (no more than two grey levels apart in the same framing), and "
        "count neither for nor against anybody."
    )


def trial_markdown(outcomes: Sequence[Outcome], others: Sequence[Other] = ()) -> str:
    """All of it."""
    tables = (
        _table(SCORE_COLUMNS, score_rows(outcomes, others)),
        _table(EDIT_COLUMNS, edit_rows(outcomes)),
        note(outcomes),
    )
    return "\n\n".join(tables) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(
        f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows)
    )


def _told(interval: Interval) -> str:
    return f"{interval.mean:.3f} ({interval.low:.3f}–{interval.high:.3f})"
