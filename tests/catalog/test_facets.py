"""Counts of values, on both databases, against the same counted in Python."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from catalog.collections import Collections
from catalog.database import Database
from catalog.errors import FacetInvalid
from catalog.facets import (
    MAX_FIELDS,
    MAX_VALUES,
    MOST_TO_CHOOSE_FROM,
    Facet,
    Facets,
    checked_fields,
)
from catalog.filters import Filter
from catalog.products import Products
from catalog.records import ProductFields, ProductInput, Scalar
from tests.catalog.making import make_collection, product, upsert
from tests.catalog.test_filters import SCALARS, TEXTS

FIELDS = ("category", "price", "brand", "Größe", "a b", "weight", "nobody has it")
Stored = dict[str, Scalar]


def stock() -> list[Stored]:
    """Of some fields any value there is, also none; of `brand` a few, of `weight` many numbers."""
    chance = random.Random(7)
    found: list[Stored] = []
    for number in range(240):
        stored: Stored = {"id": f"{number}"}
        stored["category"] = chance.choice([None, *TEXTS])
        stored["price"] = chance.choice([None, 0.0, 4.5, -3.0, 1e9, 12.0])
        stored["brand"] = chance.choice(["acme", "Zoë", "👟", "acme "])
        stored["Größe"] = chance.choice(SCALARS)
        if chance.random() < 0.5:
            stored["a b"] = chance.choice([1, 1.0, "1", True, "true", False, None])
        stored["weight"] = number / 3
        found.append(stored)
    return found


STOCK = stock()

FILTERS: list[tuple[dict[str, Any], dict[str, Callable[[Any], bool]]]] = [
    ({}, {}),
    ({"brand": "acme"}, {"brand": lambda brand: brand == "acme"}),
    (
        {"brand": {"in": ["acme", "Zoë"]}, "price": {"lte": 4.5, "gt": -3}},
        {
            "brand": lambda brand: brand in ("acme", "Zoë"),
            "price": lambda price: price is not None and -3 < price <= 4.5,
        },
    ),
    (
        {"category": "ä", "a b": {"exists": True}, "weight": {"lt": 60}},
        {
            "category": lambda category: category == "ä",
            "a b": lambda held: held is not None,
            "weight": lambda weight: weight < 60,
        },
    ),
    ({"brand": "none"}, {"brand": lambda brand: brand == "none"}),
]


@pytest.fixture
def stocked(database: Database) -> Database:
    """The products of STOCK in "shop", and others in another collection."""
    for name in ("shop", "other"):
        make_collection(database, name)
    upsert(database, product("x", None, category="elsewhere", brand="acme"), name="other")
    upsert(database, *(as_input(stored) for stored in STOCK))
    return database


def as_input(stored: Stored) -> ProductInput:
    own = {name: stored[name] for name in ("category", "price")}
    others = {name: value for name, value in stored.items() if name not in (*own, "id")}
    fields = ProductFields(str(stored["id"]), attributes=others, **own)  # type: ignore[arg-type]
    return ProductInput(fields, None)


def facets_of(
    database: Database,
    document: dict[str, Any],
    fields: tuple[str, ...] | None = FIELDS,
    most_values: int = MAX_VALUES,
) -> dict[str, Facet]:
    with database.read() as connection:
        shop = Collections(connection).get("shop")
        facets = Facets(connection, shop.id, fields, most_values)
        found = facets.counted(Filter.parse(document), facets.survey())
        assert found.total == Products(connection).count(shop.id, Filter.parse(document))
    return {facet.field: facet for facet in found.facets}


def typed(value: Scalar) -> tuple[str, Scalar]:
    """Equal for 1 and 1.0, and for nothing else of another type."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number", value
    return type(value).__name__, value


@pytest.mark.parametrize(("document", "conditions"), FILTERS)
def test_is_what_python_counts(
    stocked: Database, document: dict[str, Any], conditions: dict[str, Callable[[Any], bool]]
) -> None:
    facets = facets_of(stocked, document)

    assert tuple(facets) == FIELDS
    for field, facet in facets.items():
        among = [
            stored.get(field)
            for stored in STOCK
            if all(holds(stored.get(name)) for name, holds in conditions.items() if name != field)
        ]
        there = [value for value in among if value is not None]
        assert (facet.counts.count, facet.missing) == (len(there), len(among) - len(there))
        if field in ("price", "weight"):
            least, greatest = (min(there), max(there)) if there else (None, None)  # type: ignore[type-var]
            assert (facet.kind, facet.counts.minimum, facet.counts.maximum) == (
                "range",
                least,
                greatest,
            )
        else:
            assert facet.kind == "values"
            listed = [(typed(each.value), each.products) for each in facet.counts.values]
            assert dict(listed) == Counter(map(typed, there))
            assert len(listed) == len(dict(listed))
            assert [count for _, count in listed] == sorted((n for _, n in listed), reverse=True)


