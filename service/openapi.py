"""What the generated OpenAPI document cannot know by itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from embedding.backbones import KNOWN
from service.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemField
from service.state import ServiceState

_DESCRIPTION = """Visual search for shop catalogues: find the products most similar to a picture.

Errors are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem documents: `code` is for
programs, `detail` says what to do, `errors` names the fields. An answer 503 with `Retry-After` is
worth trying again.
"""
_LEGACY = "/cosine_similarity_score"


def describe(app: FastAPI) -> None:
    """Have `app.openapi` describe the problem documents and offer the models as a drop-down."""

    def openapi() -> dict[str, Any]:
        document = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
        )
        _add_problems(document)
        _offer_models(document, _model_names(app.state.service))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemField"] = ProblemField.model_json_schema()
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = {
        "description": "A problem document.",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem


def _offer_models(document: dict[str, Any], names: list[str]) -> None:
    for parameter in document["paths"][_LEGACY]["post"]["parameters"]:
        if parameter["name"] == "model_name":
            parameter["schema"] = {"type": "string", "enum": names}


def _model_names(state: ServiceState) -> list[str]:
    """The installed ones first, then those that a command would add."""
    installed = [card.name for card in state.home.store.cards()]
    return list(dict.fromkeys([*installed, *KNOWN]))
