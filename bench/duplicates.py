"""Copies of photographs found among look-alikes: the audit beside imagededup, on the same files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.imagededup.installing import IMAGEDEDUP, imagededup_pairs, imagededup_python
from bench.measuring import Figure, at_least
from bench.peer.installing import PeerMissing
from bench.setting import Setting
from evaluation.duplicates.edits import Strength
from evaluation.duplicates.scoring import Pair, Score
from evaluation.duplicates.trial import CopySet, Outcome, audited_set, make_sets
from evaluation.duplicates.trial_table import trial_markdown
from retrieval.home import Home
from retrieval.settings import EngineSettings

AIMS: Mapping[Strength, float] = {"mild": 0.97, "strong": 0.85}
# What the peer itself takes where nothing is said.
_DEFAULTS = {"PHash": -10.0, "DHash": -10.0, "AHash": -10.0, "WHash": -10.0, "CNN": 0.9}


@dataclass(frozen=True)
class _Rival:
    """A method of the peer at one threshold; a distance counts as its negative."""

    method: str
    threshold: float
    tuned: bool

    @property
    def name(self) -> str:
        how = "tuned" if self.tuned else "default"
        return f"imagededup {self.method} ({abs(self.threshold):.2g}, {how})"


def duplicates(setting: Setting) -> Iterator[Figure]:
    """F1 over pairs, mild and strong edits; ours must also lead every rival at its best threshold.

    The best threshold of each rival is found, for each strength, on the half of the originals that
    ours was tuned on; everything is reported on the other.
    """
    if setting.work.photographs is None:
        setting.say("no --photographs: copies are looked for among photographs only; passed over")
        return
    setting.say("editing photographs")
    sets = make_sets(
        setting.work.photographs, setting.work.root / "duplicates", setting.sizes.originals
    )
    answers: dict[str, Any] = {}
    try:
        setting.say(f"looking for {IMAGEDEDUP}, installing it the first time")
        python = imagededup_python(setting.work.root)
        setting.say(f"{IMAGEDEDUP} on {sum(len(each) for each in sets.values())} folders")
        folders = [each.folder for half in sets.values() for each in half]
        answers = imagededup_pairs(python, folders, setting.cnn_weights)
    except PeerMissing as error:
        setting.say(f"{error}; going on without it")
    if trouble := answers.get("CNN", {}).get("error"):
        setting.say(f"its CNN could not run: {trouble}")
        del answers["CNN"]
    outcomes, rows = [], []
    with Home(EngineSettings(home=setting.work.root / "homes" / "duplicates")) as home:
        for tuning, reported in zip(sets["tuning"], sets["reported"], strict=True):
            setting.say(f"auditing {reported.strength} edits")
            outcome = audited_set(reported, home, lambda *_: lambda _: None)
            outcomes.append(outcome)
            rivals = [
                (rival, reported.score(_said(answers, rival, reported)))
                for rival in _rivals(answers, tuning)
            ]
            rows += [(reported.strength, rival.name, score) for rival, score in rivals]
            yield _figure(outcome, rivals, answers)
    table = setting.work.root / "duplicates" / "table.md"
    table.write_text(trial_markdown(outcomes, rows))
    setting.say(f"the table is in {table}")


def _figure(
    outcome: Outcome, rivals: Sequence[tuple[_Rival, Score]], answers: Mapping[str, Any]
) -> Figure:
    score, strength = outcome.score, outcome.copies.strength
    best = max((each.f1.mean for _, each in rivals), default=0.0)
    pictures = len(outcome.copies.family)
    told = "; ".join(f"{rival.name} {each.f1.mean:.3f}" for rival, each in rivals) or "no rival ran"
    seconds = {
        method: answer[str(outcome.copies.folder)]["seconds"] for method, answer in answers.items()
    }
    return at_least(
        f"copies found, {strength} edits",
        score.f1.mean,
        max(AIMS[strength], best),
        "F1",
        f"{score.f1.low:.3f} to {score.f1.high:.3f}; precision {score.precision.mean:.3f}, recall "
        f"{score.recall.mean:.3f}, {pictures:,} pictures; {told}; processor seconds "
        f"{outcome.seconds:.0f}, of rivals "
        + ", ".join(f"{method} {took:.0f}" for method, took in seconds.items()),
        aim=AIMS[strength],
        precision=score.precision.mean,
        recall=score.recall.mean,
        rivals={rival.name: each.f1.mean for rival, each in rivals},
        recall_by_edit=outcome.copies.recall_by_edit(outcome.pairs),
        cpu_seconds={"likeness": outcome.seconds, **seconds},
    )


def _rivals(answers: Mapping[str, Any], tuning: CopySet) -> Iterator[_Rival]:
    """Every method as it comes, and at the threshold of its best F1 on `tuning`."""
    for method in answers:
        yield _Rival(method, _DEFAULTS[method], tuned=False)
        tried = [_Rival(method, threshold, tuned=True) for threshold in _thresholds(method)]
        yield max(tried, key=lambda each: tuning.score(_said(answers, each, tuning)).f1.mean)


def _thresholds(method: str) -> Iterable[float]:
    if method == "CNN":
        return np.arange(0.76, 1.0, 0.01).tolist()
    return [-float(distance) for distance in range(17)]


def _said(answers: Mapping[str, Any], rival: _Rival, copies: CopySet) -> list[Pair]:
    pairs = answers[rival.method][str(copies.folder)]["pairs"]
    sign = 1.0 if rival.method == "CNN" else -1.0
    return [(one, other) for one, other, value in pairs if sign * value >= rival.threshold]