def test_a_number_keeps_every_digit_and_is_written_shortly(stocked: Database) -> None:
    values = [each.value for each in facets_of(stocked, {})["Größe"].counts.values]
    numbers = [each for each in values if type(each) in (int, float)]

    assert {2**53 + 1, 2**63 - 1, -(2**63)} <= {each for each in numbers if type(each) is int}
    assert {0.1, 0.1 + 0.2, 5e-324, 1e22} <= {each for each in numbers if type(each) is float}
    assert [type(each) for each in numbers if each == 42] == [int]


def test_only_the_most_frequent_are_listed(stocked: Database) -> None:
    whole = facets_of(stocked, {})
    for field in ("category", "Größe"):
        cut = facets_of(stocked, {}, most_values=3)[field]

        assert cut.counts.values == whole[field].counts.values[:3]
        assert cut.more == len(whole[field].counts.values) - 3
        assert cut.counts.count == whole[field].counts.count


def test_equally_frequent_ones_in_the_order_of_their_characters(database: Database) -> None:
    make_collection(database, "shop")
    names = ["b", "B", "ä", "a", "👟", "_"]
    upsert(database, *(product(each, None, category=each, brand=each) for each in names))
    facets = facets_of(database, {}, ("category", "brand"))

    for field in ("category", "brand"):
        assert [each.value for each in facets[field].counts.values] == sorted(names)


class TestChosenFields:
    def test_are_those_good_to_filter_by_the_most_frequent_first(self, database: Database) -> None:
        make_collection(database, "shop")
        many = MOST_TO_CHOOSE_FROM + 1
        upsert(
            database,
            *(
                product(
                    f"{number}",
                    None,
                    sku=f"S{number}",
                    weight=number / 7,
                    mixed=number if number % 2 else f"S{number}",
                    colour="red" if number % 2 else None,
                    shelf=number % MOST_TO_CHOOSE_FROM,
                )
                for number in range(many)
            ),
        )

        for document in ({}, {"colour": "red"}, {"sku": "S1"}):
            facets = facets_of(database, document, None)

            # `weight` and `shelf` are equally frequent.
            assert list(facets) == ["category", "price", "shelf", "weight", "colour"]
            kinds = {field: facet.kind for field, facet in facets.items()}
            assert kinds == {
                "category": "values",
                "price": "range",
                "shelf": "values",
                "weight": "range",
                "colour": "values",
            }
            assert facets["category"].missing == facets["shelf"].counts.count

        named = facets_of(database, {}, ("sku",))["sku"]
        assert (named.kind, named.counts.count, named.more) == ("values", many, 0)

    def test_are_no_more_than_may_be_named(self, database: Database) -> None:
        make_collection(database, "shop")
        names = [f"a{number:02}" for number in range(MAX_FIELDS + 5)]
        upsert(database, product("1", None, **dict.fromkeys(names, True)))

        assert list(facets_of(database, {}, None, most_values=1)) == [
            "category",
            "price",
            *names[: MAX_FIELDS - 2],
        ]

    def test_of_an_empty_collection(self, database: Database) -> None:
        make_collection(database, "shop")
        facets = facets_of(database, {}, None)

        assert list(facets) == ["category", "price"]
        assert facets["price"].counts.minimum is None
        assert facets["category"].counts.values == ()


class TestNamedFields:
    def test_are_counted_once_in_the_order_named(self) -> None:
        assert checked_fields(["b", "category", "b", "a"]) == ("b", "category", "a")

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            (["title"], "'title' differs from product to product"),
            (["id"], "differs from product to product"),
            (["a/b"], "'a/b' cannot be a field"),
            ([""], "'' cannot be a field"),
            ([f"a{number}" for number in range(MAX_FIELDS + 1)], f"at most {MAX_FIELDS}"),
        ],
    )
    def test_are_refused(self, fields: list[str], said: str) -> None:
        with pytest.raises(FacetInvalid, match=said):
            checked_fields(fields)
