"""What Prometheus is told: a registry of its own for every application."""

from collections.abc import Iterable, Mapping
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from retrieval.following import Follower
from service.admission import Admission

_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """Counts requests and search stages; the rest is read from the state when asked for."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "likeness_http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._latency = Histogram(
            "likeness_http_request_seconds",
            "Time from the request's head to the end of its answer.",
            ("route",),
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "likeness_search_stage_seconds",
            "Time of each stage of a search.",
            ("stage",),
            buckets=_STAGE_BUCKETS,
            registry=self._registry,
        )
        # Finding a label's own meter takes as long as counting: there are a few dozen at most.
        self._counter = cache(lambda *labels: self._requests.labels(*map(str, labels)))
        self._latency_of = cache(self._latency.labels)
        self._stage = cache(self._stages.labels)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._counter(method, route, status).inc()
        self._latency_of(route).observe(seconds)

    def searched(self, took_ms: Mapping[str, float]) -> None:
        for stage, took in took_ms.items():
            self._stage(stage).observe(took / 1000.0)

    def watch(self, admissions: Mapping[str, Admission], follower: Follower) -> None:
        """Also tell what these are like at the moment of asking; admissions by kind."""
        self._registry.register(_Watched(admissions, follower))

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Watched(Collector):
    def __init__(self, admissions: Mapping[str, Admission], follower: Follower) -> None:
        self._admissions = admissions
        self._follower = follower

    def describe(self) -> Iterable[Metric]:
        # Without it, registering would ask `collect` before the service is ready.
        return []

    def collect(self) -> Iterable[Metric]:
        admitted = GaugeMetricFamily(
            "likeness_admitted", "Requests being worked on or waiting.", labels=("kind",)
        )
        rejected = CounterMetricFamily(
            "likeness_rejected",
            "Requests refused because too many were admitted.",
            labels=("kind",),
        )
        for kind, admission in self._admissions.items():
            admitted.add_metric((kind,), admission.admitted)
            rejected.add_metric((kind,), admission.rejected)
        yield from (admitted, rejected, *self._collections())

    def _collections(self) -> Iterable[Metric]:
        families = {
            name: GaugeMetricFamily(f"likeness_collection_{name}", text, labels=("collection",))
            for name, text in (
                ("images", "Pictures that can be found."),
                ("delta", "Of these, not in the release's snapshot."),
                ("sequence", "Last change applied."),
                ("release_sequence", "Last change in the release's snapshot; 0 before the first."),
                ("trouble", "1 when the collection is not up to date."),
            )
        }
        troubles = self._follower.troubles()
        for served in self._follower.open_collections():
            release = 0 if served.release is None else served.release.sequence
            for name, value in (
                ("images", len(served.index)),
                ("delta", served.index.delta_size),
                ("sequence", served.sequence),
                ("release_sequence", release),
                ("trouble", int(served.name in troubles)),
            ):
                families[name].add_metric((served.name,), value)
        return families.values()
