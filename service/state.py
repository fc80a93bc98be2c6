"""What the handlers work with, opened once and closed once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Request

from fetching.fetcher import Fetcher
from retrieval.assembly import Engine
from retrieval.home import Home
from service.admission import Admission
from service.images.thumbnails import Thumbnails
from service.keeping import Keeper
from service.key_ring import KeyRing
from service.metrics import Metrics
from service.pools import Pool, Threads
from service.settings import ServiceSettings

_COUNTS_ADMITTED = 32
"""Nearly all of those that wait ask for what the first ones are counting."""


@dataclass(frozen=True)
class ServiceState:
    """One home, served: the engine over it, and what bounds and feeds it."""

    settings: ServiceSettings
    home: Home
    engine: Engine
    thumbnails: Thumbnails
    fetcher: Fetcher
    keeper: Keeper
    keys: KeyRing
    threads: Threads
    searches: Admission
    writes: Admission
    bulks: Admission
    counts: Admission
    metrics: Metrics

    def public(self, message: str) -> str:
        """A message for the operator, without the place of this home on the machine."""
        return message.replace(str(self.home.root), "LIKENESS_HOME")


@contextmanager
def opened(
    settings: ServiceSettings,
    keeper: Keeper,
    metrics: Metrics,
    warm_up: Callable[[Engine, Pool], None],
) -> Iterator[ServiceState]:
    """All that handlers need, while the keeper, which is at work already, follows the changes.

    `warm_up` is called once collections are open, with the threads in which they are searched.
    """
    engine = keeper.engine
    with engine.home.fetcher() as fetcher:
        threads = Threads()
        keeper.follow(partial(warm_up, engine, threads.searching))
        try:
            state = ServiceState(
                settings=settings,
                home=engine.home,
                engine=engine,
                thumbnails=Thumbnails(engine.home.pictures),
                fetcher=fetcher,
                keeper=keeper,
                keys=KeyRing(engine.home.database),
                threads=threads,
                searches=Admission("searches", settings.queue_limit),
                writes=Admission("writes", settings.write_limit),
                bulks=Admission("bulk streams", settings.bulk_limit),
                counts=Admission("facet counts", _COUNTS_ADMITTED),
                metrics=metrics,
            )
            metrics.watch(
                {
                    "search": state.searches,
                    "write": state.writes,
                    "bulk": state.bulks,
                    "count": state.counts,
                },
                engine.follower,
            )
            yield state
        finally:
            # Before the threads that it warms up in are closed.
            keeper.stop()
            threads.close()


def state_of(request: Request) -> ServiceState:
    """What the application that answers this request was opened with."""
    return cast(ServiceState, request.state.service)


async def _state_of(request: Request) -> ServiceState:
    return state_of(request)


State = Annotated[ServiceState, Depends(_state_of)]
