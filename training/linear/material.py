"""What a head is learnt from: vectors, labels, and the questions that products are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial
from evaluation.tuning.splitting import unit_columns, units
from training.errors import DataInvalid

Floats = NDArray[np.float32]

FOLDS = 4
LEAST_PRODUCTS = 5 * FOLDS
_MOST_QUERIES = 1000
_WITHOUT_COLUMN = ("product_id", "class")


@dataclass(frozen=True)
class Catalogue:
    """One source. `rows` are its pictures among all; `trials` count its own pictures from 0."""

    pictures: PictureSet
    rows: slice
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Material:
    """Pictures of one or more catalogues, in one numbering.

    `units` (n,): pictures of one number are held out together, in whichever catalogues they are:
    units of which pictures hold the same bytes are one. `classes`: column -> (n,), what a
    head can be taught to see as one, -1 where it is not known; no class spans two catalogues.
    """

    catalogues: tuple[Catalogue, ...]
    units: NDArray[np.int64]
    classes: Mapping[str, NDArray[np.int64]]
    split_by: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.units)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(each.pictures.short_source for each in self.catalogues)

    @property
    def questions(self) -> tuple[str, ...]:
        """What is asked, in the order of all trials."""
        several = len(self.catalogues) > 1
        return tuple(
            f"{_short(catalogue.pictures.source)}: {trial.name}" if several else trial.name
            for catalogue in self.catalogues
            for trial in catalogue.trials
        )

    @property
    def units_asked(self) -> list[NDArray[np.int64]]:
        """Of each question (queries,), the units of its queries."""
        return [
            self.units[catalogue.rows][trial.queries]
            for catalogue in self.catalogues
            for trial in catalogue.trials
        ]

    @property
    def asked_by_all(self) -> tuple[str, ...]:
        """The sources that tell no queries apart: each of their pictures asks for the others."""
        return tuple(
            each.pictures.source for each in self.catalogues if each.pictures.queries.all()
        )

    def with_several(self, column: str) -> int:
        """Classes that have two pictures or more."""
        known = self.classes[column][self.classes[column] >= 0]
        return int((np.unique(known, return_counts=True)[1] > 1).sum())


def gathered(
    sources: Sequence[tuple[PictureSet, Sequence[Relation]]],
    *,
    split_by: str | None = None,
    seed: int = 0,
) -> Material:
    """Each source's pictures with the relations that are asked of them.

    Held out together are the pictures of one product, of whatever a relation asks for first (but
    categories, which hold everything), and of one label of `split_by` where a source has it.
    Raises DataInvalid when there is too little to learn from, SourceInvalid for an unknown column.
    """
    if split_by is not None and not any(split_by in each.labels for each, _ in sources):
        sources[0][0].codes(split_by)  # raises, and says which columns there are
    catalogues: list[Catalogue] = []
    numbers: list[NDArray[np.int64]] = []
    columns: dict[str, None] = {}
    start = 0
    for pictures, relations in sources:
        asked = unit_columns(pictures, relations)
        if split_by is not None and split_by in pictures.labels and split_by not in asked:
            asked = (*asked, split_by)
        columns |= dict.fromkeys(asked)
        unit = units(pictures, asked)
        rows = slice(start, start + len(pictures.pictures))
        trials = tuple(
            _sampled(label_trial(pictures, relation), unit, seed) for relation in relations
        )
        catalogues.append(Catalogue(pictures, rows, trials))
        numbers.append(unit + start)
        start = rows.stop
    unit = _across(np.concatenate(numbers), [each.pictures for each in catalogues])
    every = [(each, relations) for each, (_, relations) in zip(catalogues, sources, strict=True)]
    material = Material(tuple(catalogues), unit, _classes(every), tuple(columns))
    _check(material)
    return material


def _across(unit: NDArray[np.int64], catalogues: Sequence[PictureSet]) -> NDArray[np.int64]:
    """(n,): units that have a picture in common, in whichever catalogues, made one."""
    contents = [picture.content_sha256 for each in catalogues for picture in each.pictures]
    content = np.unique(contents, return_inverse=True)[1]
    joined = unit
    while True:
        before = joined
        for codes in (content, unit):
            least = np.full(codes.max() + 1, len(unit))
            np.minimum.at(least, codes, joined)
            joined = least[codes]
        if np.array_equal(before, joined):
            return joined.astype(np.int64)


def _classes(
    catalogues: Sequence[tuple[Catalogue, Sequence[Relation]]],
) -> dict[str, NDArray[np.int64]]:
    """By what a relation asks for first, and by product; a catalogue that lacks a column is learnt
    by its products instead."""
    asked = dict.fromkeys(relation.same[0] for _, each in catalogues for relation in each)
    products = dict.fromkeys(
        name
        for name in _WITHOUT_COLUMN
        if any(name in each.pictures.labels for each, _ in catalogues)
    )
    classes: dict[str, NDArray[np.int64]] = {}
    for column in {**products, **asked}:
        codes: list[NDArray[np.int64]] = []
        first = 0
        for catalogue, _ in catalogues:
            labels = catalogue.pictures.labels
            name = next((each for each in (column, *_WITHOUT_COLUMN) if each in labels), None)
            found = (
                np.full(len(catalogue.pictures.pictures), -1)
                if name is None
                else catalogue.pictures.codes(name)
            )
            codes.append(np.where(found < 0, -1, found + first).astype(np.int64))
            first += int(found.max(initial=-1)) + 1
        joined = np.concatenate(codes)
        several = np.bincount(joined[joined >= 0]).max(initial=0) > 1
        if several and not any(np.array_equal(joined, each) for each in classes.values()):
            classes[column] = joined
    return classes


def _sampled(trial: Trial, unit: NDArray[np.int64], seed: int) -> Trial:
    """Whole units of queries, drawn at random, where there are more than choosing needs."""
    if len(trial.queries) <= _MOST_QUERIES:
        return trial
    of_query = unit[trial.queries]
    names, counts = np.unique(of_query, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    before = np.cumsum(counts[order]) - counts[order]
    taken = names[order[before < _MOST_QUERIES]]
    kept = np.isin(of_query, taken)
    return replace(trial, queries=trial.queries[kept], groups=trial.groups[kept])


def _check(material: Material) -> None:
    asking = np.unique(
        np.concatenate(
            [
                material.units[catalogue.rows][trial.queries]
                for catalogue in material.catalogues
                for trial in catalogue.trials
            ]
        )
    )
    if len(asking) < LEAST_PRODUCTS:
        raise DataInvalid(
            f"{', '.join(material.sources)}: only {len(asking)} products (or styles, or whatever "
            f"is held out together) have something to find, and learning takes {LEAST_PRODUCTS} "
            f"with two pictures or more: it is measured on products it has not seen. Add "
            f"pictures or another SOURCE, or ask for another --relation."
        )


def _short(source: str) -> str:
    """What tells sources apart in a table: `…/luma/catalogue.csv` and `…/luma.csv` -> `luma`."""
    parts = [each for each in source.split("/") if each]
    name = parts[-1].removesuffix(".csv")
    return parts[-2] if len(parts) > 1 and name == "catalogue" else name
