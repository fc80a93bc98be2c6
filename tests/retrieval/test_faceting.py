"""Facet counts are remembered while the collection stays as it is, and no longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from catalog.filters import Filter
from retrieval.assembly import Engine
from tests.pictures import jpeg

RED = Filter.parse({"colour": "red"})


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Those that go through the products, as they are sent to the database."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if "FROM product" in statement:
            sent.append(statement)

    event.listen(engine.home.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.home.database.engine, "before_cursor_execute", note)


def test_the_products_are_gone_through_once_for_each_sequence(engine: Engine, put) -> None:
    put("a", jpeg(0), attributes={"colour": "red"})
    put("b", jpeg(1), attributes={"colour": "blue"})
    first = engine.facets.count("default", RED, None, 20)

    with statements(engine) as sent:
        assert engine.facets.count("default", RED, None, 20) == first
        assert sent == []
        # Of another filter, field or number of values it is another answer.
        assert engine.facets.count("default", Filter(), None, 20).total == 2
        assert engine.facets.count("default", RED, ("price",), 20).facets[0].field == "price"
        assert engine.facets.count("default", RED, None, 1).facets[2].more == 1
        assert sent

    put("c", jpeg(2), attributes={"colour": "red"})
    assert engine.facets.count("default", RED, None, 20).total == first.total + 1


def test_true_and_one_are_two_filters(engine: Engine, put) -> None:
    put("a", jpeg(0), attributes={"sale": True})
    put("b", jpeg(1), attributes={"sale": 1})
    put("c", jpeg(2), attributes={"sale": 1})

    totals = [
        engine.facets.count("default", Filter.parse({"sale": value}), None, 20).total
        for value in (True, 1)
    ]

    assert totals == [1, 2]
