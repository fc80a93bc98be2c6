"""Thirty-two clients at once, and then more of them than the service admits."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bench.alone import CORES, Alone, Arrangement, prepared
from bench.load import Load, loaded
from bench.machine import cpu_seconds
from bench.measuring import Figure, Spread, at_least, at_most
from bench.serving import Serving, serving
from bench.setting import Setting
from service.settings import ServiceSettings

MODELS = ("resnet18", "mobilenetv3_large")
CLIENTS = 32
LIMIT_SHARE = 0.9
P99_TIMES = 2.0
_SURPLUS = 3


def crowd(setting: Setting) -> Iterator[Figure]:
    """Throughput, and what happens to the surplus, among the gallery."""
    for model in setting.models or MODELS:
        setting.say(f"{CLIENTS} clients at once with {model}")
        setting.work.add_model(model)
        yield from crowd_with(model, setting)


def crowd_with(model: str, setting: Setting) -> Iterator[Figure]:
    work, sizes = setting.work, setting.sizes
    home = work.catalogue(model, sizes.gallery)
    queries = setting.queries()
    limits, models, loads, spent, spent_alone = [], [], [], [], []
    queue = ServiceSettings.model_fields["queue_limit"].default
    with Alone(work.models, work.compiled, model) as alone, serving(home) as service:
        arrangement = alone.best(queries)
        inputs = [prepared(alone.embedder, path.read_bytes()) for path in queries]
        _load(service, queries, CLIENTS, 1.0)
        first = arrangement.rate(queries)
        for _ in range(sizes.repeats):
            turn = queries * max(1, round(first * sizes.load_s / len(queries)))
            before = alone.cpu_seconds()
            limits.append(arrangement.rate(turn))
            spent_alone.append(1000 * (alone.cpu_seconds() - before) / len(turn))
            models.append(alone.model_rate(inputs))
            before = cpu_seconds(service.pid)
            loads.append(_load(service, queries, CLIENTS, sizes.load_s))
            spent.append(1000 * (cpu_seconds(service.pid) - before) / loads[-1].answered)
        surplus = _load(service, queries, _SURPLUS * queue, sizes.load_s)
    what = f"{model}, {sizes.gallery:,} pictures"
    yield _throughput(what, loads, limits, models, spent, spent_alone, arrangement)
    yield _slowest(what, loads, queue)
    yield _turned_away(what, surplus, queue)


def _load(service: Serving, queries: list[Path], clients: int, seconds: float) -> Load:
    """Raises RuntimeError for answers other than 200 and 503: something is broken then."""
    load = loaded(service.port, queries, clients=clients, seconds=seconds)
    if strange := set(load.statuses) - {"200", "503"}:
        raise RuntimeError(f"searches were answered {strange} under load")
    return load


def _throughput(
    what: str,
    loads: list[Load],
    limits: list[float],
    models: list[float],
    spent: list[float],
    spent_alone: list[float],
    arrangement: Arrangement,
) -> Figure:
    shares = Spread.of([load.rate / limit for load, limit in zip(loads, limits, strict=True)])
    of_model = Spread.of([load.rate / limit for load, limit in zip(loads, models, strict=True)])
    generator = Spread.of([100 * load.cpu_s / (load.seconds * CORES) for load in loads])
    service_ms, alone_ms = Spread.of(spent), Spread.of(spent_alone)
    return at_least(
        f"{CLIENTS} clients at once, {what}",
        shares.p50,
        LIMIT_SHARE,
        "x the limit",
        f"{Spread.of([each.rate for each in loads]).told('searches/s')} against "
        f"{Spread.of(limits).told('pictures/s')} of decode + model alone ({arrangement.name}) and "
        f"{Spread.of(models).told('pictures/s')} of the model without decoding "
        f"({of_model.p50:.0%}); the service spends {service_ms.told('ms')} of processor time a "
        f"search, decode + model alone {alone_ms.told('ms')}; the clients take "
        f"{generator.p50:.1f}% of the processors",
        searches_per_s=[load.rate for load in loads],
        limit_per_s=limits,
        model_per_s=models,
        arrangement=arrangement.name,
        service_cpu_ms=asdict(service_ms),
        limit_cpu_ms=asdict(alone_ms),
        clients_cpu_percent=asdict(generator),
    )


def _slowest(what: str, loads: list[Load], queue: int) -> Figure:
    """A full queue takes its length over the throughput; twice that is the bound."""
    took = Spread.of([1000 * each for load in loads for each in load.within_s])
    full_queue_ms = 1000 * queue / Spread.of([load.rate for load in loads]).p50
    return at_most(
        f"99th percentile with {CLIENTS} clients, {what}",
        took.p99 / full_queue_ms,
        P99_TIMES,
        "x a full queue",
        f"{took}; a full queue of {queue} takes {full_queue_ms:.0f} ms",
        took_ms=asdict(took),
        full_queue_ms=full_queue_ms,
    )


def _turned_away(what: str, load: Load, queue: int) -> Figure:
    """Lost is what was not answered, or was refused without being told when to come back."""
    refused = load.statuses.get("503", 0)
    if not refused:
        raise RuntimeError(f"{load.clients} clients at a queue of {queue}: nobody was refused")
    took = Spread.of([1000 * each for each in load.within_s])
    return at_most(
        f"{load.clients} clients at a queue of {queue}, {what}",
        load.sent - load.answered + load.without_retry_after,
        0,
        "lost",
        f"{load.sent} sent, {load.answered} answered: {load.statuses['200']} with hits at "
        f"{load.rate:.0f} searches/s ({took}), {refused} with 503, of them "
        f"{load.without_retry_after} without Retry-After; {load.lost} closed upon or silent",
        **{name: value for name, value in asdict(load).items() if name != "within_s"},
        took_ms=asdict(took),
    )
