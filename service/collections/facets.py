"""GET /v1/collections/{name}/facets: what there is to filter by, and how much of each."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from catalog.errors import FacetInvalid
from catalog.facets import MAX_FIELDS, MAX_VALUES, Facet, checked_fields
from catalog.filters import Filter
from retrieval.faceting import FacetAnswer
from service.access import READ
from service.errors import InField
from service.replies import json_reply
from service.state import State

router = APIRouter(tags=["collections"], dependencies=[READ])


class ValueReply(BaseModel):
    value: str | int | float | bool = Field(description="Of the type it is stored with.")
    count: int = Field(description="Products.")


class ValuesReply(BaseModel):
    """A field to choose values of."""

    field: str
    kind: Literal["values"]
    values: list[ValueReply] = Field(description="The most frequent ones first.")
    more: int = Field(description="Different values that are not listed.")
    missing: int = Field(description="Products without the field.")


class RangeReply(BaseModel):
    """A field of many different numbers; null where no product has one."""

    field: str
    kind: Literal["range"]
    min: float | None
    max: float | None
    count: int = Field(description="Products with the field.")
    missing: int = Field(description="Products without it.")


class FacetsReply(BaseModel):
    collection: str
    total: int = Field(description="Products that match the whole filter.")
    sequence: int = Field(description="Last change that the counts know of.")
    facets: list[ValuesReply | RangeReply]


@router.get(
    "/v1/collections/{name}/facets",
    summary="Count what there is to filter by",
    response_model=FacetsReply,
)
async def facets(
    name: str,
    state: State,
    filter: Annotated[str | None, Query(description="As of /v1/search, JSON.")] = None,  # noqa: A002
    fields: Annotated[
        str | None,
        Query(
            description=f"category, price or attributes, joined by commas, {MAX_FIELDS} at most; "
            "else category, price, and every attribute that is good to filter by.",
            examples=["category,brand,price"],
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_VALUES, description="How many values of each field.")
    ] = 20,
) -> Response:
    """Of each field the values and how many products have them, or the range of its numbers. **A
    field's counts leave out the filter's own conditions on that field**: beside the brand that is
    chosen stand the others, with as many products as they would add. They are also the counts of a
    search with that filter."""
    count = partial(
        state.engine.facets.count, name, Filter.parse(filter), _fields_of(fields), limit
    )
    with state.counts.one():
        answer = await state.threads.counting.run(count)
    return json_reply(_json(answer))


def _fields_of(fields: str | None) -> tuple[str, ...] | None:
    """Raises InField."""
    if not fields:
        return None
    try:
        return checked_fields([field.strip() for field in fields.split(",")])
    except FacetInvalid as error:
        raise InField("fields", error) from error


def _json(answer: FacetAnswer) -> dict[str, Any]:
    return {
        "collection": answer.collection,
        "total": answer.total,
        "sequence": answer.sequence,
        "facets": [_facet_json(facet) for facet in answer.facets],
    }


def _facet_json(facet: Facet) -> dict[str, Any]:
    told: dict[str, Any] = {"field": facet.field, "kind": facet.kind}
    if facet.kind == "range":
        told |= {"min": facet.counts.minimum, "max": facet.counts.maximum}
        told["count"] = facet.counts.count
    else:
        told["values"] = [
            {"value": each.value, "count": each.products} for each in facet.counts.values
        ]
        told["more"] = facet.more
    return {**told, "missing": facet.missing}
