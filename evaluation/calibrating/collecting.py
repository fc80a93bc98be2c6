"""From a trial and a model's vectors to samples: pairs that are compared, hits that are shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.fused.balance import Balance
from evaluation.calibrating.samples import Floats, Samples
from evaluation.contenders import Description
from evaluation.relations import OTHER, RELEVANT, Verdicts
from evaluation.trials import Trial

PRIOR = 0.5
"""Of a match, among pairs that are compared: nobody knows better what will be asked."""
ABSENT = 0.2
"""Share of queries that look for what the catalogue does not have."""
DEPTH = 10
"""Hits of a query that are judged, as many as a search shows unless told otherwise."""

# Pairs of a picture: the rest say nothing new of its product, which has one say in any case.
_MATCHES = 20
_LOOK_ALIKES = 5
_ANYTHING = 20

Scores = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Pictured:
    """A trial's pictures under one model and one balance of its parts.

    `vectors`: float32 (pictures, dimension), of unit length. `products`: (queries,), what is asked
    for, weighs the same, and is held out together. `shown_as`: (gallery,), of which a search shows
    the best picture each.
    """

    trial: Trial
    vectors: Scores
    balance: Balance
    products: Codes
    shown_as: Codes

    @classmethod
    def of(
        cls,
        trial: Trial,
        descriptions: Sequence[Description],
        balance: Balance,
        *,
        products: Codes | None = None,
        shown_as: Codes | None = None,
    ) -> "Pictured":
        """`products` and `shown_as` are (pictures,) where they are not the trial's own."""
        pictures = trial.pictures
        if shown_as is None:
            column = "product_id" if "product_id" in pictures.labels else trial.group_column
            shown_as = pictures.codes(column)[trial.gallery]
            # Of an unknown product each picture is one of its own.
            alone = shown_as < 0
            shown_as[alone] = shown_as.max(initial=0) + 1 + np.arange(alone.sum())
        else:
            shown_as = shown_as[trial.gallery]
        return cls(
            trial=trial,
            vectors=np.stack(descriptions).astype(np.float32, copy=False),
            balance=balance,
            products=trial.groups if products is None else products[trial.queries],
            shown_as=shown_as,
        )

    def blocks(self) -> Iterator[tuple[slice, Verdicts, Scores]]:
        """Some queries at a time: what each of the gallery is to them, and how similar, 0 to 1."""
        gallery = self.vectors[self.trial.gallery].T
        for some, verdicts in self.trial.blocks():
            asked = self.balance.queries(self.vectors[self.trial.queries[some]])
            cosines = self.balance.cosines(asked @ gallery)
            yield some, verdicts, np.clip((cosines + 1.0) / 2.0, 0.0, 1.0)


def compared_pairs(pictured: Pictured) -> Samples:
    """What may be compared: half of it pairs that match, a quarter look-alikes, a quarter anything.

    Look-alikes are the pictures that the model itself finds most similar among those that do not
    match: what somebody holds side by side is seldom as different as two pictures of a catalogue
    are on average, and a map fitted to these alone would be sure of too much. A picture with a long
    gallery gives its evenly spaced quantiles.
    """
    collected = _Collected()
    for some, verdicts, scores in pictured.blocks():
        for product, said, row in zip(pictured.products[some], verdicts, scores, strict=True):
            matches, others = np.sort(row[said == RELEVANT]), np.sort(row[said == OTHER])
            if not len(others):
                continue
            collected.add(product, _quantiles(matches, _MATCHES), True, PRIOR)
            collected.add(product, others[-_LOOK_ALIKES:], False, (1.0 - PRIOR) / 2.0)
            collected.add(product, _quantiles(others, _ANYTHING), False, (1.0 - PRIOR) / 2.0)
    return collected.samples()


def labelled_pairs(pictured: Pictured, different: Mapping[int, frozenset[int]]) -> Samples:
    """Those that somebody has called the same or different, and no others; both kinds together
    weigh as PRIOR says. `different`: picture asked with -> pictures it was called different from.
    """
    trial, collected = pictured.trial, _Collected()
    for some, verdicts, scores in pictured.blocks():
        asked = trial.queries[some].tolist()
        for product, query, said, row in zip(
            pictured.products[some], asked, verdicts, scores, strict=True
        ):
            unlike = np.isin(trial.gallery, list(different.get(query, ()))) & (said == OTHER)
            collected.add(product, row[said == RELEVANT], True, 1.0)
            collected.add(product, row[unlike], False, 1.0)
    return _at_prior(collected.samples())


