"""Bodies of requests -> checked values; every refusal names the field."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from catalog.records import is_storable
from service.errors import BodyMalformed, FieldProblem, FieldsInvalid, MediaTypeUnsupported
from service.forms import MULTIPART, URLENCODED, Part, multipart_parts, urlencoded_parts
from service.problems import field_problems

JSON = "application/json"

Model = TypeVar("Model", bound=BaseModel)

# Parsing a longer document on the event loop would hold up everybody else.
_LONG_JSON = 131_072


@dataclass(frozen=True)
class Form:
    """What came as fields: those of the form in the order sent, then those of the query string."""

    parts: tuple[Part, ...]
    query: tuple[Part, ...] = ()


async def read_form_or_json(request: Request) -> Form | dict[str, Any]:
    """A form (or nothing but a query string), or a JSON object.

    Raises MediaTypeUnsupported, BodyMalformed, FieldsInvalid.
    """
    query = tuple(Part(name, value.encode()) for name, value in request.query_params.multi_items())
    kind = media_type(request)
    if kind == MULTIPART:
        parts = await multipart_parts(request.headers["content-type"], request.stream())
        return Form(tuple(parts), query)
    if kind == URLENCODED:
        return Form(tuple(urlencoded_parts(await request.body())), query)
    if kind == JSON:
        document = await read_json(request)
        _refuse_both(document, query)
        return {**{part.name: part.text() for part in query}, **document}
    if kind == "" and not await request.body():
        return Form((), query)
    raise unsupported(kind, MULTIPART, JSON)


async def read_json(request: Request) -> dict[str, Any]:
    """Raises MediaTypeUnsupported, BodyMalformed."""
    check_media_type(request, JSON)
    body = await request.body()
    if len(body) > _LONG_JSON:
        return await asyncio.to_thread(json_object, body)
    return json_object(body)


async def read_optional_json(request: Request) -> dict[str, Any]:
    """Likewise; no body at all is an object without fields."""
    if media_type(request) == "" and not await request.body():
        return {}
    return await read_json(request)


def json_object(body: bytes, what: str = "body") -> dict[str, Any]:
    """A JSON object as the standard has it: no NaN, no half characters. Raises BodyMalformed."""
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BodyMalformed(f"The {what} is not valid JSON ({error}). Correct it there.") from error
    if not isinstance(document, dict):
        raise BodyMalformed(
            f"The {what} is JSON, but a {type(document).__name__} rather than an object; wrap the "
            "fields in { }."
        )
    if _HALF_CHARACTER.search(body) and not _is_whole(document):
        raise BodyMalformed(
            f"The {what} holds half a character (a lone surrogate such as \\ud83d) or a NUL. Send "
            "text in whole characters."
        )
    return document


def check_media_type(request: Request, *wanted: str) -> None:
    """Raises MediaTypeUnsupported for any other."""
    kind = media_type(request)
    if kind not in wanted:
        raise unsupported(kind, *wanted)


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(kind: str, *wanted: str) -> MediaTypeUnsupported:
    sent = f"The content type {kind[:80]!r} is" if kind else "A body without a content type is"
    return MediaTypeUnsupported(f"{sent} not taken here; send {' or '.join(wanted)}.")


def checked(model: type[Model], values: Any) -> Model:
    """The values as the model has them. Raises FieldsInvalid, naming each wrong field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = field_problems(error.errors(include_url=False, include_input=False))
        raise FieldsInvalid([_with_remedy(model, each) for each in problems]) from error


def fields_of(parts: Iterable[Part], *, repeatable: Iterable[str] = ()) -> dict[str, Any]:
    """Text fields by name; one that is empty counts as not sent, as HTML forms send them.

    Raises FieldsInvalid when a field that takes one value came twice.
    """
    fields: dict[str, Any] = {}
    many = frozenset(repeatable)
    for part in parts:
        text = part.text()
        if text == "":
            continue
        if part.name in many:
            fields.setdefault(part.name, []).append(text)
        elif part.name in fields:
            raise FieldsInvalid([FieldProblem(part.name, "was sent more than once; send it once")])
        else:
            fields[part.name] = text
    return fields


def _refuse_both(document: dict[str, Any], query: Iterable[Part]) -> None:
    twice = [part.name for part in query if part.name in document]
    if twice:
        raise FieldsInvalid(
            [
                FieldProblem(name, "is in the body and in the address; send it once")
                for name in twice
            ]
        )


def _with_remedy(model: type[BaseModel], problem: FieldProblem) -> FieldProblem:
    if problem.message.startswith("extra inputs"):
        known = ", ".join(model.model_fields)
        return FieldProblem(problem.field, f"there is no such field here; known are {known}")
    return problem


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


# Only an escape can smuggle one in: raw UTF-8 is checked by decoding it.
_HALF_CHARACTER = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(_is_whole(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return all(map(_is_whole, value))
    return True
