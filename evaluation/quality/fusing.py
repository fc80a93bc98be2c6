"""A network joined with exact shades and texture, under weights that other styles chose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.fused.built_in import BUILT_IN
from embedding.fused.cards import fused_card
from embedding.fused.weights import written
from embedding.model_names import CLASSIC
from evaluation.contenders import Description
from evaluation.metrics import hit_rate
from evaluation.pictures import PictureSet
from evaluation.quality.finding import (
    OTHER_COLOUR,
    OTHER_PHOTOGRAPH,
    SAME_KIND,
    SAME_PRODUCT,
    SAME_STYLE,
)
from evaluation.quality.section import Section, Table, percent, points
from evaluation.quality.setting import Question, Setting
from evaluation.ranking import rank
from evaluation.relations import Relation
from evaluation.trials import Trial, label_trial
from evaluation.tuning.part_ranks import first_ranks
from evaluation.tuning.results import TUNED, Hits, Tuning
from evaluation.tuning.tuning import Aim, measured, tune

HISTOGRAM = "colour-hsv"
"""S1's colour histogram, which is part of no fused model."""

_STUDIO = (SAME_PRODUCT, SAME_STYLE)
_STEPS = tuple(each / 10 for each in range(11))


@dataclass(frozen=True)
class Parts:
    """Unit vectors of some pictures by each part, float32 (pictures, length), and what a model of
    these parts alike would say of itself."""

    card: ModelCard
    vectors: Sequence[NDArray[np.float32]]

    @property
    def descriptions(self) -> list[Description]:
        """The fused model's vectors."""
        return list(
            np.concatenate(
                [
                    np.float32(part.weight**0.5) * vectors
                    for part, vectors in zip(self.card.parts, self.vectors, strict=True)
                ],
                axis=1,
            )
        )


def fusing(setting: Setting) -> Section:
    combinations = [
        *([network, "shades", "texture"] for network in setting.networks),
        *([[*setting.networks, "shades", "texture"]] if len(setting.networks) > 1 else []),
        *([[setting.networks[0], "colour", "texture"]] if setting.networks else []),
    ]
    return Section(
        "Fusion",
        "One vector of a network and of what networks overlook, with weights chosen by "
        "`likeness evaluate --tune` for both relations at once. Styles are dealt into two halves: "
        "no style, and so no product, has pictures in both. Each half is measured with the weights "
        "that the *other* one chose; figures are of all queries so measured. Differences are "
        "paired, drawn by style. The histogram is S1's, over the whole picture (`colour-hsv`). "
        "Beside the weights one thing was chosen by looking at all of the studio photographs: "
        "how narrow the ranges of `shades` are, among eight. Groceries and garments had no say.",
        [
            _against_parts(setting, combinations),
            *([_frontier(setting, setting.networks[0])] if setting.networks else []),
            *([_where_colour_misleads(setting)] if setting.networks else []),
        ],
    )


def parts_of(setting: Setting, pictures: PictureSet, names: Sequence[str]) -> Parts:
    """Equal weights; networks by their names, and any of BUILT_IN."""
    taking_part = setting.contenders(names)
    cards = {name: setting.home.store.card(name) for name in names if name not in BUILT_IN}
    return Parts(
        fused_card("fused", dict.fromkeys(names, 1.0 / len(names)), cards),
        [np.stack(setting.described(each, pictures)) for each in taking_part],
    )


def tuned(setting: Setting, names: Sequence[str], questions: Sequence[Question]) -> Tuning:
    """For questions about one set of pictures."""
    pictures = setting.pictures(questions[0].pictures)
    parts = parts_of(setting, pictures, names)
    return tune(
        pictures,
        [_aim(setting, question) for question in questions],
        parts.card,
        parts.descriptions,
        # Pictures of one style are often one photograph in other colours.
        split_by="style" if "style" in pictures.labels else None,
        seed=setting.seed,
        watch=setting.watch,
    )


def with_rivals(
    setting: Setting, tuning: Tuning, questions: Sequence[Question], names: Sequence[str]
) -> tuple[Hits, ...]:
    """The tuning's hits beside those of contenders that are no part of it, on the same queries."""
    together = []
    for hits, question in zip(tuning.hits, questions, strict=True):
        trial = _trial(setting, question)
        place = {query: row for row, query in enumerate(trial.queries.tolist())}
        order = [place[query] for query in hits.queries.tolist()]
        theirs = {}
        for rival in setting.contenders(names):
            found = rank(trial, rival, setting.described(rival, trial.pictures)).found
            theirs[rival.name] = hit_rate(found, 1)[order]
        together.append(replace(hits, by_contestant={**hits.by_contestant, **theirs}))
    return tuple(together)


