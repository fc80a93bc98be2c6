"""Ordering texts the same way in every database."""

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _ByCodePoint(FunctionElement[Any]):
    type = Text()
    inherit_cache = True


def by_code_point(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The text, ordered by its characters' numbers: not by the language of the database."""
    return _ByCodePoint(column)


@compiles(_ByCodePoint)
def _as_it_is(element: _ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    # SQLite compares bytes, and UTF-8 keeps the order of the code points.
    return compiler.process(element.clauses, **kw)


@compiles(_ByCodePoint, "postgresql")
def _collated(element: _ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)} COLLATE "C")'
