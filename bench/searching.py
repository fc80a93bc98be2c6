"""One search at a time over HTTP, against decoding and the model alone, and against the peer.

In turns of a few queries each: over HTTP, alone in this process, in the peer's process; so that
whatever else the machine does hits all alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.alone import one
from bench.measuring import Figure, Spread, at_least, at_most, milliseconds
from bench.peer.running import Peer, running
from bench.serving import serving
from bench.setting import Setting
from bench.wire import Connection, Reply, upload
from bench.work import timm_name
from embedding.embedder import Embedder
from embedding.model_names import CLASSIC

LIMIT_TIMES = 1.25
P99_TIMES = 2.0
PEER_TIMES = 4.0
MODELS = ("resnet18", "mobilenetv3_large", CLASSIC)
_A_TURN = 20


def searching(setting: Setting) -> Iterator[Figure]:
    """Each query picture once, among the gallery."""
    for model in setting.models or MODELS:
        setting.say(f"searching with {model}")
        setting.work.add_model(model)
        yield from searching_with(model, setting)


@dataclass
class _Taken:
    """Milliseconds of each query, turn by turn; `stages` are those its answer tells, by name."""

    over_http: list[list[float]] = field(default_factory=list)
    alone: list[list[float]] = field(default_factory=list)
    peer: list[list[float]] = field(default_factory=list)
    stages: list[Mapping[str, float]] = field(default_factory=list)


def searching_with(model: str, setting: Setting) -> Iterator[Figure]:
    home = setting.work.catalogue(model, setting.sizes.gallery)
    embedder = setting.work.store.load(model)
    queries = setting.queries()
    turns = [queries[at : at + _A_TURN] for at in range(0, len(queries), _A_TURN)]
    taken = _Taken()
    with serving(home) as service, _peer_of(model, setting) as peer:
        # One turn that does not count: everybody is warm afterwards.
        _take_turn(_Taken(), turns[0], service.port, embedder, peer)
        for turn in turns:
            _take_turn(taken, turn, service.port, embedder, peer)
    yield from _against_limit(f"{model}, {setting.sizes.gallery:,} pictures", taken)
    if taken.peer:
        yield _against_peer(f"{model}, {setting.sizes.gallery:,} pictures", taken)


@contextmanager
def _peer_of(model: str, setting: Setting) -> Iterator[Peer | None]:
    """The peer with as many vectors in its index; None where there is none, or no such model."""
    with running(None if model == CLASSIC else setting.peer, timm_name(model)) as peer:
        if peer is not None:
            peer.fill(setting.sizes.gallery)
        yield peer


def _take_turn(
    taken: _Taken,
    queries: Sequence[Path],
    port: int,
    embedder: Embedder,
    peer: Peer | None,
) -> None:
    contents = [path.read_bytes() for path in queries]
    requests = [upload("/v1/search", image=content) for content in contents]
    replies: list[Reply] = []

    # A connection for each turn: the service closes one that idles while the others take theirs.
    with Connection(port) as client:

        def search(request: bytes) -> None:
            replies.append(client.exchange(request))

        taken.over_http.append([milliseconds(partial(search, request)) for request in requests])
    taken.stages += [_found(reply)["took_ms"] for reply in replies]
    taken.alone.append([milliseconds(partial(one, embedder, content)) for content in contents])
    if peer is not None:
        taken.peer.append(peer.query_ms(queries))


def _found(reply: Reply) -> Mapping[str, Any]:
    """Raises RuntimeError unless something was found: an empty answer is a quick one."""
    answer: Mapping[str, Any] = reply.json()
    if reply.status != 200 or not answer["hits"]:
        raise RuntimeError(f"a search ended with {reply.status}: {answer}")
    return answer


def _against_limit(what: str, taken: _Taken) -> Iterator[Figure]:
    whole, alone = _pooled(taken.over_http), _pooled(taken.alone)
    inside = Spread.of([each["decode"] + each["embed"] for each in taken.stages])
    turns = _ratios(taken.over_http, taken.alone)
    medians = {
        name: Spread.of([each[name] for each in taken.stages]).p50 for name in taken.stages[0]
    }
    told = ", ".join(f"{name} {median:.2f}" for name, median in medians.items())
    yield at_most(
        f"one search over HTTP, {what}",
        whole.p50 / alone.p50,
        LIMIT_TIMES,
        "x the limit",
        f"{whole}; decode + model alone in a loop {alone}, in the serving process {inside} "
        f"({whole.p50 / inside.p50:.2f} x); ratios of turns {turns.told('x')}; medians of the "
        f"stages in ms: {told}",
        http_ms=asdict(whole),
        alone_ms=asdict(alone),
        in_service_ms=asdict(inside),
        turns=asdict(turns),
        stages_ms=medians,
    )
    yield at_most(
        f"99th percentile of one search, {what}",
        whole.p99 / whole.p50,
        P99_TIMES,
        "x the median",
        f"p99 {whole.p99:.1f} ms of {whole.count} searches, most {whole.most:.1f} ms; of decode + "
        f"model alone {alone.p99 / alone.p50:.2f} x",
        http_ms=asdict(whole),
        alone_ms=asdict(alone),
    )


def _against_peer(what: str, taken: _Taken) -> Figure:
    whole, peer = _pooled(taken.over_http), _pooled(taken.peer)
    turns = _ratios(taken.peer, taken.over_http)
    return at_least(
        f"one search against the peer, {what}",
        peer.p50 / whole.p50,
        PEER_TIMES,
        "x faster",
        f"over HTTP {whole}; the peer in its own process, without HTTP, {peer}; ratios of turns "
        f"{turns.told('x')}",
        http_ms=asdict(whole),
        peer_ms=asdict(peer),
        turns=asdict(turns),
    )


def _pooled(turns: Sequence[Sequence[float]]) -> Spread:
    return Spread.of([took for turn in turns for took in turn])


def _ratios(over: Sequence[Sequence[float]], under: Sequence[Sequence[float]]) -> Spread:
    """Of the medians of each turn."""
    pairs = zip(over, under, strict=True)
    return Spread.of([Spread.of(above).p50 / Spread.of(below).p50 for above, below in pairs])
