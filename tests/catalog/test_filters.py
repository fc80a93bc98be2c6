import json
import math
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url

from catalog.collections import Collections
from catalog.database import Database
from catalog.errors import FilterInvalid
from catalog.filters import (
    MAX_CONDITIONS,
    MAX_IN_VALUES,
    OPERATORS,
    Filter,
    allowed_images,
    clause,
)
from catalog.products import Products
from catalog.records import ProductFields, ProductInput, Scalar
from tests.catalog.making import make_collection, picture, product, upsert

_numbers = count(1)

OWN_TEXTS = ("id", "title", "url", "category")
ATTRIBUTES = ("brand", "Größe", "fit.width", "a b", "_x-1")
FIELDS = (*OWN_TEXTS, "price", *ATTRIBUTES)

# Few of each kind, so that filters often match; the awkward of each kind, so that they are met.
TEXTS = ("", "a", "B", "b", "ä", "👟", "42", "4.5", "true", "null", "1e-07", "%", "'; --", 'x"]')
INTEGERS = (0, 1, -1, 42, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))
FLOATS = (0.0, -0.0, 1.0, 4.5, 42.0, 0.1, 0.1 + 0.2, 1e-7, 1e22, -1e300, 5e-324)
SCALARS: tuple[Scalar, ...] = (*TEXTS, *INTEGERS, *FLOATS, True, False, None)

_texts = st.sampled_from(TEXTS) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5
)
_scalars = st.sampled_from(SCALARS) | _texts | st.integers(-(2**63), 2**63 - 1)
_scalars |= st.floats(allow_nan=False, allow_infinity=False)
_prices = st.none() | st.sampled_from([0.0, 1.0, 4.5, 42.0, -3.0]) | st.floats(-1e9, 1e9)
_fields = st.builds(
    lambda title, url, category, price, attributes: {
        "title": title,
        "url": url,
        "category": category,
        "price": price,
        "attributes": attributes,
    },
    st.none() | _texts,
    st.none() | _texts,
    st.none() | _texts,
    _prices,
    st.dictionaries(st.sampled_from(ATTRIBUTES), _scalars),
)


def _conditions(field: str) -> st.SearchStrategy[Any]:
    values = _prices if field == "price" else _scalars
    ordered = values.filter(lambda value: value is not None and not isinstance(value, bool))
    some = st.lists(values, min_size=1, max_size=4)
    operands: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(("eq", "ne"), values),
        **dict.fromkeys(("in", "nin"), some),
        **dict.fromkeys(("lt", "lte", "gt", "gte"), ordered),
        "exists": st.booleans(),
    }
    several = st.sets(st.sampled_from(OPERATORS), min_size=1, max_size=2).flatmap(
        lambda names: st.fixed_dictionaries({name: operands[name] for name in sorted(names)})
    )
    return values | several


_documents = st.sets(st.sampled_from(FIELDS), max_size=3).flatmap(
    lambda fields: st.fixed_dictionaries({field: _conditions(field) for field in sorted(fields)})
)


