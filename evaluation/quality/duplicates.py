"""Copies among look-alikes: the audit on originals that nothing was tuned on."""

from evaluation.duplicates.trial import duplicates_trial
from evaluation.duplicates.trial_table import (
    EDIT_COLUMNS,
    SCORE_COLUMNS,
    edit_rows,
    note,
    score_rows,
)
from evaluation.quality.section import Section, Table
from evaluation.quality.setting import Setting

_COMMAND = "python -m evaluation.quality --photographs . --only duplicates --out copies.md"


def duplicates(setting: Setting) -> Section:
    work = setting.home.root / "cache" / "copies"
    with setting.watch.step("copies: edit, audit", 1) as advance:
        outcomes = duplicates_trial(setting.photographs, work, setting.home)
        advance(1)
    return Section(
        "Copies",
        "One half of the originals is edited and left among other photographs, many of the same "
        "things from other sides or in other colours, which are no copies; the other half chose "
        "how the audit judges ([duplicates](duplicates.md)). Scores are 0 to 1. "
        "`python -m bench --only duplicates --photographs .` runs imagededup beside it.",
        [
            Table("Pairs", _COMMAND, SCORE_COLUMNS, score_rows(outcomes), [note(outcomes)]),
            Table("By edit", _COMMAND, EDIT_COLUMNS, edit_rows(outcomes)),
        ],
    )
