"""How often each model and baseline finds what it should: one table a relation."""

from collections.abc import Sequence

from evaluation.quality.section import Section, Table, percent
from evaluation.quality.setting import Question, Setting
from evaluation.results import Cost, Outcome
from evaluation.table import notes, ranked, size

SAME_PRODUCT = Question("luma", "product_id", "view=back,alt1", "view=main,0")
FEW = Question("luma", "product_id", "view=alt1", "view=back")
"""`points` matches every pair of pictures, a hundredth of a second each."""
SAME_STYLE = Question("luma", "style")
OTHER_COLOUR = Question("luma", "style,other:colour")
OTHER_PHOTOGRAPH = Question("grocery", "product_id", "split=val", "split=train")
SAME_KIND = Question("clothing", "category", resample_by="product_id")

_QUICK = ("colour-hsv", "colour-lab", "colour", "shades", "texture", "gabor-words")
_ALL = (*_QUICK, "mser-words", "composite")

_COLUMNS = ("", "R@1 (95 %)", "R@10", "mAP@10", "ms", "size")


def finding(setting: Setting) -> Section:
    asked = [
        ("Studio photographs: the same product from another side", SAME_PRODUCT, _ALL),
        ("The same, among the sides that are not the main one", FEW, (*_QUICK, "points")),
        ("Studio photographs: the same style, in any colour", SAME_STYLE, _ALL),
        ("Studio photographs: the same style in another colour", OTHER_COLOUR, _ALL),
        ("Groceries photographed in shops: the same product", OTHER_PHOTOGRAPH, _QUICK),
        ("Garments at home: the same kind of garment", SAME_KIND, _QUICK),
    ]
    return Section(
        "What each model and baseline finds",
        "Every picture is a query once; what it should find is ranked among all that are searched. "
        "Nothing was chosen on these pictures but by those who made the built-in models. `ms` is "
        "processor time of one picture from its bytes to its description, `size` what an index "
        "keeps of it. `points` matches every pair of pictures, a hundredth of a second each, and "
        "so has the smallest question; the slow baselines are left out of the large ones.",
        [_table(setting, title, question, others) for title, question, others in asked],
    )


def evaluate_command(question: Question, names: Sequence[str]) -> str:
    models = " ".join(f"--model {name}" for name in names)
    return f"likeness evaluate {question.pictures}/catalogue.csv {question.options} {models}"


def row(outcome: Outcome, cost: Cost) -> list[str]:
    found = outcome.whole.intervals
    return [
        outcome.contender,
        percent(found["R@1"]),
        f"{100 * found['R@10'].mean:.1f}",
        f"{100 * found['mAP@10'].mean:.1f}",
        f"{cost.ms_per_picture:.1f}",
        size(cost.bytes_per_picture),
    ]


def _table(setting: Setting, title: str, question: Question, others: Sequence[str]) -> Table:
    names = [*setting.models, *others]
    evaluation = setting.evaluated(question, names)
    result = evaluation.results[0]
    return Table(
        title,
        evaluate_command(question, names),
        _COLUMNS,
        [row(each, evaluation.costs[each.contender]) for each in ranked(result)],
        notes(result),
    )
