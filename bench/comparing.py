"""The older predictor's call: two pictures in, a score out, against its 2 s."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from bench.measuring import Figure, Spread, at_most, milliseconds
from bench.serving import serving
from bench.setting import Setting
from bench.wire import Connection, upload

MODEL = "mobilenetv3_large"
PAIR_MS = 50.0
DOCUMENTED_MS = 2000.0


def comparing(setting: Setting) -> Iterator[Figure]:
    """POST /cosine_similarity_score with pairs of query pictures."""
    for model in setting.models or (MODEL,):
        setting.say(f"comparing pairs with {model}")
        setting.work.add_model(model)
        yield comparing_with(model, setting)


def comparing_with(model: str, setting: Setting) -> Figure:
    home = setting.work.catalogue(model, setting.sizes.gallery)
    contents = [path.read_bytes() for path in setting.queries()]
    requests = [
        upload(f"/cosine_similarity_score?model_name={model}", image_1=first, image_2=second)
        for first, second in zip(contents[::2], contents[1::2], strict=False)
    ]
    with serving(home) as service, Connection(service.port) as client:
        took = [milliseconds(partial(_compare, client, request)) for request in requests]
    spread = Spread.of(took[1:])
    return at_most(
        f"pair comparison over HTTP, {model}",
        spread.p50,
        PAIR_MS,
        "ms",
        f"{spread}; the first {took[0]:.0f} ms; the documented need is {DOCUMENTED_MS:.0f} ms",
        took_ms=asdict(spread),
        first_ms=took[0],
    )


def _compare(client: Connection, request: bytes) -> None:
    reply = client.exchange(request)
    if reply.status != 200:
        raise RuntimeError(f"a comparison ended with {reply.status}: {reply.body!r}")
