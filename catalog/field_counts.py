"""What one field holds over some products, or all attributes at once: counted by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select, true

from catalog.json_members import (
    FALSE,
    NUMBER,
    TEXT,
    TRUE,
    json_members,
    member_kind,
    member_number,
    member_text,
)
from catalog.records import Scalar
from catalog.tables import Product
from catalog.text_order import by_code_point


@dataclass(frozen=True)
class ValueCount:
    """`value` has the type it is stored with; a whole number is an int, written 1 or 1.0."""

    value: Scalar
    products: int


@dataclass(frozen=True)
class FieldCounts:
    """`count` products have the field, with `different` values; `values` are the most frequent.

    `minimum` and `maximum` are of its numbers, None where there are none; `are_numbers`: whether it
    holds nothing else.
    """

    count: int
    different: int
    are_numbers: bool
    minimum: int | float | None
    maximum: int | float | None
    values: tuple[ValueCount, ...]


NOTHING = FieldCounts(0, 0, False, None, None, ())


@dataclass(frozen=True)
class OwnCounts:
    """`total` products, what their category holds, and their price, whose values are not told."""

    total: int
    category: FieldCounts
    price: FieldCounts


def count_own(connection: Connection, among: ColumnElement[bool], most_values: int) -> OwnCounts:
    """Of the products `among`, in one pass: a filter on attributes costs more than all the rest.

    Equally frequent categories come in the order of their characters.
    """
    price = Product.price
    rows = connection.execute(
        select(Product.category, func.count(), func.count(price), func.min(price), func.max(price))
        .where(among)
        .group_by(Product.category)
    ).all()
    there = [ValueCount(row[0], row[1]) for row in rows if row[0] is not None]
    first = nsmallest(most_values, there, key=lambda each: (-each.products, str(each.value)))
    with_price = sum(row[2] for row in rows)
    return OwnCounts(
        total=sum(row[1] for row in rows),
        category=FieldCounts(
            sum(each.products for each in there), len(there), False, None, None, tuple(first)
        ),
        price=FieldCounts(
            with_price,
            0,
            True,
            min((row[3] for row in rows if row[3] is not None), default=None),
            max((row[4] for row in rows if row[4] is not None), default=None),
            (),
        ),
    )


def count_attributes(
    connection: Connection,
    among: ColumnElement[bool],
    *,
    names: Sequence[str] | None = None,
    most_different: int = 0,
    most_names: int,
    most_values: int,
) -> dict[str, FieldCounts]:
    """Of the products `among`, in one pass; those attributes come first that most products have.

    `names` None takes all whose values are at most `most_different` or numbers without exception.
    At most `most_names` attributes, and `most_values` values of each, are handed out. A number and
    a text are different values, even where they are written alike.
    """
    members = json_members(Product.attributes)
    met = (
        select(
            members.c.key.label("name"),
            member_kind(members).label("kind"),
            member_text(members).label("text"),
            member_number(members).label("number"),
        )
        .select_from(Product, members)
        .where(among, true() if names is None else members.c.key.in_(names))
        .subquery("met")
    )
    value = (met.c.kind, met.c.text, met.c.number)
    groups = (
        select(met.c.name, *value, func.count().label("products"))
        .where(met.c.kind.in_((TEXT, NUMBER, TRUE, FALSE)))
        .group_by(met.c.name, *value)
        .subquery("groups")
    )
    products, number = groups.c.products, groups.c.number
    by_frequency = (products.desc(), groups.c.kind, by_code_point(groups.c.text), number)

    def of_name(total: Any) -> Any:
        return total.over(partition_by=groups.c.name)

    ranked = select(
        groups,
        func.row_number().over(partition_by=groups.c.name, order_by=by_frequency).label("place"),
        of_name(func.count()).label("different"),
        of_name(func.sum(products)).label("having"),
        of_name(func.sum(case((groups.c.kind == NUMBER, 0), else_=1))).label("no_numbers"),
        of_name(func.min(number)).label("minimum"),
        of_name(func.max(number)).label("maximum"),
    ).subquery("ranked")
    is_good = or_(ranked.c.different <= most_different, ranked.c.no_numbers == 0)
    rows = connection.execute(
        select(ranked)
        .where(ranked.c.place <= most_values, true() if names is not None else is_good)
        .order_by(ranked.c.having.desc(), by_code_point(ranked.c.name), ranked.c.place)
        # Each name has at most `most_values` rows, so that the first ones are all there.
        .limit(most_names * most_values)
    )
    by_name: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    return {name: _attribute(of) for name, of in list(by_name.items())[:most_names]}


def _attribute(rows: Sequence[Row[Any]]) -> FieldCounts:
    first = rows[0]
    return FieldCounts(
        # PostgreSQL sums whole numbers to a Decimal.
        count=int(first.having),
        different=first.different,
        are_numbers=first.no_numbers == 0,
        minimum=_number(first.minimum),
        maximum=_number(first.maximum),
        values=tuple(ValueCount(_value(row), row.products) for row in rows),
    )


def _value(row: Row[Any]) -> Scalar:
    if row.kind == TEXT:
        return str(row.text)
    return _number(row.number) if row.kind == NUMBER else row.kind == TRUE


def _number(value: float | Decimal | None) -> int | float | None:
    """Whole ones as far as a filter takes them, 64 bits, as int: no digit is lost."""
    if value is None:
        return None
    is_whole = -(2**63) <= value < 2**63 and value == int(value)
    return int(value) if is_whole else float(value)
