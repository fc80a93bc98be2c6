"""Memory of the serving process, after searches one by one and then many at once."""

from collections.abc import Iterator

from bench.crowd import CLIENTS
from bench.load import loaded
from bench.machine import resident_mb
from bench.measuring import Figure, at_most
from bench.serving import serving
from bench.setting import Setting
from bench.wire import Connection, upload

MODEL = "mobilenetv3_large"
RESIDENT_MB = 400.0


def resident(setting: Setting) -> Iterator[Figure]:
    """All that is resident counts, mapped files too."""
    for model in setting.models or (MODEL,):
        setting.say(f"memory with {model}")
        setting.work.add_model(model)
        yield resident_with(model, setting)


def resident_with(model: str, setting: Setting) -> Figure:
    home = setting.work.catalogue(model, setting.sizes.gallery)
    queries = setting.queries()
    with serving(home) as service:
        started = resident_mb(service.pid)
        with Connection(service.port) as client:
            for path in queries:
                client.exchange(upload("/v1/search", image=path.read_bytes()))
        searched = resident_mb(service.pid)
        crowded_by = loaded(
            service.port, queries, clients=CLIENTS, seconds=setting.sizes.load_s
        ).answered
        crowded = resident_mb(service.pid)
    what = f"{model}, {setting.sizes.gallery:,} pictures"
    return at_most(
        f"resident memory after {len(queries)} searches, {what}",
        searched["total"],
        RESIDENT_MB,
        "MB",
        f"{_told(searched)}; when ready {_told(started)}; after {crowded_by} more from {CLIENTS} "
        f"clients at once {_told(crowded)}",
        ready_mb=started,
        searched_mb=searched,
        crowded_mb=crowded,
    )


def _told(memory: dict[str, float]) -> str:
    return (
        f"{memory['total']:.0f} MB ({memory['anonymous']:.0f} anonymous, {memory['file']:.0f} "
        "mapped files)"
    )
