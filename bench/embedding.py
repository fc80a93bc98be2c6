"""From a decoded picture to its vector: one at a time, of what that time is made, and many at once.

Models take turns, so that whatever else the machine does hits all alike. Decoding is not in it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PIL import Image

from bench.alone import CORES
from bench.measuring import Figure, Spread, at_least, at_most, milliseconds
from bench.setting import Setting
from embedding.card import BASE_FOLDER, HEAD_FILE
from embedding.embedder import Embedder
from embedding.fused.built_in import BuiltInParts
from embedding.images import decode
from embedding.linear_head.linear_map import LinearMap
from embedding.model_names import BUILT_IN, CLASSIC, SMALL
from embedding.runtime import OnnxEmbedder
from embedding.shipped import SHIPPED
from embedding.store import ModelStore

AIM_MS = 6.0
"""For a model that is part of the program, resizing included."""


@dataclass
class Turns:
    """What one model took, turn by turn."""

    model: str
    one: Embedder
    many: Embedder
    images: Sequence[Image.Image]
    prepare_ms: list[float] = field(default_factory=list)
    total_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    medians_ms: list[float] = field(default_factory=list)
    """Of the total, by turn."""
    bulk_per_s: list[float] = field(default_factory=list)

    def take(self) -> None:
        took = [self._one_by_one(image) for image in self.images]
        self.medians_ms.append(Spread.of(took).p50)
        start = time.perf_counter()
        # As a bulk job does it: each picture on its own, as many at a time as there are processors.
        with ThreadPoolExecutor(CORES) as pool:
            for _ in pool.map(lambda image: self.many.embed([image]), self.images):
                pass
        self.bulk_per_s.append(len(self.images) / (time.perf_counter() - start))

    def _one_by_one(self, image: Image.Image) -> float:
        processor, start = time.process_time(), time.perf_counter()
        prepared = self.one.prepare(image)
        ready = time.perf_counter()
        self.one.embed_prepared([prepared])
        total = (time.perf_counter() - start) * 1000
        self.cpu_ms.append((time.process_time() - processor) * 1000)
        self.prepare_ms.append((ready - start) * 1000)
        self.total_ms.append(total)
        return total


def embedding(setting: Setting) -> Iterator[Figure]:
    """The models of the program, and the networks named by `--model`, else all that are installed
    in the work folder."""
    work = setting.work
    for name in setting.models:
        work.add_model(name)
    installed = [card.name for card in work.store.cards() if card.kind == "onnx"]
    networks = [name for name in setting.models or installed if name not in BUILT_IN]
    setting.say(f"embedding with {', '.join((*BUILT_IN, *networks))}")
    turns = {name: _ready(name, setting) for name in (*BUILT_IN, *networks)}
    parts = _parts_of_small(work.store, turns[SMALL].images)
    parts_ms: dict[str, list[float]] = {part: [] for part in parts}
    for _ in range(setting.sizes.repeats):
        for each in turns.values():
            each.take()
        for part, actions in parts.items():
            parts_ms[part] += [milliseconds(action) for action in actions]
    return _figures(turns, {part: Spread.of(took).p50 for part, took in parts_ms.items()})


def _ready(name: str, setting: Setting) -> Turns:
    store = setting.work.store
    one, many = store.load(name), store.load(name, hint="throughput")
    images = [
        decode(path.read_bytes(), target_side=one.target_side).image for path in setting.queries()
    ]
    for embedder in (one, many):
        embedder.embed(images[:2])  # the first ones pay for what is loaded once
    return Turns(name, one, many, images)


def _parts_of_small(
    store: ModelStore, images: Sequence[Image.Image]
) -> Mapping[str, Sequence[Callable[[], object]]]:
    """Name -> what is timed of each picture, one part at a time."""
    whole, card = store.load(SMALL), store.card(SMALL)
    assert card.head is not None
    base = card.head.base
    network_part = next(part for part in base.parts if part.model is not None)
    assert network_part.model is not None
    network = OnnxEmbedder(
        SHIPPED / SMALL / BASE_FOLDER / network_part.name, network_part.model, cache_folder=None
    )
    head = LinearMap.read(SHIPPED / SMALL / HEAD_FILE, taken=base.dimension, given=card.dimension)
    built_in = BuiltInParts()
    pixels = [store.load(CLASSIC).prepare(image) for image in images]
    joined = np.random.default_rng(0).random((1, base.dimension), dtype=np.float32)
    names = [part.name for part in base.parts if part.model is None]
    return {
        "resizing": [partial(whole.prepare, image) for image in images],
        "network": [partial(network.embed_prepared, [network.prepare(image)]) for image in images],
        **{
            name: [partial(built_in.describe_pixels, each, (name,)) for each in pixels]
            for name in names
        },
        "head": [partial(head, joined) for _ in images],
    }


def _figures(turns: Mapping[str, Turns], parts: Mapping[str, float]) -> Iterator[Figure]:
    for name in BUILT_IN:
        total, taken = Spread.of(turns[name].total_ms), turns[name]
        apart = "; by itself " + ", ".join(f"{part} {ms:.2f}" for part, ms in parts.items())
        yield at_most(
            f"one decoded picture to its vector, {name}",
            total.p50,
            AIM_MS,
            "ms",
            f"{total}; prepare p50 {Spread.of(taken.prepare_ms).p50:.2f} ms; of processor time "
            f"p50 {Spread.of(taken.cpu_ms).p50:.2f} ms"
            f"{f'{apart}, in all {sum(parts.values()):.2f} ms' if name == SMALL else ''}",
            total_ms=taken.medians_ms,
            parts_ms=dict(parts) if name == SMALL else {},
        )
    for name, taken in turns.items():
        rates = [
            bulk * alone / 1000
            for bulk, alone in zip(taken.bulk_per_s, taken.medians_ms, strict=True)
        ]
        yield at_least(
            f"many decoded pictures, {name}, against one after the other",
            Spread.of(rates).p50,
            1.0,
            "x",
            f"{Spread.of(taken.bulk_per_s).told('pictures/s')} in {CORES} threads; ratio "
            f"{Spread.of(rates).told('x')}",
            bulk_per_s=taken.bulk_per_s,
        )
    small = turns[SMALL].medians_ms
    for name in [name for name in turns if name not in BUILT_IN]:
        network = turns[name].medians_ms
        times = Spread.of([one / other for one, other in zip(small, network, strict=True)])
        yield at_most(
            f"one decoded picture to its vector, {SMALL} against {name}",
            times.p50,
            1.0,
            "x",
            f"{Spread.of(small).told('ms')} against {Spread.of(network).told('ms')}; "
            f"ratio {times.told('x')}",
            likeness_ms=small,
            network_ms=network,
        )
