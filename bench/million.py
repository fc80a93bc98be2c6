"""A million vectors of 256 dimensions: how fast, how complete, how large, how soon ready.

Pictures are embedded, augmented again and again for as long as there is time, reduced to 256
dimensions, and grown to a million (see `bench.growing`). A tenth of the pictures, with all that was
made of them, stays outside: these are the queries. What is measured is measured in a process of
its own that opens the snapshot, answers, and has never held the vectors.
"""

import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from bench.growing import grown, nearest_cosines, neighbourhood, reduced
from bench.measuring import Figure, Spread, at_least, at_most, milliseconds
from bench.pictures import demo_pictures
from embedding.embedder import Embedder
from embedding.images import decode
from embedding.store import ModelStore
from embedding.threads import one_blas_thread
from vector_index.agreement import agreement
from vector_index.recipes import build_index
from vector_index.snapshot import open_snapshot, write_snapshot

DIMENSION = 256
QUERIES = 500
EMBEDDING_S = 600.0
"""Augmenting stops after so many seconds; every picture is embedded once whatever that takes."""
RECALL = 0.98
SHARES = (0.01, 0.1, 0.5)
_HELD_OUT_EVERY = 10
_BATCH = 32
_MODEL = "bench"


def million(
    work: Path,
    *,
    count: int = 1_000_000,
    photographs: Path | None = None,
    model: Path | None = None,
) -> list[Figure]:
    """The figures; what they are measured on is made once and kept in `work`.

    photographs: a folder of JPEGs, those of the demo if none; model: the folder of an installed
    model (`HOME/models/NAME`), the classic one if none.
    """
    kept = work / "million" / _name_of(photographs, model)
    kept.mkdir(parents=True, exist_ok=True)
    real, queries = _real(kept, photographs or work / "demo", model, is_demo=photographs is None)
    # An index made by other code would be measured in the name of this one.
    folder = kept / f"{count}-{_code_version()}"
    if not (folder / "made.json").exists():
        _make(folder, real, queries, count)
    made = json.loads((folder / "made.json").read_text())
    measured = json.loads(
        subprocess.run(
            [sys.executable, "-m", "bench.million", str(folder)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    return _figures(made, measured, count)


def _figures(made: dict[str, Any], measured: dict[str, Any], count: int) -> list[Figure]:
    among = f"among {count:,} vectors"
    every, memory = measured["searches"]["all"], measured["memory_mb"]
    figures = [
        _within(f"one search {among}", every, 2.0, f"{made['recipe']}; {made['life']}"),
        at_least(
            f"recall@10 {among}",
            every["recall"],
            RECALL,
            "of the ten nearest",
            f"of {QUERIES} pictures held out; agreement measured at publishing "
            f"{made['agreement']:.4f}",
        ),
        at_most(
            f"memory, {count:,} vectors",
            memory["all"],
            700.0,
            "MB",
            f"after {QUERIES * len(measured['searches'])} searches: {memory['anonymous']:.0f} MB "
            f"anonymous, {memory['file']:.0f} MB of mapped files; {memory['before']:.0f} MB "
            f"before opening; files {made['files_mb']:.0f} MB",
        ),
        at_most(
            f"opening {count:,} vectors",
            measured["opening_s"],
            1.0,
            "s",
            f"every byte checked, files in the kernel's cache; the first search then took "
            f"{measured['first_ms']:.2f} ms; built in {made['building_s']:.0f} s",
        ),
    ]
    for name, found in measured["searches"].items():
        if name != "all":
            figures.append(_within(f"one search {among}, filter: {name}", found, 5.0, ""))
    return figures


def _within(name: str, found: dict[str, float], bound: float, detail: str) -> Figure:
    """A latency, met only at the recall asked for."""
    told = f"p99 {found['p99']:.2f} ms, least {found['least']:.2f} ms, recall {found['recall']:.4f}"
    figure = at_most(
        name, found["p50"], bound, "ms", "; ".join(filter(None, [told, detail])), **found
    )
    return replace(
        figure, met=figure.met and found["recall"] >= RECALL, target=f"{figure.target} at {RECALL}"
    )


def _make(
    folder: Path, real: NDArray[np.float32], held_out: NDArray[np.float32], count: int
) -> None:
    real, queries = reduced(real, held_out, DIMENSION)
    queries = queries[:QUERIES]
    vectors = grown(real, count)
    alike = vectors[np.random.default_rng(1).permutation(count)[: len(real)]]
    life = (
        f"{len(real):,} real vectors: {neighbourhood(real, queries)}; as many grown ones: "
        f"{neighbourhood(alike, queries)}; all: {neighbourhood(vectors, queries)}"
    )
    ids = np.arange(1, count + 1)
    start = time.perf_counter()
    index = build_index(ids, vectors)
    building_s = time.perf_counter() - start
    agreed = agreement(index, ids, vectors)
    folder.mkdir(parents=True, exist_ok=True)
    manifest = write_snapshot(
        folder / "snapshot", index, model_fingerprint=_MODEL, sequence=0, agreement=agreed
    )
    np.save(folder / "queries.npy", queries)
    for name, allowed in _filters(ids, vectors):
        np.save(folder / f"allowed {name}.npy", allowed)
        rows, _ = nearest_cosines(queries, vectors[allowed - 1], 10)
        np.save(folder / f"truth {name}.npy", allowed[rows])
    # Last: where it is, everything is.
    (folder / "made.json").write_text(
        json.dumps(
            {
                "recipe": index.recipe,
                "agreement": agreed,
                "building_s": building_s,
                "files_mb": sum(file.size_bytes for file in manifest.files.values()) / 1e6,
                "life": life,
            }
        )
    )


def _filters(
    ids: NDArray[np.int64], vectors: NDArray[np.float32]
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    chance = np.random.default_rng(2)
    yield "all", ids
    for share in SHARES:
        yield f"any {share:.0%}", ids[chance.random(len(ids)) < share]
    # As a category does: what is most like one of a few pictures, and nothing else.
    likeness = (vectors @ vectors[chance.integers(0, len(ids), 20)].T).max(axis=1)
    for share in SHARES:
        yield f"{share:.0%} of a kind", ids[likeness >= np.quantile(likeness, 1 - share)]


def _measure(folder: Path) -> dict[str, Any]:
    """In a process that has loaded nothing else."""
    one_blas_thread()
    queries = np.load(folder / "queries.npy")
    before = _memory_mb()
    start = time.perf_counter()
    index, _ = open_snapshot(folder / "snapshot", model_fingerprint=_MODEL)
    opening_s = time.perf_counter() - start
    first_ms = milliseconds(lambda: index.nearest(queries[:1], 10))
    searches = {}
    memory: dict[str, float] = {}
    for path in sorted(folder.glob("truth *.npy")):
        name, truth = path.stem.removeprefix("truth "), np.load(path)
        allowed = None
        if name != "all":
            # Copied: what NumPy loads is a view of memory that somebody could still write to.
            allowed = np.load(folder / f"allowed {name}.npy").copy()
            allowed.flags.writeable = False
        # What is found out once about a filter is not part of each search with it.
        index.nearest(queries[:1], 10, allowed)
        took, hits = [], 0
        for query, nearest in zip(queries, truth, strict=True):
            began = time.perf_counter()
            found, _ = index.nearest(query[np.newaxis], 10, allowed)
            took.append((time.perf_counter() - began) * 1000.0)
            hits += len(np.intersect1d(found[0], nearest))
        spread = Spread.of(took)
        searches[name] = {
            "p50": spread.p50,
            "p99": spread.p99,
            "least": spread.least,
            "recall": hits / truth.size,
        }
        memory = {key: max(memory.get(key, 0.0), size) for key, size in _memory_mb().items()}
    return {
        "opening_s": opening_s,
        "first_ms": first_ms,
        "searches": searches,
        "memory_mb": memory | {"before": before["all"]},
    }


def _memory_mb() -> dict[str, float]:
    """Resident memory of this process: all, anonymous, and pages of files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {
        line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("Vm", "Rss"))
    }
    names = {"all": "VmRSS", "anonymous": "RssAnon", "file": "RssFile"}
    return {name: int(sizes[field]) * 1024 / 1e6 for name, field in names.items()}


def _real(
    kept: Path, pictures: Path, model: Path | None, *, is_demo: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings to grow from and embeddings held out, float32 (n, dimension) of unit length."""
    real, held_out = kept / "real.npy", kept / "held-out.npy"
    if not held_out.exists():
        files = demo_pictures(pictures) if is_demo else sorted(pictures.rglob("*.jpg"))
        random.Random(0).shuffle(files)
        embedder = _embedder(kept, model)
        np.save(real, _embedded(_indexed(files), embedder, EMBEDDING_S))
        np.save(held_out, _embedded(files[::_HELD_OUT_EVERY], embedder, 0.0))
    return np.load(real), np.load(held_out)


def _indexed(files: Sequence[Path]) -> list[Path]:
    return [file for place, file in enumerate(files) if place % _HELD_OUT_EVERY]


def _embedder(kept: Path, model: Path | None) -> Embedder:
    folder = kept / "models" if model is None else model.parent
    store = ModelStore(folder, cache_folder=kept / "cache")
    return store.load("classic" if model is None else model.name, hint="throughput")


def _embedded(files: Sequence[Path], embedder: Embedder, seconds: float) -> NDArray[np.float32]:
    """Every file once as it is, then augmented, in turns, until `seconds` have passed."""
    side = embedder.target_side
    deadline = time.perf_counter() + seconds
    chance = random.Random(1)
    parts = []
    turn = 0
    while turn == 0 or time.perf_counter() < deadline:
        for start in range(0, len(files), _BATCH):
            if turn and time.perf_counter() >= deadline:
                break
            images = [
                decode(file.read_bytes(), target_side=side).reduced_to(side)
                for file in files[start : start + _BATCH]
            ]
            parts.append(
                embedder.embed([_augmented(i, chance) for i in images] if turn else images)
            )
        turn += 1
    return np.concatenate(parts)


def _augmented(image: Image.Image, chance: random.Random) -> Image.Image:
    """The same thing photographed again: another frame, a little turned, in another light."""
    width, height = image.size
    left, top = (chance.uniform(0, 0.15) * side for side in image.size)
    right, bottom = (side - chance.uniform(0, 0.15) * side for side in (width, height))
    image = image.crop((int(left), int(top), int(right), int(bottom)))
    image = image.rotate(chance.uniform(-8, 8), Image.Resampling.BILINEAR, fillcolor=(255,) * 3)
    if chance.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image = ImageEnhance.Brightness(image).enhance(chance.uniform(0.8, 1.2))
    return ImageEnhance.Color(image).enhance(chance.uniform(0.7, 1.3))


def _name_of(photographs: Path | None, model: Path | None) -> str:
    pictures = "demo" if photographs is None else photographs.resolve().name
    return f"{pictures}-{'classic' if model is None else model.name}"


def _code_version() -> str:
    digest = hashlib.sha256()
    for file in [*sorted(Path("vector_index").glob("*.py")), Path("bench/growing.py")]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
