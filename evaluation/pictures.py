"""Pictures and what is known of them: the ground truth an evaluation is made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import SourceInvalid


@dataclass(frozen=True)
class Picture:
    """One picture of the set. `name` is what its owner calls it: a path, or product and number."""

    name: str
    content_sha256: str
    read: Callable[[], bytes]
    """Its bytes; raises OSError or CatalogError when they are gone."""


@dataclass(frozen=True)
class PictureSet:
    """Pictures with their labels, and which of them ask and are searched.

    `labels`: column -> one text a picture, "" where it is not known. `queries` and `gallery`: bool
    (pictures,); a picture may be both, and is then left out of its own gallery. `same`: for sets
    made of pairs, which pictures answer which: query -> positions of its relevant pictures;
    `different`: likewise, those that somebody called different.
    `unreadable`: pictures that are not in the set, by name, and why. `known`: vectors that are
    stored already, by model fingerprint and content; `model` made them, and `balance` weighs its
    parts, None where they count as the model was made.
    """

    source: str
    pictures: tuple[Picture, ...]
    labels: Mapping[str, Sequence[str]]
    queries: NDArray[np.bool_]
    gallery: NDArray[np.bool_]
    same: Mapping[int, frozenset[int]] | None = None
    different: Mapping[int, frozenset[int]] | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, NDArray[np.float32]]] = field(default_factory=dict)
    model: str | None = None
    balance: Mapping[str, float] | None = None

    @property
    def short_source(self) -> str:
        """As a model's card tells it."""
        return short_source(self.source)

    def codes(self, column: str) -> NDArray[np.int64]:
        """(pictures,): equal where the labels are equal, -1 where they are not known.

        Raises SourceInvalid for a column that the set does not have.
        """
        if column not in self.labels:
            raise SourceInvalid(
                f"{self.source} has no column {column!r}; it has "
                f"{', '.join(self.labels) or 'none'}."
            )
        labels = np.array(self.labels[column])
        _, codes = np.unique(labels, return_inverse=True)
        return np.where(labels == "", -1, codes).astype(np.int64)

    def content_codes(self) -> NDArray[np.int64]:
        """(pictures,): equal where two files hold the same bytes."""
        contents = np.array([each.content_sha256 for each in self.pictures])
        return np.unique(contents, return_inverse=True)[1].astype(np.int64)

    def without(self, unreadable: Mapping[str, str]) -> "PictureSet":
        """The set less the pictures of these contents: content sha-256 -> why."""
        stays = np.array([each.content_sha256 not in unreadable for each in self.pictures])
        if stays.all():
            return self
        place = np.cumsum(stays) - 1

        def moved(paired: Mapping[int, frozenset[int]] | None) -> dict[int, frozenset[int]] | None:
            if paired is None:
                return None
            return {
                int(place[query]): frozenset(int(place[each]) for each in found if stays[each])
                for query, found in paired.items()
                if stays[query]
            }

        kept = np.flatnonzero(stays).tolist()
        return PictureSet(
            source=self.source,
            pictures=tuple(self.pictures[each] for each in kept),
            labels={name: [texts[each] for each in kept] for name, texts in self.labels.items()},
            queries=self.queries[stays],
            gallery=self.gallery[stays],
            same=moved(self.same),
            different=moved(self.different),
            unreadable={
                **self.unreadable,
                **{
                    each.name: unreadable[each.content_sha256]
                    for each in self.pictures
                    if each.content_sha256 in unreadable
                },
            },
            known=self.known,
            model=self.model,
        )


def short_source(source: str) -> str:
    """`/…/luma/catalogue.csv` -> `luma/catalogue.csv`: a model travels, and where pictures lay on
    the machine that made it is nobody's business."""
    parts = [each for each in source.split("/") if each]
    return "/".join(parts[-2:] if source.endswith(".csv") else parts[-1:])
