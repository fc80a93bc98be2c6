"""Errors as RFC 9457 problem documents, rendered in one place."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import DatabaseError, PictureMissing
from embedding.errors import ModelBroken
from service.errors import (
    EXPECTED,
    RETRIED,
    RETRY_AFTER_S,
    FieldProblem,
    FieldsInvalid,
    InField,
    KeyMissing,
    status_of,
)
from service.replies import json_bytes
from vector_index.errors import VectorIndexError

logger = logging.getLogger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemField(BaseModel):
    field: str = Field(description="Name of the field, as it was sent.")
    message: str


class Problem(BaseModel):
    """An error, after RFC 9457; `detail` says what was wrong and what to do."""

    type: str = Field(examples=["urn:likeness:problem:picture-unreadable"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str
    code: str = Field(description="A stable name for programs.", examples=["picture-unreadable"])
    errors: list[ProblemField] | None = None


def render_errors(app: FastAPI) -> None:
    """Have every error that reaches the application answered as a problem document."""
    for kind in EXPECTED:
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


def problem_of(error: Exception) -> dict[str, Any]:
    """The document of an expected error."""
    cause = error.error if isinstance(error, InField) else error
    status = status_of(cause)
    code = getattr(cause, "code", "internal-error")
    if status >= 500 and not isinstance(cause, RETRIED):
        logger.error("%s: %s", code, cause)
    return _document(status, code, _told(cause), _fields(error))


def problem_reply(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(
        json_bytes(document),
        status_code=document["status"],
        headers=headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )


def unexpected_reply(request_id: str) -> Response:
    """A fault of ours: nothing of its inside is told but where the log has it."""
    return problem_reply(
        _document(
            500,
            "internal-error",
            f"Something went wrong here, not in your request. Request {request_id} is in the "
            "service's log; please report it.",
        )
    )


async def _expected(request: Request, error: Exception) -> Response:
    del request
    return problem_reply(problem_of(error), _headers(error))


async def _validation(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RequestValidationError)
    return problem_reply(problem_of(FieldsInvalid(field_problems(error.errors()))))


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such path, or not with this method."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    path = request.url.path
    answered = {name.lower(): value for name, value in headers.items()}.get("allow", "others")
    details = {
        404: ("not-found", f"There is nothing at {path}. GET /docs shows every endpoint."),
        405: (
            "method-not-allowed",
            f"{path} does not answer {request.method}; it answers {answered}. "
            "GET /docs shows each endpoint.",
        ),
    }
    code, detail = details.get(error.status_code, ("http-error", str(error.detail)))
    return problem_reply(_document(error.status_code, code, detail), headers)


def field_problems(errors: Sequence[Any]) -> list[FieldProblem]:
    """pydantic's findings, in the names of the request."""
    return [FieldProblem(_field_name(each["loc"]), _message(each)) for each in errors]


def _field_name(location: Sequence[Any]) -> str:
    path = [part for part in location if part not in ("query", "body", "path", "header")]
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.lstrip(".") or "body"


def _message(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return message[:1].lower() + message[1:]


def _document(
    status: int, code: str, detail: str, errors: Sequence[FieldProblem] = ()
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"urn:likeness:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        document["errors"] = [{"field": e.field, "message": e.message} for e in errors]
    return document


def _fields(error: Exception) -> Sequence[FieldProblem]:
    if isinstance(error, FieldsInvalid):
        return error.problems
    if isinstance(error, InField):
        inner = error.error
        if isinstance(inner, FieldsInvalid):
            return [FieldProblem(f"{error.field}.{p.field}", p.message) for p in inner.problems]
        return [FieldProblem(error.field, str(inner))]
    return ()


def _told(error: Exception) -> str:
    """The message, unless it is for whoever runs the service: those name paths and hosts."""
    if status_of(error) == 507:
        return _FULL
    return next((text for kinds, text in _FOR_OPERATORS if isinstance(error, kinds)), str(error))


_FULL = (
    "There is no room left to store anything. Nothing of this request was kept; whoever runs the "
    "service must free some space."
)
_FOR_OPERATORS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (DatabaseError, VectorIndexError),
        "The catalogue cannot be used at the moment. Try again shortly; the service's log says "
        "why.",
    ),
    (
        (PictureMissing,),
        "The kept copy of this picture is gone. Send the picture again with PUT /v1/products/ID, "
        "or index its source again.",
    ),
    (
        (ModelBroken,),
        "The model is installed but damaged. Whoever runs the service finds the reason in its log "
        "and with `likeness models list`.",
    ),
)


def _headers(error: Exception) -> dict[str, str] | None:
    cause = error.error if isinstance(error, InField) else error
    if isinstance(cause, RETRIED):
        return {"Retry-After": str(getattr(cause, "retry_after_s", RETRY_AFTER_S))}
    if isinstance(cause, KeyMissing):
        return {"WWW-Authenticate": 'Bearer realm="likeness"'}
    return None
