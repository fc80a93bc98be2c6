"""What a score means, on products that the calibration has not seen."""

from evaluation.calibrating.held_out import Scored, held_out
from evaluation.quality.finding import OTHER_PHOTOGRAPH, SAME_STYLE
from evaluation.quality.section import Section, Table
from evaluation.quality.setting import Question, Setting
from evaluation.relations import Relation

ANY_VIEW = Question("luma", "product_id")
"""Of all pictures, so that every product has some that match."""


def calibration(setting: Setting) -> Section:
    asked = [
        ("Studio photographs: the same product", ANY_VIEW),
        ("Studio photographs: the same style", SAME_STYLE),
        ("Groceries: the same product", OTHER_PHOTOGRAPH),
    ]
    return Section(
        "Calibrated probabilities",
        "`likeness calibrate` fits what a similarity means to half of the labels of the relation, "
        "drawn by chance; it is measured here on the other half, with which it has nothing in "
        "common. ECE is the expected calibration error in ten bins, with 95 % intervals drawn by "
        "product; the aim is below 0.05. *Pairs* are two pictures that somebody compares, *hits* "
        "what a search shows. Halved by product, colours of one style may lie in both halves.",
        [_table(setting, title, question) for title, question in asked],
    )


def _table(setting: Setting, title: str, question: Question) -> Table:
    rows = []
    notes = ""
    for contender in setting.contenders(setting.models):
        found = held_out(
            setting.pictures(question.pictures, question.queries, question.gallery),
            Relation.parse(question.relation),
            contender,
            setting.home.store.card(contender.name),
            cache=setting.cache,
            threads=setting.threads,
            seed=setting.seed,
            watch=setting.watch,
        )
        rows.append([contender.name, *_cells(found.pairs), *_cells(found.hits)])
        notes = (
            f"Fitted to {found.pairs.fitted_products:,} labels, measured on "
            f"{found.pairs.products:,} others: {found.pairs.samples:,} pairs, and of the last line "
            f"{found.hits.samples:,} hits."
        )
    return Table(
        title,
        "\n".join(
            f"likeness calibrate {question.pictures}/catalogue.csv {question.options} "
            f"--model {row[0]} --dry-run"
            for row in rows
        ),
        ("", "pairs: ECE (95 %)", "Brier score", "method", "hits: ECE (95 %)", "Brier", "methods"),
        rows,
        [notes, "The command cross-validates over all products instead of halving them."],
    )


def _cells(scored: Scored) -> list[str]:
    ece, brier = scored.quality.ece, scored.quality.brier
    return [
        f"{ece.value:.3f} ({ece.low:.3f}–{ece.high:.3f})",
        f"{brier.value:.3f}",
        ", ".join(scored.methods),
    ]
