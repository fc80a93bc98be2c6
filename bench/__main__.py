"""`make bench`: every figure of docs/performance.md, in one run."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.comparing import comparing
from bench.indexing import indexing
from bench.measuring import Figure, machine
from bench.pictures import picture_set
from bench.searching import searching
from bench.serving import likeness
from embedding.store import ModelStore
from embedding.threads import one_blas_thread

# Backbones whose speed is asked for; random weights are as fast as real ones.
BACKBONES = ("mobilenet_v2", "resnet18")


def main() -> None:
    one_blas_thread()
    arguments = _arguments()
    work: Path = arguments.work
    console = Console()
    console.print("machine:", ", ".join(f"{k} {v}" for k, v in machine().items()), markup=False)
    figures: list[Figure] = []
    _add_models(work)
    store = ModelStore(work / "models", cache_folder=work / "cache" / "openvino")
    large = picture_set(work / "large", count=arguments.large, long_side=(600, 2000))
    catalogue = picture_set(work / "catalogue", count=arguments.pictures, long_side=(256, 400))
    queries = sorted(large.glob("*.jpg"))[:: max(1, arguments.large // 200)][:200]
    for name in ("classic", *BACKBONES):
        console.print(f"measuring {name} …")
        figures.append(indexing(name, large, work))
    for name in ("classic", "mobilenet_v2"):
        home = _indexed(work, catalogue, name)
        console.print(f"measuring searches with {name} …")
        figures += searching(store.load(name), home, queries, arguments.pictures)
    figures.append(comparing(home, queries, "mobilenet_v2"))
    _report(console, figures)
    results = Path("bench/results")
    results.mkdir(exist_ok=True)
    (results / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json").write_text(
        json.dumps(
            {"machine": machine(), "figures": [asdict(figure) for figure in figures]}, indent=2
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("data/bench"), help="kept between runs")
    parser.add_argument("--pictures", type=int, default=10_000, help="in the searched catalogue")
    parser.add_argument("--large", type=int, default=600, help="600-2000 px pictures to index")
    return parser.parse_args()


def _add_models(work: Path) -> None:
    """The backbones to be measured, in work/models."""
    for name in BACKBONES:
        if not (work / "models" / name).exists():
            likeness(work, "models", "add", name, "--random-weights")


def _indexed(work: Path, pictures: Path, model: str) -> Path:
    """A home whose default collection holds the pictures under the model; made once."""
    home = work / f"home-{model}"
    home.mkdir(parents=True, exist_ok=True)
    for shared in ("models", "cache"):
        if not (home / shared).exists():
            (home / shared).symlink_to((work / shared).resolve())
    likeness(home, "index", str(pictures), "--model", model, "--json")
    return home


def _report(console: Console, figures: list[Figure]) -> None:
    table = Table(title="Likeness against its limits", title_justify="left")
    for name in ("figure", "measured", "aim", ""):
        table.add_column(name, overflow="fold")
    for figure in figures:
        mark = "met" if figure.met else "missed"
        table.add_row(figure.name, figure.value, figure.target, mark)
    console.print(table)
    for figure in figures:
        console.print(f"{figure.name}: {figure.detail}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
