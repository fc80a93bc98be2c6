"""Bulk indexing against the rate that decoding and the model alone allow."""

import json
import tempfile
from pathlib import Path

from bench.alone import best_arrangement, rate
from bench.measuring import Figure
from bench.serving import likeness
from embedding.store import ModelStore

TARGET = 0.8


def indexing(model: str, pictures: Path, work: Path, repeats: int = 3) -> Figure:
    """`likeness index FOLDER` into a new home, in turn with the limit; the best of each.

    `work` is a home that has the model: its compiled form, made once a machine, is found there.
    """
    files = sorted(pictures.glob("*.jpg"))
    store = ModelStore(work / "models", cache_folder=work / "cache" / "openvino")
    embedder = store.load(model, hint="throughput")
    arrangement = best_arrangement(embedder, files)
    alone, whole = 0.0, 0.0
    for _ in range(repeats):
        alone = max(alone, rate(embedder, files, arrangement))
        whole = max(whole, _indexing_rate(model, pictures, work))
    share = whole / alone
    return Figure(
        name=f"bulk indexing, {model}, {len(files)} pictures",
        value=f"{share:.0%} of the limit",
        target=f">= {TARGET:.0%}",
        met=share >= TARGET,
        detail=f"{whole:.0f} pictures/s against {alone:.0f} alone ({arrangement})",
    )


def _indexing_rate(model: str, pictures: Path, work: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        home = Path(folder)
        for shared in ("models", "cache"):
            (home / shared).symlink_to((work / shared).resolve())
        report = json.loads(likeness(home, "index", str(pictures), "--model", model, "--json"))
    return float(report["indexed"] / report["seconds"])
