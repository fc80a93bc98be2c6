"""`make bench` and `make bench-full`: every figure of docs/performance.md, in one run."""

import argparse
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench.browsing import browsing
from bench.comparing import comparing
from bench.crowd import crowd
from bench.duplicates import duplicates
from bench.embedding import embedding
from bench.indexing import indexing
from bench.machine import Disturbance, machine
from bench.measuring import Figure
from bench.million import million
from bench.peer.installing import PEER, PeerMissing, peer_python
from bench.reporting import RESULTS, print_report, write_report
from bench.resident import resident
from bench.searching import searching
from bench.setting import FULL, SHORT, Setting
from bench.starting import starting
from bench.work import Work
from embedding.threads import one_blas_thread


def vectors(setting: Setting) -> Iterable[Figure]:
    """A million of them in the full measurement, fewer in the short one."""
    setting.say(f"{setting.sizes.vectors:,} vectors")
    return million(
        setting.work.root,
        count=setting.sizes.vectors,
        photographs=setting.work.photographs,
        model=setting.grown_from,
    )


GROUPS: Mapping[str, Callable[[Setting], Iterable[Figure]]] = {
    "embedding": embedding,
    "indexing": indexing,
    "searching": searching,
    "crowd": crowd,
    "million": vectors,
    "starting": starting,
    "resident": resident,
    "comparing": comparing,
    "duplicates": duplicates,
    "browsing": browsing,
}
BESIDE_THE_PEER = {"indexing", "searching"}
"""The groups that measure the peer, too: only they wait until it is installed."""


def main() -> None:
    one_blas_thread()
    arguments = _arguments()
    console = Console()
    here = machine()
    console.print("machine:", ", ".join(f"{k} {v}" for k, v in here.items()), markup=False)
    began = time.perf_counter()
    notes: list[str] = []

    def say(what: str) -> None:
        console.print(f"{time.perf_counter() - began:5.0f} s  {what}", markup=False, soft_wrap=True)

    work = Work(arguments.work, arguments.photographs)
    work.root.mkdir(parents=True, exist_ok=True)
    groups = arguments.only or list(GROUPS)
    peer = None
    if not BESIDE_THE_PEER.isdisjoint(groups):
        try:
            say(f"looking for {PEER}, installing it the first time")
            peer = peer_python(work.root)
        except PeerMissing as error:
            notes.append(str(error))
            say(f"{error}; going on without it")
    sizes = FULL if arguments.full else SHORT
    if arguments.originals is not None:
        sizes = replace(sizes, originals=arguments.originals)
    setting = Setting(
        work,
        sizes,
        peer,
        say,
        arguments.model or (),
        arguments.grow_from,
        arguments.cnn_weights,
    )
    disturbance = Disturbance()
    figures: list[Figure] = []
    for name in groups:
        figures += GROUPS[name](setting)
    notes.append(f"others took {disturbance.percent():.0f}% of the processors meanwhile")
    print_report(console, figures)
    console.print(f"- {'; '.join(notes)}", markup=False, soft_wrap=True)
    say(f"written to {write_report(RESULTS, here, figures, notes)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="more pictures, vectors, queries and repeats"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted(GROUPS),
        metavar="GROUP",
        help=f"one group, repeatable: {', '.join(GROUPS)}",
    )
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME",
        help="a backbone to measure instead of those the groups name, repeatable",
    )
    parser.add_argument(
        "--photographs",
        type=Path,
        metavar="FOLDER",
        help="JPEGs, in folders of any depth, instead of the demo's rendered pictures",
    )
    parser.add_argument(
        "--grow-from",
        type=Path,
        metavar="FOLDER",
        help="an installed model (HOME/models/NAME), such as one with real weights, whose "
        "embeddings the group million grows from; the classic one if none",
    )
    parser.add_argument(
        "--cnn-weights",
        type=Path,
        metavar="FILE",
        help="safetensors of timm's mobilenetv2_100, for imagededup's CNN in the group duplicates "
        "where the weights that it downloads cannot be had",
    )
    parser.add_argument(
        "--originals",
        type=int,
        metavar="COUNT",
        help="photographs that are copied in the group duplicates, half of them to tune on",
    )
    parser.add_argument("--work", type=Path, default=Path("data/bench"), help="kept between runs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
