"""Rivals are given the threshold that serves them best, found on other pictures."""

from pathlib import Path
from typing import Any

from bench.duplicates import _rivals, _said
from evaluation.duplicates.trial import CopySet

FAMILY = {"a0": 0, "a1": 0, "b0": 1, "b1": 1}


def copies(folder: str) -> CopySet:
    return CopySet(Path(folder), "mild", FAMILY, {"a1": "mirrored", "b1": "mirrored"})


def answers(*pairs: tuple[str, str, float], method: str = "PHash") -> dict[str, Any]:
    return {method: {"tuning": {"pairs": list(pairs), "seconds": 1.0}}}


class TestRivals:
    def test_have_their_default_and_their_best_threshold(self) -> None:
        said = answers(("a0", "a1", 4.0), ("b0", "b1", 6.0), ("a0", "b0", 9.0))
        default, tuned = _rivals(said, copies("tuning"))
        assert (default.threshold, default.tuned) == (-10.0, False)
        assert tuned.tuned
        assert copies("tuning").score(_said(said, tuned, copies("tuning"))).f1.mean == 1.0
        assert copies("tuning").score(_said(said, default, copies("tuning"))).f1.mean == 0.8

    def test_of_similarities_take_what_is_above(self) -> None:
        said = answers(("a0", "a1", 0.99), ("b0", "b1", 0.95), ("a0", "b0", 0.91), method="CNN")
        _, tuned = _rivals(said, copies("tuning"))
        assert 0.91 < tuned.threshold <= 0.95
