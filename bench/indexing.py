"""Bulk indexing against what decoding and the model alone allow, and against the peer.

The three take turns, so that whatever else the machine does hits all alike; each turn's ratios are
taken, and their median is reported.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.alone import Alone
from bench.measuring import Figure, Spread, at_least
from bench.peer.running import running
from bench.serving import likeness
from bench.setting import Setting
from bench.work import Work, timm_name

LIMIT_SHARE = 0.9
PEER_TIMES = 5.0
BACKBONES = ("resnet18", "mobilenetv3_large")


def indexing(setting: Setting) -> Iterator[Figure]:
    """`likeness index FOLDER` into a new home, published, under each backbone."""
    for model in setting.models or BACKBONES:
        setting.say(f"indexing with {model}")
        setting.work.add_model(model)
        yield from indexing_with(model, setting)


def indexing_with(model: str, setting: Setting) -> Iterator[Figure]:
    work, sizes = setting.work, setting.sizes
    files = work.large_pictures(sizes.indexed)
    few = files[:: len(files) // sizes.peer_indexed][: sizes.peer_indexed]
    limits, wholes, peers = [], [], []
    with (
        Alone(work.models, work.compiled, model) as alone,
        running(setting.peer, timm_name(model)) as peer,
    ):
        arrangement = alone.best(files)
        # Once unmeasured: the first job compiles the model for this machine.
        _rate(model, few[0].parent, work)
        for _ in range(sizes.repeats):
            limits.append(arrangement.rate(files))
            wholes.append(_rate(model, files[0].parent, work))
            if peer is not None:
                peers.append(peer.indexing_rate(few))
    what = f"bulk indexing, {model}, {len(files)} pictures"
    shares = Spread.of([whole / limit for whole, limit in zip(wholes, limits, strict=True)])
    yield at_least(
        f"{what}, share of the limit",
        shares.p50,
        LIMIT_SHARE,
        "x the limit",
        f"{Spread.of(wholes).told('pictures/s')} against {Spread.of(limits).told('pictures/s')} "
        f"alone ({arrangement.name}); ratio {shares.told('x')}",
        likeness_per_s=wholes,
        limit_per_s=limits,
        arrangement=arrangement.name,
    )
    if peers:
        times = Spread.of([whole / each for whole, each in zip(wholes, peers, strict=True)])
        yield at_least(
            f"{what}, against the peer",
            times.p50,
            PEER_TIMES,
            "x the peer",
            f"{Spread.of(wholes).told('pictures/s')} against {Spread.of(peers).told('pictures/s')} "
            f"of the peer on {len(few)} of the same files; ratio {times.told('x')}",
            likeness_per_s=wholes,
            peer_per_s=peers,
        )


def _rate(model: str, pictures: Path, work: Work) -> float:
    """Of a job from its start to its published release, as its report tells."""
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        home = work.new_home(Path(folder))
        report = json.loads(likeness(home, "index", str(pictures), "--model", model, "--json"))
    return float(report["indexed"] / report["seconds"])
