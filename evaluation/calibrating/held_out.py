"""The proof: fitted on one half of the products, scored on the other, with nothing in common."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.fused.balance import Balance
from embedding.match_probability import Method, Quality
from evaluation.calibrating.calibrating import Options, described, pair_samples, pictured
from evaluation.calibrating.collecting import Pictured, shown_hits
from evaluation.calibrating.fitting import Fit, apply, fit
from evaluation.calibrating.measuring import quality
from evaluation.calibrating.samples import Floats, Samples
from evaluation.contenders import Contender, Description
from evaluation.description_cache import DescriptionCache
from evaluation.errors import NothingToMeasure
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import label_trial
from evaluation.watching import Unwatched, Watch


@dataclass(frozen=True)
class Scored:
    """One map on the half that it was not fitted to; `samples` and `products` are those scored."""

    quality: Quality
    methods: tuple[Method, ...]
    """Of the first hit and of later ones, where there are two."""
    samples: int
    products: int
    fitted_products: int
    match_rate: float
    """Share of the samples that match, by weight: what a map that says only this is measured by."""


@dataclass(frozen=True)
class HeldOut:
    """`hits`: all that a search shows; `first_hit`: the first one of each query alone."""

    pairs: Scored
    hits: Scored
    first_hit: Scored


def held_out(
    pictures: PictureSet,
    relation: Relation,
    contender: Contender,
    card: ModelCard,
    *,
    cache: DescriptionCache,
    threads: int,
    options: Options | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> HeldOut:
    """Splits the labels of the relation's first column into halves by chance (`seed`), fits both
    maps on the first and scores them on the second; queries, galleries and look-alikes of a half
    are all its own. `card` is that of `contender`'s model.

    Raises NothingToMeasure, SourceInvalid, ModelError.
    """
    options = options or Options()
    readable, descriptions = described(pictures, contender, cache, threads, watch or Unwatched())
    codes = readable.codes(relation.same[0])
    in_first = _half(codes, seed)
    first, second = (
        _of(readable, half, relation, descriptions, card, options) for half in (in_first, ~in_first)
    )
    compared, others = pair_samples(first[0]), pair_samples(second[0])
    fitted, scored = shown_hits(first[1]), shown_hits(second[1])
    for samples in (compared, others, fitted.samples, scored.samples):
        if samples.product_count < 2 or samples.matches.all() or not samples.matches.any():
            raise NothingToMeasure(
                f"{pictures.source}: one half of the labels ({relation.same[0]}) has nothing to "
                "compare. Take pictures of more of them."
            )
    pairs, said = _said(compared, others, options)
    leading = scored.samples.where(scored.first)
    first_map, said_of_first = _said(fitted.samples.where(fitted.first), leading, options)
    later_map, said_of_later = _said(
        fitted.samples.where(~fitted.first), scored.samples.where(~scored.first), options
    )
    said_of_hits = np.empty(len(scored.first))
    said_of_hits[scored.first], said_of_hits[~scored.first] = said_of_first, said_of_later
    return HeldOut(
        pairs=_scored(others, said, (pairs.method,), compared),
        hits=_scored(
            scored.samples, said_of_hits, (first_map.method, later_map.method), fitted.samples
        ),
        first_hit=_scored(leading, said_of_first, (first_map.method,), fitted.samples),
    )


def _half(codes: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """(pictures,): whether the picture's label, unknown ones together, fell into the first half."""
    names, place = np.unique(codes, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(names))
    first: NDArray[np.bool_] = shuffled[place] < (len(names) + 1) // 2
    return first


def _of(
    pictures: PictureSet,
    half: NDArray[np.bool_],
    relation: Relation,
    descriptions: list[Description],
    card: ModelCard,
    options: Options,
) -> tuple[Pictured, Pictured]:
    """Of pairs and of hits."""
    part = replace(pictures, queries=pictures.queries & half, gallery=pictures.gallery & half)
    trial = label_trial(part, relation)
    pairs, hits = (
        pictured(trial, descriptions, Balance(card, weights))
        for weights in (options.pair_weights, options.hit_weights)
    )
    return pairs, hits


def _said(fitted: Samples, scored: Samples, options: Options) -> tuple[Fit, Floats]:
    """A map of the first, and what it says of the second."""
    best = fit(fitted, wish=options.wish, folds=options.folds)
    return best, apply(best.probability, scored.similarities)


def _scored(scored: Samples, said: Floats, methods: tuple[Method, ...], fitted: Samples) -> Scored:
    return Scored(
        quality=quality(scored, said),
        methods=methods,
        samples=len(said),
        products=scored.product_count,
        fitted_products=fitted.product_count,
        match_rate=float(np.average(scored.matches, weights=scored.weights)),
    )
