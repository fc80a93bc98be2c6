"""How long until the first answer, and whether the first is as quick as the hundredth."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bench.measuring import Figure, Spread, at_most
from bench.serving import serving
from bench.setting import Setting
from bench.wire import Connection, upload

MODEL = "mobilenetv3_large"
FIRST_ANSWER_S = 2.0
FIRST_TIMES = 1.25
_HUNDREDTH = slice(90, 110)


def starting(setting: Setting) -> Iterator[Figure]:
    """Processes started one after another; files are in the system's cache, as after a restart."""
    for model in setting.models or (MODEL,):
        setting.say(f"starting with {model}")
        setting.work.add_model(model)
        yield from starting_with(model, setting)


def starting_with(model: str, setting: Setting) -> Iterator[Figure]:
    home = setting.work.catalogue(model, setting.sizes.gallery)
    query = setting.queries()[0]
    # Once unmeasured: the first start of all compiles the model.
    _start(home, query)
    starts = [_start(home, query) for _ in range(setting.sizes.repeats)]
    ready, answered, first, hundredth = (Spread.of(each) for each in zip(*starts, strict=True))
    what = f"{model}, {setting.sizes.gallery:,} pictures"
    yield at_most(
        f"first answer after start, {what}",
        answered.p50,
        FIRST_ANSWER_S,
        "s",
        f"from starting the process: {answered.told('s')}, of which until /health/ready "
        f"{ready.told('s')}",
        answered_s=asdict(answered),
        ready_s=asdict(ready),
    )
    ratios = Spread.of([each[2] / each[3] for each in starts])
    yield at_most(
        f"the first search against the hundredth, {what}",
        ratios.p50,
        FIRST_TIMES,
        "x",
        f"the same picture: first {first.told('ms')}, median of the 91st to the 110th "
        f"{hundredth.told('ms')}; ratios {ratios.told('x')}",
        first_ms=asdict(first),
        hundredth_ms=asdict(hundredth),
    )


def _start(home: Path, query: Path) -> tuple[float, float, float, float]:
    """Seconds to ready and to the first answer; milliseconds of the first and the hundredth."""
    request = upload("/v1/search", image=query.read_bytes())
    took = []
    with serving(home) as service, Connection(service.port) as client:
        for _ in range(_HUNDREDTH.stop):
            sent = time.perf_counter()
            reply = client.exchange(request)
            took.append(time.perf_counter() - sent)
            if reply.status != 200:
                raise RuntimeError(f"a search ended with {reply.status}: {reply.body!r}")
        ready = service.ready_at - service.started_at
    return ready, ready + took[0], 1000 * took[0], 1000 * Spread.of(took[_HUNDREDTH]).p50
