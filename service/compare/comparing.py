"""Two pictures or products of a request, compared; shared with the older predictor's call."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from starlette.requests import Request

from embedding.errors import PictureError, WeightsInvalid
from retrieval.comparing import Comparison, PointComparison
from retrieval.queries import Query
from service.errors import FieldProblem, FieldsInvalid, InField
from service.pictures_in import Asked, in_field, queries
from service.searching import worked_off
from service.state import ServiceState

T = TypeVar("T")


def pair_of(firsts: Sequence[Asked], seconds: Sequence[Asked], wanted: str) -> tuple[Asked, Asked]:
    """The one first and the one second. Raises FieldsInvalid; `wanted` says what may be sent."""
    problems = [*_problems(firsts, "1", wanted), *_problems(seconds, "2", wanted)]
    if problems:
        raise FieldsInvalid(problems)
    return firsts[0], seconds[0]


async def compared(
    pair: tuple[Asked, Asked],
    request: Request,
    state: ServiceState,
    *,
    model: str | None,
    collection: str | None = None,
    threshold: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> Comparison:
    """Raises what the engine raises, InField, ServiceBusy, ClientDisconnect."""

    def compare(first: Query, second: Query) -> Comparison:
        return state.engine.comparing.compare(
            first,
            second,
            model=model or state.settings.model,
            collection=collection or state.settings.collection,
            threshold=threshold,
            weights=weights,
        )

    return await _worked_off(compare, pair, request, state)


async def compared_by_points(
    pair: tuple[Asked, Asked],
    request: Request,
    state: ServiceState,
    *,
    collection: str | None,
    threshold: float | None,
) -> PointComparison:
    """Likewise."""

    def compare(first: Query, second: Query) -> PointComparison:
        return state.engine.comparing.compare_points(
            first,
            second,
            collection=collection or state.settings.collection,
            threshold=threshold,
        )

    return await _worked_off(compare, pair, request, state)


async def _worked_off(
    compare: Callable[[Query, Query], T],
    pair: tuple[Asked, Asked],
    request: Request,
    state: ServiceState,
) -> T:
    with state.searches.one():
        first, second = await queries(pair, state)
        queued = time.perf_counter()

        def work() -> T:
            state.metrics.searched({"queue": (time.perf_counter() - queued) * 1000.0})
            try:
                return compare(first, second)
            except PictureError as error:
                raise in_field(error, pair, (first, second), state) from error
            except WeightsInvalid as error:
                raise InField("weights", error) from error

        return await worked_off(work, request, state)


def _problems(asked: Sequence[Asked], number: str, wanted: str) -> Iterable[FieldProblem]:
    if len(asked) != 1:
        sent = "nothing was sent" if not asked else f"{len(asked)} were sent"
        yield FieldProblem(f"image_{number}", f"{sent}; send one {wanted.format(number)}")
