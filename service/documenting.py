"""OpenAPI for bodies that come in two ways: a form with files, or JSON."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from service.forms import MULTIPART
from service.reading import JSON

Schema = dict[str, Any]


def body_of(
    *,
    json: type[BaseModel] | None = None,
    form: type[BaseModel] | None = None,
    files: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    single_files: bool = False,
) -> Schema:
    """`requestBody` for openapi_extra.

    `files` and `texts` are the names and descriptions of fields that may be repeated (files only
    once with `single_files`); the fields of `form` are listed after them.
    """
    content: Schema = {}
    if form is not None:
        content[MULTIPART] = {
            "schema": _form_schema(form, files or {}, texts or {}, single_files),
            # Repeated fields are sent as parts of their own, not joined by commas.
            "encoding": {
                name: {"style": "form", "explode": True} for name in texts or {} if not single_files
            },
        }
    if json is not None:
        content[JSON] = {"schema": schema_of(json)}
    return {"requestBody": {"content": content}}


def query_of(model: type[BaseModel], texts: Mapping[str, str] | None = None) -> Schema:
    """`parameters` for openapi_extra: the same fields in the query string."""
    many = [
        _parameter(name, {"type": "array", "items": {"type": "string"}, "description": description})
        for name, description in (texts or {}).items()
    ]
    return {
        "parameters": [
            *many,
            *(_parameter(name, _as_text(each)) for name, each in _properties(model).items()),
        ]
    }


def schema_of(model: type[BaseModel]) -> Schema:
    """The model's schema in one piece; its fields must not be models themselves."""
    schema = model.model_json_schema()
    assert "$defs" not in schema, f"{model.__name__} has nested models"
    return schema


def _form_schema(
    form: type[BaseModel], files: Mapping[str, str], texts: Mapping[str, str], single_files: bool
) -> Schema:
    file = {"type": "string", "format": "binary"}
    properties: Schema = {}
    for name, description in files.items():
        properties[name] = (
            {**file, "description": description}
            if single_files
            else {"type": "array", "items": file, "description": description}
        )
    for name, description in texts.items():
        text = {"type": "string"}
        properties[name] = (
            {**text, "description": description}
            if single_files
            else {"type": "array", "items": text, "description": description}
        )
    properties |= {name: _as_text(each) for name, each in _properties(form).items()}
    return {"type": "object", "properties": properties}


def _properties(model: type[BaseModel]) -> Schema:
    properties: Schema = schema_of(model).get("properties", {})
    return properties


def _as_text(schema: Schema) -> Schema:
    """Of a field that JSON sends as an object or leaves out with null: what a form sends."""
    kinds = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    if not kinds:
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    text = next((each for each in kinds if each.get("type") not in ("object", "array")), None)
    return kept | (text or {"type": "string"})


def _parameter(name: str, schema: Schema) -> Schema:
    description = schema.get("description", "")
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {key: value for key, value in schema.items() if key != "description"},
    }
