"""A JSON column taken apart: a row for each attribute of each product, typed, on both databases.

Where `json_values` reads one attribute by its name, this meets all there are in one pass.
"""

from typing import Any

from sqlalchemy import JSON, ColumnElement, TableValuedAlias, Text, column, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

TEXT, NUMBER, TRUE, FALSE = "text", "number", "true", "false"


def json_members(attributes: InstrumentedAttribute[dict[str, Any]]) -> TableValuedAlias:
    """To select from beside the table of `attributes`; `.c.key` is the attribute's name."""
    # SQLite's function has the type and the plain value as columns, PostgreSQL's has neither.
    return func.json_each(attributes).table_valued(
        column("key", Text),
        column("value", JSON),
        column("type", Text),
        column("atom", NullType),
        name="member",
        joins_implicitly=True,
    )


def member_kind(members: TableValuedAlias) -> ColumnElement[str]:
    """TEXT, NUMBER, TRUE, FALSE, or "null"."""
    return _Kind(members.c.value, members.c.type)


def member_text(members: TableValuedAlias) -> ColumnElement[str]:
    """The attribute when it is a text, else NULL."""
    return _MemberText(members.c.value, members.c.type, members.c.atom)


def member_number(members: TableValuedAlias) -> ColumnElement[Any]:
    """The attribute when it is a number, else NULL: of SQLite int or float, of PostgreSQL Decimal.

    Equal numbers are one, however they are written: 1 and 1.0.
    """
    return _MemberNumber(members.c.value, members.c.type, members.c.atom)


class _Kind(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _MemberText(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _MemberNumber(FunctionElement[Any]):
    type = NullType()
    inherit_cache = True


@compiles(_Kind, "sqlite")
def _kind_sqlite(element: _Kind, compiler: SQLCompiler, **kw: Any) -> str:
    _, kind = _parts(element, compiler, **kw)
    return f"(CASE WHEN {kind} IN ('integer', 'real') THEN '{NUMBER}' ELSE {kind} END)"


@compiles(_MemberText, "sqlite")
def _text_sqlite(element: _MemberText, compiler: SQLCompiler, **kw: Any) -> str:
    _, kind, atom = _parts(element, compiler, **kw)
    return f"(CASE WHEN {kind} = 'text' THEN {atom} END)"


@compiles(_MemberNumber, "sqlite")
def _number_sqlite(element: _MemberNumber, compiler: SQLCompiler, **kw: Any) -> str:
    _, kind, atom = _parts(element, compiler, **kw)
    return f"(CASE WHEN {kind} IN ('integer', 'real') THEN {atom} END)"


@compiles(_Kind, "postgresql")
def _kind_postgresql(element: _Kind, compiler: SQLCompiler, **kw: Any) -> str:
    value, *_ = _parts(element, compiler, **kw)
    return (
        f"(CASE json_typeof({value}) WHEN 'string' THEN '{TEXT}' "
        f"WHEN 'boolean' THEN {value} #>> '{{}}' ELSE json_typeof({value}) END)"
    )


@compiles(_MemberText, "postgresql")
def _text_postgresql(element: _MemberText, compiler: SQLCompiler, **kw: Any) -> str:
    value, *_ = _parts(element, compiler, **kw)
    return f"(CASE WHEN json_typeof({value}) = 'string' THEN {value} #>> '{{}}' END)"


@compiles(_MemberNumber, "postgresql")
def _number_postgresql(element: _MemberNumber, compiler: SQLCompiler, **kw: Any) -> str:
    value, *_ = _parts(element, compiler, **kw)
    return f"(CASE WHEN json_typeof({value}) = 'number' THEN ({value} #>> '{{}}')::numeric END)"


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]
