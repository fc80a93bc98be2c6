"""Reading one attribute out of a JSON column, typed, on SQLite and PostgreSQL alike.

Each yields NULL when the attribute is absent or of another type, so that a text never compares
with a number by accident.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Dialect,
    Double,
    Numeric,
    Text,
    TypeDecorator,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine


class _JsonValue(FunctionElement[Any]):
    inherit_cache = True


class _ExactNumber(TypeDecorator[int | float]):
    """Compares as JSON wrote it: 19-digit integers that no float can tell apart stay apart."""

    impl = Double
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric[Decimal]())
        # As it is: told that it is a float, SQLAlchemy would make one of every integer.
        return dialect.type_descriptor(NullType())

    def process_bind_param(self, value: int | float | None, dialect: Dialect) -> Any:
        exact = value is not None and dialect.name == "postgresql"
        return Decimal(repr(value)) if exact else value


class _JsonNumber(_JsonValue):
    type = _ExactNumber()
    inherit_cache = True


class _JsonText(_JsonValue):
    type = Text()
    inherit_cache = True


class _JsonFlag(_JsonValue):
    type = Boolean()
    inherit_cache = True


def json_number(column: InstrumentedAttribute[dict[str, Any]], name: str) -> ColumnElement[Any]:
    """The attribute when it is a number."""
    return _JsonNumber(column, literal(name, Text()))


def json_text(column: InstrumentedAttribute[dict[str, Any]], name: str) -> ColumnElement[Any]:
    """The attribute as text: a text itself, or a number or truth value as it is written."""
    return _JsonText(column, literal(name, Text()))


def json_flag(column: InstrumentedAttribute[dict[str, Any]], name: str) -> ColumnElement[Any]:
    """The attribute when it is true or false."""
    return _JsonFlag(column, literal(name, Text()))


# Names hold no quotation mark (ATTRIBUTE_NAME), so the path needs no escaping.
_SQLITE_PATH = "'$.\"' || {name} || '\"'"


@compiles(_JsonNumber, "sqlite")
def _number_sqlite(element: _JsonNumber, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = _sqlite(element, compiler, **kw)
    return (
        f"(CASE WHEN json_type({column}, {path}) IN ('integer', 'real') "
        f"THEN json_extract({column}, {path}) END)"
    )


@compiles(_JsonText, "sqlite")
def _text_sqlite(element: _JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = _sqlite(element, compiler, **kw)
    # SQLite writes a float with fewer digits than it was given; asked for two values at once it
    # hands out the JSON itself: [null,0.30000000000000004].
    written = f"json_extract({column}, '$[0]', {path})"
    return (
        f"(CASE json_type({column}, {path}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' "
        f"WHEN 'real' THEN substr({written}, 7, length({written}) - 7) "
        f"ELSE CAST(json_extract({column}, {path}) AS TEXT) END)"
    )


@compiles(_JsonFlag, "sqlite")
def _flag_sqlite(element: _JsonFlag, compiler: SQLCompiler, **kw: Any) -> str:
    column, path = _sqlite(element, compiler, **kw)
    return f"(CASE json_type({column}, {path}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)"


@compiles(_JsonNumber, "postgresql")
def _number_postgresql(element: _JsonNumber, compiler: SQLCompiler, **kw: Any) -> str:
    column, name = _parts(element, compiler, **kw)
    return (
        f"(CASE WHEN json_typeof({column} -> {name}) = 'number' "
        f"THEN ({column} ->> {name})::numeric END)"
    )


@compiles(_JsonText, "postgresql")
def _text_postgresql(element: _JsonText, compiler: SQLCompiler, **kw: Any) -> str:
    column, name = _parts(element, compiler, **kw)
    return f"({column} ->> {name})"


@compiles(_JsonFlag, "postgresql")
def _flag_postgresql(element: _JsonFlag, compiler: SQLCompiler, **kw: Any) -> str:
    column, name = _parts(element, compiler, **kw)
    return (
        f"(CASE WHEN json_typeof({column} -> {name}) = 'boolean' "
        f"THEN ({column} ->> {name})::boolean END)"
    )


def _sqlite(element: _JsonValue, compiler: SQLCompiler, **kw: Any) -> tuple[str, str]:
    column, name = _parts(element, compiler, **kw)
    return column, _SQLITE_PATH.format(name=name)


def _parts(element: _JsonValue, compiler: SQLCompiler, **kw: Any) -> tuple[str, str]:
    column, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return column, name
