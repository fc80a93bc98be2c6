"""POST /v1/compare: how similar are two pictures or products?"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.access import READ
from service.compare.comparing import compared, compared_by_points, pair_of
from service.compare.schemas import CompareParameters, CompareReply, CompareRequest, PointsReply
from service.documenting import body_of, query_of
from service.errors import FieldProblem, FieldsInvalid
from service.pictures_in import Addressed, Asked, OfProduct, asked_in_parts, uploaded_base64
from service.reading import Form, checked, fields_of, read_form_or_json
from service.replies import json_reply
from service.search.answering import rounded
from service.search.asking import weights_of
from service.state import ServiceState, State

router = APIRouter(tags=["compare"], dependencies=[READ])

_TEXTS = {
    "url_1": "Public address of a picture, instead of image_1.",
    "url_2": "Likewise, instead of image_2.",
    "product_id_1": "A product, instead of image_1; its best picture counts.",
    "product_id_2": "Likewise, instead of image_2.",
}


@router.post(
    "/v1/compare",
    summary="Say how similar two pictures are",
    response_model=CompareReply | PointsReply,
    openapi_extra={
        **body_of(
            form=CompareParameters,
            files={"image_1": "A picture.", "image_2": "What to compare it with."},
            texts=_TEXTS,
            single_files=True,
            json=CompareRequest,
        ),
        **query_of(CompareParameters),
    },
)
async def compare(request: Request, state: State) -> Response:
    """Each side is an upload, an address or a product. Parameters may be form fields or in the
    query string."""
    state.searches.check()
    body = await read_form_or_json(request)
    first, second, parameters = _of_form(body) if isinstance(body, Form) else _of_json(body)
    pair = pair_of(first, second, "of image_{0}, url_{0}, product_id_{0}")
    if parameters.method == "points":
        return await _by_points(pair, parameters, request, state)
    comparison = await compared(
        pair,
        request,
        state,
        model=parameters.model,
        collection=parameters.collection,
        threshold=parameters.threshold,
        weights=weights_of(parameters.weights),
    )
    return json_reply(
        {
            "cosine": round(comparison.cosine, 6),
            "similarity": round(comparison.similarity, 6),
            "match_probability": rounded(comparison.match_probability),
            "similar": comparison.similar,
            "threshold": comparison.threshold,
            "model": comparison.model.name,
            "took_ms": dict(comparison.took_ms),
        }
    )


async def _by_points(
    pair: tuple[Asked, Asked], parameters: CompareParameters, request: Request, state: ServiceState
) -> Response:
    unused = [name for name in ("model", "weights") if getattr(parameters, name) is not None]
    if unused:
        raise FieldsInvalid(
            [
                FieldProblem(name, "is not used by method=points; leave one of the two out")
                for name in unused
            ]
        )
    comparison = await compared_by_points(
        pair,
        request,
        state,
        collection=parameters.collection,
        threshold=parameters.threshold,
    )
    match = comparison.match
    return json_reply(
        {
            "method": "points",
            "similarity": round(comparison.similarity, 6),
            "similar": comparison.similar,
            "threshold": comparison.threshold,
            "inliers": match.inliers,
            "matches": match.matches,
            "features": list(match.features),
            "reason": match.reason,
            "took_ms": dict(comparison.took_ms),
        }
    )


def _of_form(form: Form) -> tuple[list[Asked], list[Asked], CompareParameters]:
    first, others = asked_in_parts(
        (*form.parts, *form.query), image="image_1", url="url_1", product_id="product_id_1"
    )
    second, others = asked_in_parts(others, image="image_2", url="url_2", product_id="product_id_2")
    return first, second, checked(CompareParameters, fields_of(others))


def _of_json(document: dict[str, Any]) -> tuple[list[Asked], list[Asked], CompareParameters]:
    request = checked(CompareRequest, document)
    return _side(request, "1"), _side(request, "2"), request


def _side(request: CompareRequest, number: str) -> list[Asked]:
    asked: list[Asked] = []
    if (image := getattr(request, f"image_{number}")) is not None:
        asked.append(uploaded_base64(f"image_{number}", image))
    if (url := getattr(request, f"url_{number}")) is not None:
        asked.append(Addressed(f"url_{number}", url))
    if (product_id := getattr(request, f"product_id_{number}")) is not None:
        asked.append(OfProduct(f"product_id_{number}", product_id))
    return asked