class TestMatching:
    """Every operator on every type, on both databases, against the same said in Python."""

    @settings(
        max_examples=120,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        products=st.lists(_fields, min_size=1, max_size=6),
        documents=st.lists(_documents, max_size=6),
    )
    def test_is_what_python_says(
        self, database: Database, products: list[dict[str, Any]], documents: list[dict[str, Any]]
    ) -> None:
        stored = [ProductFields(f"{number}", **fields) for number, fields in enumerate(products)]
        with ExitStack() as undone:
            connection = undone.enter_context(database.write())
            name = f"c{next(_numbers)}"
            Collections(connection).create(name, model_name="m", model_fingerprint="f", dimension=4)
            shop = Collections(connection).locked(name)
            Products(connection).upsert(shop, [ProductInput(fields, None) for fields in stored])
            for document in documents:
                wanted = Filter.parse(json.dumps(document))
                found = Products(connection).page(shop.id, limit=100, wanted=wanted)
                assert [each.external_id for each in found] == [
                    fields.external_id for fields in stored if _matches(fields, document)
                ], document

    @pytest.mark.parametrize("operator", ["eq", "ne", "lt", "lte", "gt", "gte"])
    def test_every_pair_of_values(self, stocked: Database, operator: str) -> None:
        ordered = operator not in ("eq", "ne")
        for wanted in SCALARS:
            if ordered and (wanted is None or isinstance(wanted, bool)):
                continue
            document = {"Größe": {operator: wanted}}
            expected = [fields for fields in STOCK if _matches(fields, document)]
            assert _ids(stocked, document) == [each.external_id for each in expected], document

    @pytest.mark.parametrize("operator", ["in", "nin"])
    def test_values_of_several_types_at_once(self, stocked: Database, operator: str) -> None:
        for wanted in (list(SCALARS), ["42", 1, True], [None, 0.1 + 0.2], [False, 2**53]):
            document = {"Größe": {operator: wanted}}
            expected = [fields for fields in STOCK if _matches(fields, document)]
            assert _ids(stocked, document) == [each.external_id for each in expected], document

    @pytest.mark.parametrize("field", OWN_TEXTS)
    def test_own_texts_are_asked_by_number_too(self, database: Database, field: str) -> None:
        make_collection(database, "shop")
        fields = {name: "42" for name in OWN_TEXTS if name != "id"}
        upsert(database, ProductInput(ProductFields("42", **fields), None), product("other"))  # type: ignore[arg-type]

        assert _ids(database, {field: 42}) == ["42"]
        assert _ids(database, {field: {"in": [41, 42]}}) == ["42"]
        assert _ids(database, {field: True}) == []
        assert _ids(database, {field: {"lt": 5}}) == ["42"]

    def test_the_longest_filter_is_answered(self, stocked: Database) -> None:
        values = [f"v{n}" for n in range(MAX_IN_VALUES - 1)]
        document = {
            (f"attribute {n}" if n else "Größe"): {"in" if n == 0 else "nin": ["a", *values]}
            for n in range(MAX_CONDITIONS)
        }

        assert _ids(stocked, document) == [f"{SCALARS.index('a')}"]

    def test_words_of_the_database_are_only_words(self, stocked: Database) -> None:
        for word in (
            "'; DROP TABLE product; --",
            '"',
            "' OR '1'='1",
            "\\",
            "$.a",
            "{name}",
            "%s",
            ":a",
        ):
            assert _ids(stocked, {"Größe": word}) == []
            assert _ids(stocked, {"category": {"in": [word]}}) == []
        assert len(_ids(stocked, {})) == len(SCALARS)


class TestAllowedImages:
    def test_are_those_of_matching_products_ascending(self, database: Database) -> None:
        shop = make_collection(database, "shop")
        make_collection(database, "mugs")
        upsert(database, product("a", ["1", "2"], category="shoes"), product("b", ["3"]))
        upsert(database, product("c", ["4"], category="shoes"), product("d", category="shoes"))
        upsert(database, product("m", ["5"], category="shoes"), name="mugs")

        with database.read() as connection:
            shoes = allowed_images(connection, shop.id, Filter.parse({"category": "shoes"}))
            none = allowed_images(connection, shop.id, Filter.parse({"category": "hats"}))
            everything = allowed_images(connection, shop.id, Filter())
            shown = Products(connection).of_images(shoes.tolist())

        assert shoes.tolist() == sorted(shown)
        assert sorted(each.external_id for _, each in shown.values()) == ["a", "a", "c"]
        assert (none.size, str(none.dtype)) == (0, "int64")
        assert everything.size == 4


