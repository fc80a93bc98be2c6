"""Which pictures of a CSV ask, and which are searched: `view=back,alt1`."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import SourceInvalid
from evaluation.sources.table import Table


@dataclass(frozen=True)
class Selection:
    """The rows whose `column` holds one of `values`."""

    column: str
    values: frozenset[str]

    @classmethod
    def parse(cls, text: str, option: str) -> Self:
        """`COLUMN=VALUE,VALUE`; `option` is what the user wrote it for. Raises SourceInvalid."""
        column, equals, values = text.partition("=")
        if not (column.strip() and equals and values.strip()):
            raise SourceInvalid(
                f"{option} {text!r} cannot be understood. Of a CSV, write COLUMN=VALUE or "
                "COLUMN=VALUE,VALUE, such as split=val or view=back,side."
            )
        return cls(column.strip(), frozenset(each.strip() for each in values.split(",")))

    def of(self, table: Table) -> NDArray[np.bool_]:
        """(rows,). Raises SourceInvalid when no row is meant, with the values there are."""
        labels = table.column(self.column)
        chosen = np.array([label in self.values for label in labels], dtype=np.bool_)
        unmet = sorted(self.values - set(labels))
        if unmet:
            there = sorted(set(labels))
            raise SourceInvalid(
                f"{table.name}: no row has {self.column}={unmet[0]}; the column holds "
                f"{', '.join(there[:12])}{', …' if len(there) > 12 else ''}."
            )
        return chosen
