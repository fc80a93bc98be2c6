"""What counts as found: the relations between pictures that a user can ask for.

A relation is written as columns joined by commas. `product_id` is "the same product_id";
`style,other:colour` is "the same style in another colour".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import RelationInvalid
from evaluation.pictures import PictureSet

Positions = NDArray[np.int64]
"""Places of pictures in their set."""

Verdicts = NDArray[np.int8]
"""(queries, gallery) of RELEVANT, OTHER and IGNORED."""

RELEVANT, OTHER, IGNORED = 1, 0, -1

Judge = Callable[[Positions, Positions], Verdicts]
"""Positions of queries and of a gallery -> what each of the latter is to each of the former."""

_OTHER = "other:"


@dataclass(frozen=True)
class Relation:
    """Relevant is what agrees with the query in every column of `same` and differs in every one
    of `other`.

    What agrees in `same` without differing in all of `other` (the same style in the same colour,
    where another colour is asked for) is neither right nor wrong: it is left out of the query's
    gallery. Raises RelationInvalid when `same` is empty.
    """

    same: tuple[str, ...]
    other: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.same:
            raise RelationInvalid(
                "A relation needs a column in which pictures agree: product_id, or "
                "style,other:colour for the same style in another colour."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises RelationInvalid."""
        terms = [term.strip() for term in text.split(",")]
        if not all(term.removeprefix(_OTHER) for term in terms):
            raise RelationInvalid(
                f"The relation {text!r} has an empty part. Write columns joined by commas: "
                "product_id, or style,other:colour."
            )
        return cls(
            same=tuple(term for term in terms if not term.startswith(_OTHER)),
            other=tuple(term.removeprefix(_OTHER) for term in terms if term.startswith(_OTHER)),
        )

    @property
    def name(self) -> str:
        """As tables call it: `same style, other colour`."""
        parts = [f"same {column}" for column in self.same]
        return ", ".join(parts + [f"other {column}" for column in self.other])

    @property
    def columns(self) -> tuple[str, ...]:
        return self.same + self.other

    def known(self, pictures: PictureSet) -> NDArray[np.bool_]:
        """(pictures,): those of which every column is known. Raises SourceInvalid."""
        codes = [pictures.codes(column) for column in self.columns]
        known: NDArray[np.bool_] = np.all([each >= 0 for each in codes], axis=0)
        return known

    def judge(self, pictures: PictureSet) -> Judge:
        """For positions of known pictures. Raises SourceInvalid."""
        same = [pictures.codes(column) for column in self.same]
        other = [pictures.codes(column) for column in self.other]

        def judged(queries: Positions, gallery: Positions) -> Verdicts:
            agrees = np.ones((len(queries), len(gallery)), dtype=np.bool_)
            for codes in same:
                agrees &= codes[queries][:, None] == codes[gallery]
            differs = np.ones_like(agrees)
            for codes in other:
                differs &= codes[queries][:, None] != codes[gallery]
            verdicts = agrees.astype(np.int8)
            verdicts[agrees & ~differs] = IGNORED
            return verdicts

        return judged