def _against_parts(setting: Setting, combinations: Sequence[Sequence[str]]) -> Table:
    rows = []
    asked = ""
    for names in combinations:
        tuning = tuned(setting, names, _STUDIO)
        networks = [name for name in names if name not in BUILT_IN]
        found = measured(with_rivals(setting, tuning, _STUDIO, (HISTOGRAM, CLASSIC)))
        best = max(networks, key=lambda name: found.mean[f"{name} alone"].mean)
        for relation in tuning.relations:
            ahead = found.gains_by_relation
            rows.append(
                [
                    " + ".join(names),
                    relation,
                    percent(found.by_relation[TUNED][relation]),
                    f"{100 * found.by_relation[f'{best} alone'][relation].mean:.1f}, "
                    f"**{points(ahead[f'{best} alone'][relation])}**",
                    f"{100 * found.by_relation[HISTOGRAM][relation].mean:.1f}, "
                    f"**{points(ahead[HISTOGRAM][relation])}**",
                    f"{100 * found.by_relation[CLASSIC][relation].mean:.1f}, "
                    f"{points(ahead[CLASSIC][relation])}",
                    "<br>".join(written(fold.weights) for fold in tuning.folds),
                ]
            )
        asked = ", ".join(f"{count} of {name}" for name, count in tuning.whole.queries.items())
    return Table(
        "Fused, against the network alone and the histogram alone",
        _COMMAND,
        (
            "parts",
            "relation",
            "fused: R@1 (95 %)",
            "network alone, fused is ahead by",
            "histogram alone, fused is ahead by",
            "`classic`, fused is ahead by",
            "weights each half chose",
        ),
        rows,
        [
            f"Queries: {asked}. Same product is asked from other sides to the main view, same "
            "style among all pictures. Where the bounds of a difference hold 0, chance alone may "
            "have made it."
        ],
    )


def _frontier(setting: Setting, network: str) -> Table:
    """R@1 of every relation by the share of shades: nothing is chosen here."""
    questions = (SAME_PRODUCT, SAME_STYLE, OTHER_COLOUR, OTHER_PHOTOGRAPH, SAME_KIND)
    balances = np.array([[1.0 - share, share] for share in _STEPS])
    columns = []
    for question in questions:
        trial = _trial(setting, question)
        parts = parts_of(setting, trial.pictures, [network, "shades"])
        columns.append((first_ranks(trial, parts.vectors, balances) == 1).mean(axis=1))
    return Table(
        f"How much colour: {network} and shades",
        _COMMAND,
        (
            "share of shades",
            "studio, same product",
            "studio, same style",
            "studio, style in another colour",
            "groceries, same product",
            "garments, same kind",
        ),
        [
            [f"{share:.1f}", *(f"{100 * column[row]:.1f}" for column in columns)]
            for row, share in enumerate(_STEPS)
        ],
        [
            "R@1 in percent on all queries of the tables above; nothing was chosen by these "
            "figures. No share suits every relation, so a collection and a query can set their own "
            "([fusion](decisions/fusion.md))."
        ],
    )


def _where_colour_misleads(setting: Setting) -> Table:
    rows = []
    for title, question in (
        ("groceries, same product", OTHER_PHOTOGRAPH),
        ("garments, same kind", SAME_KIND),
        ("studio, style in another colour", OTHER_COLOUR),
        ("studio, same product", SAME_PRODUCT),
    ):
        network = setting.networks[0]
        tuning = tuned(setting, [network, "shades", "texture"], (question,))
        found = tuning.whole
        rows.append(
            [
                title,
                percent(found.mean[TUNED]),
                percent(found.mean[f"{network} alone"]),
                points(found.gains[f"{network} alone"]),
                points(tuning.gain),
                "<br>".join(written(fold.weights) for fold in tuning.folds),
                f"{sum(found.queries.values()):,} of {found.units:,}",
            ]
        )
    return Table(
        f"Tuned for one relation alone: {setting.networks[0]}, shades and texture",
        _COMMAND,
        (
            "relation",
            "fused: R@1 (95 %)",
            "network alone",
            "ahead of it by",
            "ahead of equal weights by",
            "weights each half chose",
            "queries, of so many units",
        ),
        rows,
        [
            "Split by style, else by product, else by picture; each half is measured with what the "
            "other chose. Where colour misleads, tuning learns to leave it out: what is "
            "gained over the network alone is then little or nothing."
        ],
    )


# No command of the program asks two questions of a set, or weighs ready vectors in steps.
_COMMAND = "python -m evaluation.quality --photographs . --only fusing --out fusing.md"


def _aim(setting: Setting, question: Question) -> Aim:
    asked = setting.pictures(question.pictures, question.queries, question.gallery)
    return Aim(Relation.parse(question.relation), asked.queries, asked.gallery)


def _trial(setting: Setting, question: Question) -> Trial:
    return label_trial(
        setting.pictures(question.pictures, question.queries, question.gallery),
        Relation.parse(question.relation),
        resample_by=question.resample_by,
    )
