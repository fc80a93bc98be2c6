"""From a request to a question: what is asked with, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.filters import Filter
from embedding.errors import RegionInvalid, WeightsInvalid
from embedding.fused.weights import parsed_weights
from embedding.regions import Region
from retrieval.engine import MAX_QUERIES
from retrieval.errors import QueryInvalid
from service.errors import InField
from service.pictures_in import Addressed, Asked, OfProduct, asked_in_parts, uploaded_base64
from service.reading import Form, checked, fields_of
from service.search.schemas import SearchParameters, SearchRequest


@dataclass(frozen=True)
class Question:
    asked: tuple[Asked, ...]
    parameters: SearchParameters
    wanted: Filter
    weights: Mapping[str, float] | None
    region: Region | None = None


def question(body: Form | dict[str, Any]) -> Question:
    """Raises FieldsInvalid, FilterInvalid, QueryInvalid, InField."""
    asked, parameters = _of_form(body) if isinstance(body, Form) else _of_json(body)
    if not asked:
        raise QueryInvalid(
            "The search has nothing to search with. Send a picture as the multipart field `image` "
            "(curl -F image=@PICTURE), or a `url`, or a `product_id`."
        )
    if len(asked) > MAX_QUERIES:
        raise QueryInvalid(
            f"{len(asked)} queries were sent; a search takes 1 to {MAX_QUERIES}. Send the others "
            "in another request."
        )
    return questioned(asked, parameters)


def questioned(asked: Sequence[Asked], parameters: SearchParameters) -> Question:
    """Raises FilterInvalid, InField."""
    wanted = Filter.parse(parameters.filter)
    weights = weights_of(parameters.weights)
    return Question(tuple(asked), parameters, wanted, weights, _region_of(parameters.region, asked))


def weights_of(weights: str | Mapping[str, Any] | None) -> Mapping[str, float] | None:
    """Raises InField."""
    try:
        return None if weights is None else parsed_weights(weights)
    except WeightsInvalid as error:
        raise InField("weights", error) from error


def _region_of(region: str | list[Any] | None, asked: Sequence[Asked]) -> Region | None:
    """Raises InField."""
    if region is None:
        return None
    try:
        if len(asked) != 1:
            raise RegionInvalid(
                f"A region is a part of one picture, and {len(asked)} queries were sent. Send each "
                "picture with its region in a request of its own."
            )
        if isinstance(asked[0], OfProduct):
            raise RegionInvalid(
                "A region is a part of one picture, and a product is asked with by all of its own. "
                "Send a picture as `image` or `url`, or leave the region out."
            )
        return Region.parse(region)
    except RegionInvalid as error:
        raise InField("region", error) from error


def _of_form(form: Form) -> tuple[list[Asked], SearchParameters]:
    asked, others = asked_in_parts(
        (*form.parts, *form.query), image="image", url="url", product_id="product_id"
    )
    return asked, checked(SearchParameters, fields_of(others))


def _of_json(document: dict[str, Any]) -> tuple[list[Asked], SearchParameters]:
    request = checked(SearchRequest, document)
    asked: list[Asked] = [
        uploaded_base64(f"images[{place}]", text) for place, text in enumerate(request.images)
    ]
    asked += [Addressed(f"urls[{place}]", url) for place, url in enumerate(request.urls)]
    asked += [
        OfProduct(f"product_ids[{place}]", product_id)
        for place, product_id in enumerate(request.product_ids)
    ]
    return asked, request
