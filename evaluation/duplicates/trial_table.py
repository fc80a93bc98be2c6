"""The trial's outcome as Markdown."""

from collections.abc import Sequence

from evaluation.duplicates.scoring import Score
from evaluation.duplicates.trial import Outcome
from evaluation.intervals import Interval


def trial_markdown(
    outcomes: Sequence[Outcome], others: Sequence[tuple[str, str, Score]] = ()
) -> str:
    """A table of scores, ours and perhaps others' (strength, method, score) on the same pictures,
    and one of the copies found of each edit."""
    rows = [(each.copies.strength, "likeness duplicates", each.score) for each in outcomes]
    lines = [
        "| edits | method | F1 | precision | recall | wrong pairs |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for strength, method, score in sorted([*rows, *others], key=lambda row: row[0]):
        lines.append(
            f"| {strength} | {method} | {_told(score.f1)} | {_told(score.precision)} | "
            f"{_told(score.recall)} | {score.wrong} |"
        )
    lines += ["", "| edits | edit | found | of |", "| --- | --- | --- | --- |"]
    for outcome in outcomes:
        for edit, (found, total) in outcome.copies.recall_by_edit(outcome.pairs).items():
            lines.append(f"| {outcome.copies.strength} | {edit} | {found} | {total} |")
    pictures = len(outcomes[0].copies.family) if outcomes else 0
    lines += [
        "",
        f"{pictures // 2:,} originals that nothing was tuned on, and one copy of each for either "
        "strength. Over pairs; in brackets, what holds 95 % of 1,000 resamplings of the originals.",
    ]
    return "\n".join(lines) + "\n"


def _told(interval: Interval) -> str:
    return f"{interval.mean:.3f} ({interval.low:.3f}-{interval.high:.3f})"
