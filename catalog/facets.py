"""How many products have which value of a field: the counts beside a shop's filters.

A field's counts leave out the filter's own conditions on it: beside the brand that is chosen stand
the others, with as many products as choosing them would add. All attributes under the same base,
which is the filter less those conditions, are counted in one pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_

from catalog.errors import FacetInvalid
from catalog.field_counts import (
    NOTHING,
    FieldCounts,
    OwnCounts,
    count_attributes,
    count_own,
)
from catalog.filters import Filter, clause
from catalog.records import ATTRIBUTE_NAME
from catalog.tables import Product

MAX_FIELDS = 20
"""Of one question; also how many are told where none are named."""

MAX_VALUES = 100
"""Of one field that are listed."""

MOST_TO_CHOOSE_FROM = 50
"""An attribute with more different values in the collection is no list to choose from: where all
are numbers it is told as a range, else it is left out unless it is named."""

FacetKind = Literal["values", "range"]


@dataclass(frozen=True)
class Facet:
    """One field, over the products that match the filter less its conditions on that field.

    `missing`: how many of them lack it.
    """

    field: str
    kind: FacetKind
    counts: FieldCounts
    missing: int

    @property
    def more(self) -> int:
        """How many different values are not listed."""
        return self.counts.different - len(self.counts.values)


@dataclass(frozen=True)
class Counted:
    """`total` products match the whole filter; a facet of each field, in the order asked for."""

    total: int
    facets: tuple[Facet, ...]


Survey = Mapping[str, FieldCounts]
"""Attribute -> what it holds in the whole collection."""


def checked_fields(fields: Sequence[str]) -> tuple[str, ...]:
    """The fields, each once, in the order given. Raises FacetInvalid."""
    for field in fields:
        if field in ("id", "title", "url"):
            raise FacetInvalid(
                f"{field!r} differs from product to product and is not counted; name category, "
                "price or attributes."
            )
        if not ATTRIBUTE_NAME.fullmatch(field):
            raise FacetInvalid(
                f"{field[:70]!r} cannot be a field; name category, price or attributes, with "
                "commas between them."
            )
    once = tuple(dict.fromkeys(fields))
    if len(once) > MAX_FIELDS:
        raise FacetInvalid(
            f"{len(once)} fields were named; at most {MAX_FIELDS} are counted at once."
        )
    return once


class Facets:
    """Counts the products of one collection, inside the caller's transaction.

    `fields` are those of `checked_fields`, None for category, price and every attribute that is
    good to filter by; `most_values` of each are listed, at most MAX_VALUES.
    """

    def __init__(
        self,
        connection: Connection,
        collection_id: int,
        fields: Sequence[str] | None,
        most_values: int,
    ) -> None:
        self._connection = connection
        self._collection_id = collection_id
        self._fields = fields
        self._most_values = most_values

    def survey(self) -> Survey:
        """Over all products: it says which attributes are told, and which of them as a range.

        A filter has no say in that: what a page offers stays the same as a shopper narrows it.
        """
        names = None if self._fields is None else _attributes(self._fields)
        if names == []:
            return {}
        return count_attributes(
            self._connection,
            self._among(Filter()),
            names=names,
            most_different=MOST_TO_CHOOSE_FROM,
            most_names=MAX_FIELDS,
            most_values=self._most_values,
        )

    def counted(self, wanted: Filter, survey: Survey) -> Counted:
        """`survey` as given in the same transaction, or for the same sequence."""
        fields = self._fields
        if fields is None:
            fields = ("category", "price", *survey)[:MAX_FIELDS]
        fields_of: dict[Filter, list[str]] = {wanted: []}
        for field in fields:
            fields_of.setdefault(wanted.without(field), []).append(field)
        own = {
            base: count_own(self._connection, self._among(base), self._most_values)
            for base in fields_of
        }
        found = {
            facet.field: facet
            for base, those in fields_of.items()
            for facet in self._under(base, own[base], those, survey)
        }
        return Counted(own[wanted].total, tuple(found[field] for field in fields))

    def _under(
        self, base: Filter, own: OwnCounts, fields: Sequence[str], survey: Survey
    ) -> list[Facet]:
        counts = dict(survey)
        if base and (names := _attributes(fields)):
            counts = count_attributes(
                self._connection,
                self._among(base),
                names=names,
                most_names=MAX_FIELDS,
                most_values=self._most_values,
            )
        counts |= {"category": own.category, "price": own.price}
        return [
            Facet(field, _kind(field, survey), each, own.total - each.count)
            for field in fields
            for each in [counts.get(field, NOTHING)]
        ]

    def _among(self, wanted: Filter) -> ColumnElement[bool]:
        return and_(Product.collection_id == self._collection_id, clause(wanted))


def _attributes(fields: Sequence[str]) -> list[str]:
    return [field for field in fields if field not in ("category", "price")]


def _kind(field: str, survey: Survey) -> FacetKind:
    if field == "price":
        return "range"
    held = survey.get(field, NOTHING)
    many = held.different > MOST_TO_CHOOSE_FROM
    return "range" if many and held.are_numbers else "values"