@dataclass(frozen=True)
class Hits:
    """Hits of queries; `first`: bool (samples,), the most similar one of each query."""

    samples: Samples
    first: NDArray[np.bool_]


def shown_hits(pictured: Pictured) -> Hits:
    """The first DEPTH hits that every query gets, one of each product, by its best picture.

    Every query is asked twice: with all that there is, and with everything taken away that
    matches, which counts as ABSENT says. Of equal similarity what does not match goes first.
    """
    order = np.argsort(pictured.shown_as, kind="stable")
    starts = np.flatnonzero(np.diff(pictured.shown_as[order], prepend=-1))
    collected, ranks = _Collected(), []
    for some, verdicts, scores in pictured.blocks():
        said = verdicts[:, order]
        matching = np.where(said == RELEVANT, scores[:, order], -1.0)
        others = np.where(said == OTHER, scores[:, order], -1.0)
        best_match = np.maximum.reduceat(matching, starts, axis=1)
        best_other = np.maximum.reduceat(others, starts, axis=1)
        best = np.maximum(best_match, best_other)
        is_match = best_match > best_other
        for row, product in enumerate(pictured.products[some].tolist()):
            present = _first(best[row], is_match[row])
            collected.add(product, best[row][present], is_match[row][present], 1.0 - ABSENT, each=1)
            absent = _first(best_other[row], np.zeros_like(is_match[row]))
            collected.add(product, best_other[row][absent], False, ABSENT, each=1)
            ranks += [np.arange(len(present)), np.arange(len(absent))]
    return Hits(collected.samples(), np.concatenate(ranks) == 0)


class _Collected:
    """Samples in the making: products and queries of a product are brought to equal weight."""

    def __init__(self) -> None:
        self._similarities: list[Floats] = []
        self._matches: list[NDArray[np.bool_]] = []
        self._weights: list[Floats] = []
        self._products: list[Codes] = []

    def add(
        self,
        product: int,
        similarities: Scores,
        matches: NDArray[np.bool_] | bool,
        weight: float,
        *,
        each: int | None = None,
    ) -> None:
        """One query's; `weight` is of all together, or of every `each` of them."""
        count = len(similarities)
        if not count:
            return
        self._similarities.append(similarities.astype(np.float64))
        self._matches.append(np.broadcast_to(np.asarray(matches), count))
        self._weights.append(np.full(count, weight / (each or count)))
        self._products.append(np.full(count, product))

    def samples(self) -> Samples:
        products = np.concatenate(self._products)
        weights = np.concatenate(self._weights)
        _, product = np.unique(products, return_inverse=True)
        weights = weights / np.bincount(product, weights)[product]
        return Samples(
            np.concatenate(self._similarities), np.concatenate(self._matches), weights, products
        )


def _at_prior(samples: Samples) -> Samples:
    of_matches = float(samples.weights[samples.matches].sum())
    of_others = float(samples.weights[~samples.matches].sum())
    if not of_matches or not of_others:
        return samples
    shares = np.where(samples.matches, PRIOR / of_matches, (1.0 - PRIOR) / of_others)
    weights = samples.weights * shares * samples.product_count
    return Samples(samples.similarities, samples.matches, weights, samples.products)


def _quantiles(ascending: Scores, most: int) -> Scores:
    """All, or `most` of them, evenly taken."""
    count = min(most, len(ascending))
    places = (np.arange(count) + 0.5) * len(ascending) / max(count, 1)
    return ascending[places.astype(np.int64)]


def _first(best: Scores, is_match: NDArray[np.bool_]) -> Codes:
    """Places of the DEPTH greatest that there are; what does not match goes first at a tie."""
    order = np.lexsort((is_match, -best))[:DEPTH]
    there: Codes = order[best[order] >= 0.0]
    return there