class TestParse:
    @pytest.mark.parametrize("document", [None, {}, "{}", " {} "])
    def test_nothing_keeps_everything(self, document: str | dict[str, Any] | None) -> None:
        assert not Filter.parse(document)
        assert Filter.parse(document) == Filter()

    def test_text_and_object_are_the_same(self) -> None:
        document = {"category": "shoes", "price": {"lte": 50}, "brand": {"in": ["a", "b"]}}

        parsed = Filter.parse(document)

        assert parsed
        assert parsed == Filter.parse(json.dumps(document))
        assert hash(parsed) == hash(Filter.parse(json.dumps(document)))
        assert [each.operator for each in parsed.conditions] == ["eq", "lte", "in"]

    @pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), ([1, 0], [True, 0])])
    def test_what_matches_differently_is_not_equal(self, one: Any, other: Any) -> None:
        operator = "in" if isinstance(one, list) else "eq"

        assert Filter.parse({"a": {operator: one}}) != Filter.parse({"a": {operator: other}})

    @pytest.mark.parametrize(
        ("document", "said"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("category=shoes", r'not JSON.*\{"category": "shoes"'),
            ('{"a": ' * 100_000, "not JSON"),
            ("[" * 100_000 + "]" * 100_000, "not JSON"),
            ('{"a": ' + "9" * 5000 + "}", "not JSON"),
            ("[]", "must be a JSON object.*not a list"),
            ('"a"', "not a str"),
            ("null", "not a NoneType"),
            ("1", "not a int"),
        ],
    )
    def test_refuses_what_is_no_object(self, document: str, said: str) -> None:
        with pytest.raises(FilterInvalid, match=said) as caught:
            Filter.parse(document)

        assert len(str(caught.value)) < 500

    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            ({}, "empty condition"),
            ({"like": "a%"}, "no operator 'like'; use one of eq, ne, in"),
            ({"$gt": 1}, r"no operator '\$gt'"),
            ({"\ud800": 1}, "no operator"),
            ([], "not a list"),
            ([1], "not a list"),
            ({"eq": {}}, "not a dict"),
            ({"eq": {"eq": {"eq": 1}}}, "not a dict"),
            ({"in": "abc"}, "'in' takes a list of 1 to 500"),
            ({"in": []}, "'in' takes a list"),
            ({"nin": [1] * 501}, "'nin' takes a list"),
            ({"in": [[1]]}, "not a list"),
            ({"exists": 1}, "'exists' takes true or false"),
            ({"exists": None}, "'exists' takes true or false"),
            ({"lt": None}, "'lt' takes a number or a text"),
            ({"gte": True}, "'gte' takes a number or a text"),
            (math.nan, "nan is not a finite number"),
            (-math.inf, "-inf is not a finite number"),
            (2**63, "64 bits"),
            (-(2**63) - 1, "64 bits"),
            pytest.param(10**5000, "64 bits", id="5001 digits"),
            ({"in": [1, 10**30]}, "64 bits"),
            ("\ud800", "not valid UTF-8"),
            ("a\x00", "not valid UTF-8"),
            ({"lt": "\udfff"}, "not valid UTF-8"),
        ],
    )
    def test_errors_name_the_field(self, condition: Any, said: str) -> None:
        with pytest.raises(FilterInvalid, match=f"'colour'.*{said}") as caught:
            Filter.parse({"colour": condition})

        str(caught.value).encode()
        assert len(str(caught.value)) < 500

    @pytest.mark.parametrize(
        "field",
        ["", "1a", "a'b", 'a"b', "a\\b", "a[0]", "$.a", "a\n", "a\x00", "\ud800", "x" * 65, "a;b"],
    )
    def test_refuses_names_no_attribute_can_have(self, field: str) -> None:
        with pytest.raises(FilterInvalid, match="cannot be a field") as caught:
            Filter.parse({field: 1})

        str(caught.value).encode()

    @pytest.mark.parametrize("price", ["cheap", "9", True, {"in": [1, "2"]}, {"lt": "x" * 9999}])
    def test_price_compares_with_numbers(self, price: Any) -> None:
        with pytest.raises(FilterInvalid, match="'price' compares with numbers") as caught:
            Filter.parse({"price": price})

        assert len(str(caught.value)) < 200

    def test_refuses_too_many_conditions(self) -> None:
        Filter.parse({f"a{n}": n for n in range(MAX_CONDITIONS)})
        with pytest.raises(FilterInvalid, match="51 conditions; at most 50"):
            Filter.parse({f"a{n}": n for n in range(MAX_CONDITIONS + 1)})

    @settings(max_examples=300, deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from([*OPERATORS, *FIELDS]) | st.text(max_size=5), inner, max_size=3
                )
            ),
            max_leaves=8,
        )
    )
    @example({"id": {"in": ["\ud800"]}})
    def test_any_json_is_a_filter_or_refused(self, document: Any) -> None:
        try:
            parsed = Filter.parse(json.dumps(document))
        except FilterInvalid as error:
            str(error).encode()
        else:
            for name in ("sqlite", "postgresql"):
                _sql(parsed, name)
            hash(parsed)


