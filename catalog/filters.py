"""The filter language: JSON in, a checked tree, a WHERE clause out.

    {"category": "shoes", "price": {"lte": 50}, "brand": {"in": ["a", "b"]}}

Every field named must match (AND). A bare value means `eq`; several operators on one field must all
hold. A product that lacks an attribute matches only `ne`, `nin` and `exists: false`.
"""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from catalog.errors import FilterInvalid
from catalog.json_values import json_flag, json_number, json_text
from catalog.records import ATTRIBUTE_NAME, OWN_FIELDS, Scalar, is_storable
from catalog.tables import Image, Product
from catalog.text_order import by_code_point

MAX_CONDITIONS = 50
MAX_IN_VALUES = 500
OPERATORS = ("eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "exists")


@dataclass(frozen=True)
class Condition:
    """One comparison; `value` is a tuple for `in` and `nin`, a bool for `exists`."""

    field: str
    operator: str
    value: Scalar | tuple[Scalar, ...]
    # In Python True equals 1; in a catalogue they differ, and so must the answers cached by them.
    types: tuple[type, ...] = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        object.__setattr__(self, "types", tuple(type(value) for value in values))


@dataclass(frozen=True)
class Filter:
    """Conditions that must all hold. Hashable, so that answers can be cached by it."""

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, document: str | Mapping[str, Any] | None) -> "Filter":
        """From a JSON text or the object it holds; None or {} is the filter that keeps everything.

        Raises:
            FilterInvalid: names the field and says what would be right.
        """
        if document is None:
            return cls()
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError) as error:
                raise FilterInvalid(
                    f"The filter is not JSON ({error}); write it like "
                    '{"category": "shoes", "price": {"lte": 50}}.'
                ) from error
        if not isinstance(document, Mapping):
            raise FilterInvalid(
                'The filter must be a JSON object such as {"category": "shoes"}, '
                f"not a {type(document).__name__}."
            )
        conditions = tuple(
            condition
            for field, wanted in document.items()
            for condition in _conditions(field, wanted)
        )
        if len(conditions) > MAX_CONDITIONS:
            raise FilterInvalid(
                f"The filter has {len(conditions)} conditions; at most {MAX_CONDITIONS} are taken."
            )
        return cls(conditions)

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def without(self, field: str) -> "Filter":
        """The conditions on all other fields."""
        return Filter(tuple(each for each in self.conditions if each.field != field))


def allowed_images(connection: Connection, collection_id: int, wanted: Filter) -> NDArray[np.int64]:
    """Ids (n,) of the images of every product that matches, ascending, read-only; may be empty."""
    rows = connection.execute(
        select(Image.id)
        .join(Product, Product.id == Image.product_id)
        .where(Image.collection_id == collection_id, clause(wanted))
        .order_by(Image.id)
    )
    found = np.fromiter((row[0] for row in rows), dtype=np.int64)
    # A large index remembers what it made of an array that cannot change.
    found.flags.writeable = False
    return found


def clause(wanted: Filter) -> ColumnElement[bool]:
    """The filter as a condition on `product`."""
    return and_(true(), *(_compiled(condition) for condition in wanted.conditions))


def _conditions(field: str, wanted: object) -> list[Condition]:
    if field not in OWN_FIELDS and not ATTRIBUTE_NAME.fullmatch(field):
        raise FilterInvalid(
            f"{field[:70]!r} cannot be a field: use id, title, url, category, price or the name of "
            "an attribute."
        )
    if not isinstance(wanted, Mapping):
        return [_condition(field, "eq", wanted)]
    if not wanted:
        raise FilterInvalid(
            f'Field {field!r} has an empty condition; write {{"{field}": VALUE}} or one of '
            f"{', '.join(OPERATORS)}."
        )
    return [_condition(field, operator, value) for operator, value in wanted.items()]


