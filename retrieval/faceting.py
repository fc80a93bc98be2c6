"""Facets, remembered for as long as the collection stays as it is."""

from dataclasses import dataclass

from catalog.collections import Collections
from catalog.database import Database
from catalog.facets import Counted, Facet, Facets, Survey
from catalog.field_counts import FieldCounts, ValueCount
from catalog.filters import Filter
from retrieval.caching import RecentValues

BYTES_REMEMBERED = 16 * 1024**2
"""Of answers, and as much again of surveys."""


@dataclass(frozen=True)
class FacetAnswer:
    """`total` products of the collection match; counted as it was at `sequence`."""

    collection: str
    sequence: int
    total: int
    facets: tuple[Facet, ...]


class FacetCounter:
    """Counts what products hold; safe to use from many threads.

    Counting goes through every product that matches, so that answers are remembered by collection,
    filter, fields and number of values until the collection's sequence moves; and what it holds
    unfiltered, which every answer begins with, whatever the filter.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers: RecentValues[_Key, Counted] = RecentValues(BYTES_REMEMBERED, _answer_bytes)
        self._surveys: RecentValues[_Key, Survey] = RecentValues(BYTES_REMEMBERED, _survey_bytes)

    def count(
        self,
        collection: str,
        wanted: Filter,
        fields: tuple[str, ...] | None,
        most_values: int,
    ) -> FacetAnswer:
        """`fields` and `most_values` as of `catalog.facets.Facets`.

        Raises CollectionUnknown, DatabaseError.
        """
        with self._database.read() as connection:
            found = Collections(connection).get(collection)
            facets = Facets(connection, found.id, fields, most_values)
            asked = (found.id, fields, most_values)

            def counted() -> Counted:
                survey = self._surveys.get(
                    (*asked, Filter()), facets.survey, version=found.last_sequence
                )
                return facets.counted(wanted, survey)

            answer = self._answers.get((*asked, wanted), counted, version=found.last_sequence)
        return FacetAnswer(collection, found.last_sequence, answer.total, answer.facets)


_Key = tuple[int, tuple[str, ...] | None, int, Filter]


def _answer_bytes(answer: Counted) -> int:
    return 1024 + sum(_held_bytes(facet.field, facet.counts) for facet in answer.facets)


def _survey_bytes(survey: Survey) -> int:
    return 1024 + sum(_held_bytes(name, counts) for name, counts in survey.items())


def _held_bytes(name: str, counts: FieldCounts) -> int:
    # About what Python takes for the objects, and up to four bytes for a character.
    return 400 + 4 * len(name) + sum(map(_value_bytes, counts.values))


def _value_bytes(value: ValueCount) -> int:
    return 200 + 4 * len(str(value.value))
