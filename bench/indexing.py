"""Bulk indexing against the rate that decoding and the model alone allow."""

import json
import tempfile
from pathlib import Path

from bench.alone import best_rate
from bench.measuring import Figure
from bench.serving import likeness
from embedding.embedder import Embedder

TARGET = 0.8


def indexing(embedder: Embedder, pictures: Path, models: Path, repeats: int = 3) -> Figure:
    """`likeness index FOLDER` into a new home, in turn with the limit; the best of each."""
    files = sorted(pictures.glob("*.jpg"))
    alone, whole, how = 0.0, 0.0, ""
    for _ in range(repeats):
        rate, arrangement = best_rate(embedder, files)
        if rate > alone:
            alone, how = rate, arrangement
        whole = max(whole, _indexing_rate(embedder.card.name, pictures, models))
    share = whole / alone
    return Figure(
        name=f"bulk indexing, {embedder.card.name}, {len(files)} pictures",
        value=f"{share:.0%} of the limit",
        target=f">= {TARGET:.0%}",
        met=share >= TARGET,
        detail=f"{whole:.0f} pictures/s against {alone:.0f} alone ({how})",
    )


def _indexing_rate(model: str, pictures: Path, models: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        home = Path(folder)
        if models.exists():
            (home / "models").symlink_to(models.resolve())
        printed = likeness(home, "index", str(pictures), "--model", model, "--json")
        report = json.loads(printed)
    return float(report["indexed"] / report["seconds"])
