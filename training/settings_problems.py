"""What is wrong with settings, in the product's words: the key, and what it takes."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_BRANCHES = ("str", "int", "float", "bool", "constrained-", "tuple[")
"""How pydantic's names of the kinds that a key may take begin; it puts them behind the key."""

_TAKES: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_parsing_size": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a finite number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "string_type": "text",
        "path_type": "a path",
        "tuple_type": "a list, such as [a, b]",
        "list_type": "a list, such as [a, b]",
        "dict_type": "keys with values, such as {margin: 0.1}",
        "literal_error": "{expected}",
        "greater_than": "a number above {gt:g}",
        "greater_than_equal": "a number of at least {ge:g}",
        "less_than": "a number below {lt:g}",
        "less_than_equal": "a number of at most {le:g}",
        "too_short": "at least {min_length} values",
        "too_long": "at most {max_length} values",
    }
)
"""pydantic's name of an error -> what the key takes."""

_NOT = ", not "


def problems(settings: type[BaseModel], errors: Sequence[ErrorDetails]) -> str:
    """`network.form takes 'single-scale' or 'multi-scale', not 'wide'`; several with semicolons."""
    by_key: dict[str, list[str]] = {}
    for error in errors:
        place = _place(settings, error["loc"])
        key = ".".join(map(str, place)) or "settings"
        by_key.setdefault(key, []).append(_problem(settings, place, error))
    return "; ".join(_joined(key, told) for key, told in by_key.items())


def _problem(settings: type[BaseModel], place: Sequence[int | str], error: ErrorDetails) -> str:
    """What follows the key."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return " takes two numbers" if isinstance(error["loc"][-1], int) else " is missing"
    if kind == "extra_forbidden":
        known = list(_section(settings, place[:-1]).model_fields)
        alike = difflib.get_close_matches(str(place[-1]), known, n=1)
        meant = f" (did you mean {alike[0]}?)" if alike else ""
        return f" is no setting{meant}; there are {', '.join(known)}"
    if kind == "value_error":
        told = str(context["error"])
        return f" {told}" if told.startswith("takes ") else f": {told}"
    if kind == "model_type":
        known = list(_section(settings, place).model_fields)
        takes = f"settings of its own, {', '.join(known)}"
    else:
        takes = _TAKES.get(kind, "another value").format(**context)
    return f" takes {takes}{_NOT}{str(error['input'])[:80]!r}"


def _joined(key: str, told: Sequence[str]) -> str:
    """Of a key that takes one thing or another, both are told."""
    *others, last = dict.fromkeys(told)
    takes = [each.partition(_NOT)[0] for each in others]
    first, *rest = [*takes, last]
    return " or ".join([f"{key}{first}", *(each.removeprefix(" takes ") for each in rest)])


def _place(settings: type[BaseModel], told: Sequence[int | str]) -> tuple[int | str, ...]:
    """Without what pydantic names behind a key that is no section: which kind of value
    (`network.trainable.float`), or the place in a list."""
    sections = _sections(settings, told)
    return tuple(
        key
        for key, section in zip(told, sections, strict=True)
        if section is not None or not (isinstance(key, int) or key.startswith(_BRANCHES))
    )


def _section(settings: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel]:
    """The settings at a place, or those that it is one of."""
    found = [each for each in _sections(settings, [*place, ""]) if each is not None]
    return found[-1]


def _sections(
    settings: type[BaseModel], place: Sequence[int | str]
) -> Iterator[type[BaseModel] | None]:
    """Of each key the settings that it is one of; None within the value of a setting."""
    section: type[BaseModel] | None = settings
    for key in place:
        yield section
        field = None if section is None else section.model_fields.get(str(key))
        if field is not None:
            section = _settings_in(field.annotation)


def _settings_in(annotation: object) -> type[BaseModel] | None:
    """`BudgetSettings | None` and `dict[str, ChangeSettings]` -> the settings in them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_settings_in, get_args(annotation))), None)
