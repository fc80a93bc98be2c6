"""The whole of it: describe pictures, collect pairs and hits, fit maps, say how good they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.fused.balance import Balance
from embedding.match_probability import (
    Calibration,
    Cut,
    Fitted,
    HitCalibration,
    Method,
    PairCalibration,
)
from evaluation.calibrating.collecting import (
    ABSENT,
    DEPTH,
    PRIOR,
    Pictured,
    compared_pairs,
    labelled_pairs,
    shown_hits,
)
from evaluation.calibrating.fitting import Wish, fit
from evaluation.calibrating.measuring import Bin, quality, reliability
from evaluation.calibrating.objectives import Likely, Objective, choose_cut, likely_cut
from evaluation.calibrating.samples import Floats, Samples
from evaluation.contenders import Contender, Description
from evaluation.describing import describe
from evaluation.description_cache import DescriptionCache
from evaluation.errors import NothingToMeasure, RelationInvalid, SourceInvalid
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial, pair_trial
from evaluation.watching import Watch

LEAST_PRODUCTS = 20
"""With fewer, chance decides what a map says."""

_USUAL_COLUMNS = ("product_id", "class")


@dataclass(frozen=True)
class Options:
    """How to calibrate. `relation` None is the same product, or the same class of a folder.

    `pair_weights` and `hit_weights`: of a fused model's parts, None for as it was made.
    `collection`: whose hits these are; None for those of a file or folder.
    """

    relation: Relation | None = None
    objective: Objective = field(default_factory=Likely)
    wish: Wish = "auto"
    folds: int = 5
    pair_weights: Mapping[str, float] | None = None
    hit_weights: Mapping[str, float] | None = None
    collection: str | None = None


@dataclass(frozen=True)
class Finding:
    """One map, and what it was made from: for tables and reports. `losses`: cross-validated log
    loss of each method that was tried."""

    fitted: Fitted
    samples: Samples
    bins: Sequence[Bin]
    losses: Mapping[Method, float]


@dataclass(frozen=True)
class Calibrated:
    """What came of it."""

    calibration: Calibration
    pairs: Finding
    first: Finding
    later: Finding
    pictures: PictureSet
    trial: Trial
    taught_by: tuple[str, ...]
    """Sources that the model itself has learnt from."""


def calibrate(
    pictures: PictureSet,
    contender: Contender,
    card: ModelCard,
    options: Options,
    *,
    cache: DescriptionCache,
    threads: int,
    watch: Watch,
) -> Calibrated:
    """Fits both maps for the model of `card`, whose vectors `contender` makes.

    Raises NothingToMeasure when there are too few products, SourceInvalid, RelationInvalid,
    WeightsInvalid, ModelError.
    """
    balances = [Balance(card, each) for each in (options.pair_weights, options.hit_weights)]
    # Before anything is described: too few products should be known at once.
    trial_of(pictures, options.relation)
    readable, descriptions = described(pictures, contender, cache, threads, watch)
    trial = trial_of(readable, options.relation)
    pairs, hits = (pictured(trial, descriptions, balance) for balance in balances)
    with watch.step(f"{card.name}: fit and cross-validate", 1):
        of_pairs, of_pair = _pairs(pairs, options)
        of_hits, of_first, of_later = _hits(hits, options)
    return Calibrated(
        calibration=Calibration(fingerprint=card.fingerprint, pairs=of_pairs, hits=(of_hits,)),
        pairs=of_pair,
        first=of_first,
        later=of_later,
        pictures=readable,
        trial=trial,
        taught_by=card.taught_by,
    )


def trial_of(pictures: PictureSet, relation: Relation | None) -> Trial:
    """What matches what. Raises NothingToMeasure with fewer than LEAST_PRODUCTS products."""
    if pictures.same is not None:
        if relation is not None:
            raise RelationInvalid("A CSV of pairs has its relation in the column `same`.")
        trial = pair_trial(pictures)
        found, what = len(np.unique(things(pictures)[trial.queries])), "things"
    else:
        trial = label_trial(pictures, relation or _usual_relation(pictures))
        found, what = len(np.unique(trial.groups)), f"labels of {trial.group_column}"
    if found < LEAST_PRODUCTS:
        raise NothingToMeasure(
            f"{pictures.source}: only {found} {what} have two or more pictures that match "
            f"({trial.name}). A calibration needs {LEAST_PRODUCTS}, and is worth more with "
            "hundreds: add pictures of other views, or name a relation that more pictures share "
            "(--relation)."
        )
    return trial


def described(
    pictures: PictureSet,
    contender: Contender,
    cache: DescriptionCache,
    threads: int,
    watch: Watch,
) -> tuple[PictureSet, list[Description]]:
    """The pictures that can be read, and what the model makes of each."""
    contents = {each.content_sha256 for each in pictures.pictures}
    with watch.step(f"{contender.name}: describe pictures", len(contents)) as advance:
        found = describe(
            contender,
            pictures.pictures,
            cache,
            known=pictures.known.get(contender.key, {}),
            threads=threads,
            advance=advance,
        )
    readable = pictures.without(found.unreadable)
    if not readable.pictures:
        raise SourceInvalid(
            f"{pictures.source}: no picture can be read. The first: "
            f"{next(iter(readable.unreadable.values()))}"
        )
    return readable, found.of(readable.pictures)


def pictured(trial: Trial, descriptions: Sequence[Description], balance: Balance) -> Pictured:
    """In a CSV of pairs, what is joined by pairs is one product."""
    joined = None if trial.pictures.same is None else things(trial.pictures)
    return Pictured.of(trial, descriptions, balance, products=joined, shown_as=joined)


def pair_samples(pairs: Pictured) -> Samples:
    """Those that somebody labelled, where there are both kinds; else such as may be compared."""
    different = pairs.trial.pictures.different
    if different and any(different.values()):
        return labelled_pairs(pairs, different)
    return compared_pairs(pairs)


def things(pictures: PictureSet) -> NDArray[np.int64]:
    """(pictures,): equal for pictures that pairs called the same, directly or by way of others."""
    codes = pictures.content_codes()
    for query, found in (pictures.same or {}).items():
        for each in found:
            codes[codes == codes[each]] = codes[query]
    return codes


def _usual_relation(pictures: PictureSet) -> Relation:
    for column in _USUAL_COLUMNS:
        if column in pictures.labels:
            return Relation((column,))
    raise RelationInvalid(
        f"{pictures.source} has no column product_id. Say which column makes pictures match: "
        f"--relation COLUMN, one of {', '.join(pictures.labels)}."
    )


def _pairs(pairs: Pictured, options: Options) -> tuple[PairCalibration, Finding]:
    samples = pair_samples(pairs)
    if samples.matches.all():
        raise NothingToMeasure(
            f"{pairs.trial.pictures.source}: everything matches everything. Add pictures of other "
            "products."
        )
    finding, said = _finding(samples, options)
    even = finding.fitted.probability.least_similarity(Likely.probability)
    calibration = PairCalibration(
        **_record(pairs, samples, options),
        # Where no pair ever matches as probably as not, only what is the same does.
        cut=_cut(samples, said, 1.0 if even is None else even, options),
        fitted=finding.fitted,
        prior=PRIOR,
        positives=int(samples.matches.sum()),
        negatives=int((~samples.matches).sum()),
    )
    return calibration, finding


def _hits(hits: Pictured, options: Options) -> tuple[HitCalibration, Finding, Finding]:
    shown = shown_hits(hits)
    samples = shown.samples
    if not samples.matches.any():
        raise NothingToMeasure(
            f"{hits.trial.pictures.source}: this model finds nothing that matches among the first "
            f"{DEPTH} hits of any query. Try another model (likeness evaluate compares them)."
        )
    said = np.empty(len(samples.matches))
    first, said[shown.first] = _finding(samples.where(shown.first), options)
    later, said[~shown.first] = _finding(samples.where(~shown.first), options)
    # The cut is in what they say: similarities of first and later hits do not compare.
    told = replace(samples, similarities=said)
    calibration = HitCalibration(
        **_record(hits, samples, options),
        cut=_cut(told, said, Likely.probability, options),
        first=first.fitted,
        later=later.fitted,
        quality=quality(samples, said),
        collection=options.collection,
        queries=len(hits.trial.queries),
        depth=DEPTH,
        absent=ABSENT,
        gallery=len(np.unique(hits.shown_as)),
    )
    return calibration, first, later


def _cut(samples: Samples, said: Floats, even: float, options: Options) -> Cut:
    """`even`: where a match is as probable as not."""
    if isinstance(options.objective, Likely):
        return likely_cut(samples, said, even)
    return choose_cut(samples, options.objective, folds=options.folds)


def _record(pictured: Pictured, samples: Samples, options: Options) -> dict[str, Any]:
    return {
        "fitted_at": datetime.now(UTC),
        "source": pictured.trial.pictures.source,
        "relation": pictured.trial.name,
        "weights": dict(pictured.balance.weights),
        "products": samples.product_count,
        "folds": options.folds,
    }


def _finding(samples: Samples, options: Options) -> tuple[Finding, Floats]:
    """With what is said of each sample by maps that were fitted without its product."""
    best = fit(samples, wish=options.wish, folds=options.folds)
    finding = Finding(
        fitted=Fitted(
            probability=best.probability,
            method=best.method,
            quality=quality(samples, best.held_out),
        ),
        samples=samples,
        bins=reliability(samples, best.held_out),
        losses=best.losses,
    )
    return finding, best.held_out
