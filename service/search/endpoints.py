"""POST /v1/search, and more like a product."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from embedding.errors import PictureError, RegionInvalid, WeightsInvalid
from retrieval.answers import Answer
from retrieval.errors import NotCalibrated
from retrieval.queries import Query as EngineQuery
from retrieval.reranking import RERANK_DEPTH
from service.access import READ
from service.direct import DirectRoute
from service.documenting import body_of, query_of
from service.errors import InField
from service.paths import decoded_id
from service.pictures_in import OfProduct, in_field, queries
from service.reading import read_form_or_json
from service.replies import json_reply
from service.search.answering import reply_json
from service.search.asking import Question, question, questioned
from service.search.schemas import (
    CollectionName,
    Limit,
    MinProbability,
    MinScore,
    Offset,
    RerankBy,
    RerankDepth,
    SearchParameters,
    SearchReply,
    SearchRequest,
)
from service.searching import worked_off
from service.state import ServiceState, State

router = APIRouter(tags=["search"], dependencies=[READ])
queries_router = APIRouter(tags=["search"], dependencies=[READ], route_class=DirectRoute)


@queries_router.post(
    "/v1/search",
    summary="Find the products most similar to a picture",
    response_model=SearchReply,
    response_model_exclude_unset=True,
    openapi_extra={
        **body_of(
            form=SearchParameters,
            files={"image": "The query pictures: JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF files."},
            texts={
                "url": "Public http(s) addresses of query pictures.",
                "product_id": "Products to search with, by the shop's own id.",
            },
            json=SearchRequest,
        ),
        **query_of(
            SearchParameters,
            texts={
                "url": "Public http(s) addresses of query pictures.",
                "product_id": "Products to search with, by the shop's own id.",
            },
        ),
    },
)
async def search(request: Request, state: State) -> Response:
    """1 to 16 queries: uploads (`image`), addresses (`url`) and products (`product_id`), mixed at
    will. **One query is answered with `hits`; several with `results`, one for each in the order
    they were sent** (a form's parts as they stand, then the query string; of JSON, images before
    urls before product_ids). One picture may be asked with in part, by its `region`.

    Parameters may be form fields or in the query string. A product has one hit, with its picture
    that is most similar. Paging with `offset` is stable as long as `sequence` stays the same:
    exactly in a collection searched exactly; in a clustered one a later page looks further, and may
    find a product that belongs on an earlier one.
    """
    started = time.perf_counter()
    state.searches.check()
    asked = question(await read_form_or_json(request))
    return await _answered(asked, request, state, started)


@router.get(
    "/v1/products/{product_id:path}/similar",
    summary="Find more products like this one",
    response_model=SearchReply,
    response_model_exclude_unset=True,
    tags=["products"],
)
async def similar(
    product_id: str,
    request: Request,
    state: State,
    limit: Annotated[Limit, Query()] = 10,
    offset: Annotated[Offset, Query()] = 0,
    filter: Annotated[str | None, Query(description="As of /v1/search, JSON.")] = None,  # noqa: A002
    min_score: Annotated[MinScore, Query()] = 0.0,
    min_probability: Annotated[MinProbability, Query()] = None,
    collection: Annotated[CollectionName, Query()] = None,
    weights: Annotated[
        str | None, Query(description="As of /v1/search: colour=0.5,texture=0.1, or JSON.")
    ] = None,
    rerank: Annotated[RerankBy, Query()] = None,
    rerank_depth: Annotated[RerankDepth, Query()] = RERANK_DEPTH,
) -> Response:
    """The product itself is not among the hits."""
    parameters = SearchParameters(
        limit=limit,
        offset=offset,
        filter=filter,
        min_score=min_score,
        min_probability=min_probability,
        collection=collection,
        weights=weights,
        rerank=rerank,
        rerank_depth=rerank_depth,
    )
    asked = (OfProduct("product_id", decoded_id(product_id)),)
    return await _answered(questioned(asked, parameters), request, state, time.perf_counter())


async def _answered(
    question: Question, request: Request, state: ServiceState, started: float
) -> Response:
    took_ms: dict[str, float] = {"receive": _since(started)}
    with state.searches.one():
        fetching = time.perf_counter()
        asked_with = await queries(question.asked, state, question.region)
        took_ms["fetch"] = _since(fetching)
        search = _search(question, asked_with, state, took_ms, time.perf_counter())
        answer = await worked_off(search, request, state)
    took_ms = {**took_ms, **answer.took_ms, "total": _since(started)}
    state.metrics.searched(took_ms)
    return json_reply(reply_json(answer, question.asked, took_ms))


def _search(
    question: Question,
    asked_with: Sequence[EngineQuery],
    state: ServiceState,
    took_ms: dict[str, float],
    queued: float,
) -> Callable[[], Answer]:
    parameters = question.parameters

    def search() -> Answer:
        took_ms["queue"] = _since(queued)
        try:
            return state.engine.searching.search(
                parameters.collection or state.settings.collection,
                asked_with,
                limit=parameters.limit,
                offset=parameters.offset,
                wanted=question.wanted,
                min_similarity=parameters.min_score,
                min_probability=parameters.min_probability,
                weights=question.weights,
                rerank=parameters.rerank,
                rerank_depth=parameters.rerank_depth,
            )
        except PictureError as error:
            raise in_field(error, question.asked, asked_with, state) from error
        except RegionInvalid as error:
            raise InField("region", error) from error
        except WeightsInvalid as error:
            raise InField("weights", error) from error
        except NotCalibrated as error:
            raise InField("min_probability", error) from error

    return search


def _since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000.0, 3)
