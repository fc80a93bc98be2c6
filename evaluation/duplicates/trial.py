"""The trial: copies of real photographs among look-alikes, and how many of them are found."""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedding.images import decode
from evaluation.duplicates.edits import EDITS, Strength
from evaluation.duplicates.originals import chosen_originals
from evaluation.duplicates.same_photographs import same_photographs
from evaluation.duplicates.scoring import Pair, Score, scored
from evaluation.errors import SourceInvalid
from retrieval.duplicates.auditing import LEAST_CONFIDENCE
from retrieval.duplicates.links import Advance, find_links
from retrieval.duplicates.sources import folder_listing
from retrieval.home import Home

ORIGINALS = 800
"""Of both halves together: 400 to tune on, 400 to report on."""


@dataclass(frozen=True)
class CopySet:
    """A folder of originals and one copy of each. `family`: file name -> number of the original;
    `edit`: file name of a copy -> what was done to it. `already`: pairs of originals, by their
    numbers, that were one photograph before."""

    folder: Path
    strength: Strength
    family: Mapping[str, int]
    edit: Mapping[str, str]
    already: frozenset[tuple[int, int]] = frozenset()

    def score(self, said: Sequence[Pair]) -> Score:
        """Pairs between originals that were one photograph already, or between their copies, are
        neither right nor wrong."""
        return scored([pair for pair in said if not self._is_open(pair)], self.family)

    def _is_open(self, pair: Pair) -> bool:
        first, second = sorted(self.family[name] for name in pair)
        return (first, second) in self.already

    def recall_by_edit(self, said: Sequence[Pair]) -> dict[str, tuple[int, int]]:
        """edit -> copies found, and how many there are."""
        found = {
            name for pair in said if self.family[pair[0]] == self.family[pair[1]] for name in pair
        }
        total = Counter(self.edit.values())
        hit = Counter(edit for name, edit in self.edit.items() if name in found)
        return {edit: (hit[edit], total[edit]) for edit in total}


@dataclass(frozen=True)
class Outcome:
    """What the audit said of a set: pairs, their score, and processor `seconds` in all."""

    copies: CopySet
    pairs: list[Pair]
    score: Score
    seconds: float


def make_sets(
    photographs: Path, work: Path, originals: int = ORIGINALS
) -> dict[str, list[CopySet]]:
    """ "tuning" and "reported" -> a set of each strength, written below `work`.

    Edits take turns; each picture's are drawn from its own name, so that a set is the same on
    every machine. Raises SourceInvalid when `photographs` holds too few JPEG files.
    """
    halves = chosen_originals(photographs, originals)
    if min(len(half) for half in halves) < 2 * len(EDITS["strong"]):
        raise SourceInvalid(f"{photographs} holds too few photographs (*.jpg) for a trial.")
    made = {}
    for name, half in zip(("tuning", "reported"), halves, strict=True):
        already = frozenset(same_photographs(half))
        made[name] = [_made(half, work / name / each, each, already) for each in EDITS]
    return made


def audited_set(copies: CopySet, home: Home, step: Callable[[str, int], Advance]) -> Outcome:
    """The audit of a folder, as `likeness duplicates FOLDER` runs it, under the default model."""
    began = time.process_time()
    threads = os.cpu_count() or 1
    listing = folder_listing(copies.folder, home, threads=threads, step=step)
    found = find_links(
        listing,
        home.limits,
        between_products_only=False,
        least_confidence=LEAST_CONFIDENCE,
        threads=threads,
        step=step,
    )
    seconds = time.process_time() - began
    names = [picture.name for picture in listing.pictures]
    pairs = [_pair(names[link.first], names[link.second]) for link in found.links]
    return Outcome(copies, pairs, copies.score(pairs), seconds)


def duplicates_trial(
    photographs: Path,
    work: Path,
    home: Home,
    *,
    originals: int = ORIGINALS,
    step: Callable[[str, int], Advance] = lambda _, __: lambda ___: None,
) -> list[Outcome]:
    """The audit on the half that nothing was tuned on, an outcome for each strength."""
    return [
        audited_set(each, home, step)
        for each in make_sets(photographs, work, originals)["reported"]
    ]


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _made(
    originals: Sequence[Path],
    folder: Path,
    strength: Strength,
    already: frozenset[tuple[int, int]],
) -> CopySet:
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.jpg"):
        stale.unlink()
    edits = EDITS[strength]
    family: dict[str, int] = {}
    edit_of: dict[str, str] = {}
    for number, path in enumerate(originals):
        content = path.read_bytes()
        original, copy = f"{number:05d}-original.jpg", f"{number:05d}-copy.jpg"
        (folder / original).write_bytes(content)
        name = list(edits)[number % len(edits)]
        seed = int.from_bytes(hashlib.sha256(f"{strength} {path.name}".encode()).digest()[:8])
        edited, quality = edits[name](decode(content).image, np.random.default_rng(seed))
        edited.save(folder / copy, "JPEG", quality=quality)
        family |= {original: number, copy: number}
        edit_of[copy] = name
    return CopySet(folder, strength, family, edit_of, already)