class TestOrder:
    def test_of_texts_does_not_depend_on_the_language_of_the_server(self) -> None:
        ordered = Filter.parse({"title": {"lt": "a"}, "brand": {"gte": "b"}})

        on_server = _sql(ordered, "postgresql")
        assert 'COLLATE "C") < ' in on_server
        assert 'COLLATE "C") >= ' in on_server
        assert "COLLATE" not in _sql(ordered, "sqlite")


STOCK = [
    ProductFields(f"{place}", attributes={"Größe": value}) for place, value in enumerate(SCALARS)
]


@pytest.fixture
def stocked(database: Database) -> Iterator[Database]:
    """A product for each of SCALARS, which is its attribute Größe."""
    make_collection(database, "shop")
    upsert(database, *(ProductInput(fields, (picture(fields.external_id),)) for fields in STOCK))
    yield database
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM product")).scalar() == len(STOCK)


def _sql(wanted: Filter, database: str) -> str:
    return str(clause(wanted).compile(dialect=make_url(f"{database}://").get_dialect()()))


def _ids(database: Database, document: dict[str, Any]) -> list[str]:
    with database.read() as connection:
        shop = Collections(connection).get("shop")
        page = Products(connection).page(shop.id, limit=1000, wanted=Filter.parse(document))
    return [each.external_id for each in page]


def _matches(fields: ProductFields, document: dict[str, Any]) -> bool:
    """The filter language once more, in plain Python."""
    return all(
        _holds(fields, field, operator, value)
        for field, condition in document.items()
        for operator, value in (
            condition.items() if isinstance(condition, dict) else [("eq", condition)]
        )
    )


def _holds(fields: ProductFields, field: str, operator: str, value: Any) -> bool:
    if operator == "exists":
        return (_stored(fields, field) is not None) is value
    if operator in ("in", "nin"):
        return any(_equal(fields, field, each) for each in value) is (operator == "in")
    if operator in ("eq", "ne"):
        return _equal(fields, field, value) is (operator == "eq")
    pair = _pair(fields, field, value)
    if pair is None:
        return False
    stored, wanted = pair
    return bool(
        {
            "lt": stored < wanted,
            "lte": stored <= wanted,
            "gt": stored > wanted,
            "gte": stored >= wanted,
        }[operator]
    )


def _equal(fields: ProductFields, field: str, value: Scalar) -> bool:
    if value is None:
        return _stored(fields, field) is None
    pair = _pair(fields, field, value)
    return pair is not None and pair[0] == pair[1]


def _pair(fields: ProductFields, field: str, value: Scalar) -> tuple[Any, Any] | None:
    """What is compared with what, or None when they are of types that never compare."""
    stored = _stored(fields, field)
    if stored is None:
        return None
    if field in OWN_TEXTS:
        return stored, value if isinstance(value, str) else json.dumps(value)
    if field == "price":
        return stored, value
    if isinstance(value, str):
        return stored if isinstance(stored, str) else json.dumps(stored), value
    if isinstance(value, bool) is isinstance(stored, bool) and not isinstance(stored, str):
        return stored, value
    return None


def _stored(fields: ProductFields, field: str) -> Scalar:
    if field == "id":
        return fields.external_id
    if field in (*OWN_TEXTS, "price"):
        value: Scalar = getattr(fields, field)
        return value
    return fields.attributes.get(field)
