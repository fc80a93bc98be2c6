"""POST /cosine_similarity_score: the call of the older predictor (S4), answered key for key."""

import time

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from service.access import READ
from service.compare.comparing import compared, pair_of
from service.documenting import body_of
from service.errors import MediaTypeUnsupported
from service.forms import MULTIPART
from service.legacy.schemas import LegacyParameters, LegacyReply
from service.pictures_in import asked_in_parts
from service.reading import Form, checked, fields_of, read_form_or_json
from service.replies import json_reply
from service.state import State

router = APIRouter(tags=["compare"], dependencies=[READ])


class _NoFields(BaseModel):
    pass


@router.post(
    "/cosine_similarity_score",
    summary="The older predictor's call",
    response_model=LegacyReply,
    openapi_extra={
        **body_of(
            form=_NoFields,
            files={"image_1": "A picture.", "image_2": "What to compare it with."},
            single_files=True,
        ),
        "parameters": [
            {
                "name": "model_name",
                "in": "query",
                "required": False,
                "description": "Model to compare with; one that is not installed yet is refused "
                "with the command that installs it.",
                "schema": {"type": "string"},
            }
        ],
    },
)
async def cosine_similarity_score(request: Request, state: State) -> Response:
    """(cosine + 1) / 2 of two uploads, and whether it reaches the threshold. `/v1/compare` is the
    modern twin."""
    started = time.perf_counter()
    state.searches.check()
    form = await read_form_or_json(request)
    if not isinstance(form, Form):
        raise MediaTypeUnsupported(f"Send the two pictures as {MULTIPART}.")
    first, others = asked_in_parts((*form.parts, *form.query), image="image_1", url="")
    second, others = asked_in_parts(others, image="image_2", url="")
    parameters = checked(LegacyParameters, fields_of(others))
    comparison = await compared(
        pair_of(first, second, "picture as image_{0}"),
        request,
        state,
        model=parameters.model_name or state.settings.legacy_model,
        threshold=state.settings.legacy_threshold,
    )
    return json_reply(
        {
            "Similarity Score": comparison.similarity,
            "Are the images similar?": "Yes" if comparison.similar else "No",
            "Time taken in milliseconds": round((time.perf_counter() - started) * 1000.0, 3),
        }
    )
