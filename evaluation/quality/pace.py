"""How long ten thousand pictures take, once they are embedded."""

import time

import numpy as np

from embedding.model_names import CLASSIC
from evaluation.evaluating import Options, evaluate
from evaluation.pictures import PictureSet
from evaluation.quality.section import Section, Table
from evaluation.quality.setting import Setting
from evaluation.relations import Relation

MOST = 10_000


def pace(setting: Setting) -> Section:
    pictures = _together(setting)
    contender = setting.contenders([CLASSIC])
    setting.described(contender[0], pictures)
    began, began_alone = time.perf_counter(), time.process_time()
    evaluation = evaluate(
        pictures,
        contender,
        Options(relations=(Relation(("category",)),), resample_by="product_id"),
        cache=setting.cache,
        threads=setting.threads,
        watch=setting.watch,
    )
    seconds, alone = time.perf_counter() - began, time.process_time() - began_alone
    trial = evaluation.results[0].trial
    return Section(
        "Pace",
        "Embeddings are kept by content and model, so that a second evaluation only ranks. Every "
        "picture is ranked against every other, exactly.",
        [
            Table(
                "Evaluating what is embedded already",
                "likeness evaluate catalogue.csv --relation category --resample-by product_id",
                ("pictures", "queries", "seconds", "of processor time"),
                [
                    [
                        f"{len(pictures.pictures):,}",
                        f"{len(trial.queries):,}",
                        f"{seconds:.0f}",
                        f"{alone:.0f}",
                    ]
                ],
                ["With all measures, 1,000 resamplings and the table by category."],
            )
        ],
    )


def _together(setting: Setting) -> PictureSet:
    """The first 10,000 photographs of all folders there are, as one catalogue."""
    rows = [
        (picture, product, f"{name}: {category}")
        for name in setting.sets
        for pictures in [setting.pictures(name)]
        for picture, product, category in zip(
            pictures.pictures,
            pictures.labels["product_id"],
            pictures.labels["category"],
            strict=True,
        )
    ][:MOST]
    everyone = np.ones(len(rows), dtype=np.bool_)
    return PictureSet(
        source="all photographs",
        pictures=tuple(picture for picture, _, _ in rows),
        labels={
            "product_id": [product for _, product, _ in rows],
            "category": [category for _, _, category in rows],
        },
        queries=everyone,
        gallery=everyone,
    )
