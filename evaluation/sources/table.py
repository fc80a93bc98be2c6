"""A CSV file as columns of texts."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evaluation.errors import SourceInvalid

_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Table:
    """Column name -> a text a row, without the space around it; all columns are equally long."""

    name: str
    columns: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """UTF-8 with or without a mark; commas, semicolons or tabs, whichever the header has.

        Raises SourceInvalid when it cannot be read, is no CSV or has no rows.
        """
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                first = file.readline()
                file.seek(0)
                delimiter = max(_DELIMITERS, key=first.count)
                header, *rows = list(csv.reader(file, delimiter=delimiter, strict=True)) or [[]]
        except OSError as error:
            raise SourceInvalid(f"{path} cannot be read ({error.strerror}).") from error
        except (csv.Error, UnicodeDecodeError) as error:
            raise SourceInvalid(
                f"{path} is no CSV in UTF-8 ({error}). Save it as one, with a header line."
            ) from error
        rows = [row for row in rows if any(row)]
        if not rows:
            raise SourceInvalid(f"{path} has no rows. Its first line names the columns.")
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise SourceInvalid(
                    f"{path}, row {number}: it has {len(row)} cells, but the header "
                    f'{len(header)}. Put cells that hold {delimiter!r} into "…".'
                )
        names = [name.strip() for name in header]
        return cls(
            path.name,
            {
                name: [row[place].strip() for row in rows]
                for place, name in enumerate(names)
                if name
            },
        )

    def column(self, name: str) -> Sequence[str]:
        """Raises SourceInvalid, with the columns there are."""
        if name not in self.columns:
            raise SourceInvalid(
                f"{self.name} has no column {name!r}; it has {', '.join(self.columns)}."
            )
        return self.columns[name]