def _condition(field: str, operator: str, value: Any) -> Condition:
    if operator not in OPERATORS:
        raise FilterInvalid(
            f"Field {field!r}: there is no operator {operator[:40]!r}; use one of "
            f"{', '.join(OPERATORS)}."
        )
    if operator in ("in", "nin"):
        if not isinstance(value, list) or not 0 < len(value) <= MAX_IN_VALUES:
            raise FilterInvalid(
                f"Field {field!r}: {operator!r} takes a list of 1 to {MAX_IN_VALUES} values."
            )
        return Condition(field, operator, tuple(_scalar(field, each) for each in value))
    if operator == "exists":
        if not isinstance(value, bool):
            raise FilterInvalid(f"Field {field!r}: 'exists' takes true or false.")
        return Condition(field, operator, value)
    scalar = _scalar(field, value)
    if operator in ("lt", "lte", "gt", "gte") and not _is_ordered(scalar):
        raise FilterInvalid(f"Field {field!r}: {operator!r} takes a number or a text.")
    return Condition(field, operator, scalar)


def _scalar(field: str, value: Any) -> Scalar:
    if isinstance(value, str | int | float | bool | None):
        if isinstance(value, float) and not math.isfinite(value):
            raise FilterInvalid(f"Field {field!r}: {value} is not a finite number.")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise FilterInvalid(f"Field {field!r}: a number must fit into 64 bits.")
        if isinstance(value, str) and not is_storable(value):
            raise FilterInvalid(f"Field {field!r}: the text is not valid UTF-8.")
        if field == "price" and isinstance(value, str | bool):
            raise FilterInvalid(f"Field 'price' compares with numbers, not {str(value)[:40]!r}.")
        if field == "price" and value is not None:
            return float(value)
        return value
    raise FilterInvalid(
        f"Field {field!r}: a value is a text, a number, true, false or null, "
        f"not a {type(value).__name__}."
    )


def _is_ordered(value: Scalar) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


_COMPARE: dict[str, Callable[[ColumnElement[Any], Scalar], ColumnElement[bool]]] = {
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
}


def _compiled(condition: Condition) -> ColumnElement[bool]:
    field, operator, value = condition.field, condition.operator, condition.value
    if operator == "exists":
        return _missing(field) if value is False else not_(_missing(field))
    if operator in ("in", "nin"):
        assert isinstance(value, tuple)
        return _among(field, value) if operator == "in" else not_(_among(field, value))
    assert not isinstance(value, tuple)
    if operator == "eq":
        return _among(field, (value,))
    if operator == "ne":
        return not_(_among(field, (value,)))
    column, comparable = _comparable(field, value)
    if isinstance(comparable, str):
        column = by_code_point(column)
    return and_(column.is_not(None), _COMPARE[operator](column, comparable))


def _among(field: str, values: Sequence[Scalar]) -> ColumnElement[bool]:
    """Whether the field is one of the values; false, not unknown, when it is missing.

    One IN for each type of value: 500 separate comparisons would ask more parameters of SQLite
    than a statement may have.
    """
    wanted = [_comparable(field, value) for value in values if value is not None]
    by_type: dict[type, list[tuple[ColumnElement[Any], Scalar]]] = {}
    for column, comparable in wanted:
        by_type.setdefault(_family(comparable), []).append((column, comparable))
    matches = []
    for group in by_type.values():
        column = group[0][0]
        matches.append(and_(column.is_not(None), column.in_([value for _, value in group])))
    if len(wanted) < len(values):
        matches.append(_missing(field))
    return or_(*matches)


def _family(value: Scalar) -> type:
    return float if type(value) is int else type(value)


def _missing(field: str) -> ColumnElement[bool]:
    own = _OWN_COLUMNS.get(field)
    return (json_text(Product.attributes, field) if own is None else own).is_(None)


_OWN_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "id": Product.external_id,
    "title": Product.title,
    "url": Product.url,
    "category": Product.category,
    "price": Product.price,
}


def _comparable(field: str, value: Scalar) -> tuple[ColumnElement[Any], Scalar]:
    """What to compare with what: an own column, or the attribute read as the value's type.

    Read as text, a stored number equals the text it is written as: a manifest's column of sizes may
    hold 42 and "L", and both are found by the text.
    """
    own = _OWN_COLUMNS.get(field)
    if own is not None:
        # A number asked of a text column means its text: ids and categories are often digits.
        as_it_is = field == "price" or isinstance(value, str)
        return own.expression, value if as_it_is else json.dumps(value)
    if isinstance(value, bool):
        return json_flag(Product.attributes, field), value
    if isinstance(value, int | float):
        return json_number(Product.attributes, field), value
    return json_text(Product.attributes, field), value
