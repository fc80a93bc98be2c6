"""Other distances between the same vectors, and shorter codes of them."""

from evaluation.quality.finding import OTHER_PHOTOGRAPH, SAME_STYLE, evaluate_command
from evaluation.quality.section import Section, Table, percent
from evaluation.quality.setting import Setting
from evaluation.table import notes, size

_DISTANCES = ("l2", "l1", "l0.5")
_CODES = ("pca256", "pca128", "pca64", "pca32", "bits256", "bits128")


def coding(setting: Setting) -> Section:
    return Section(
        "Distances and codes",
        "The vectors of one network, compared by cosine (the line without a variant), by "
        "Euclidean (`l2`), city-block (`l1`) and fractional distance (`l0.5`: S3), on their first "
        "principal components (`pca`: S4's neural codes), and by bits (`bits`: S2). On unit "
        "vectors `l2` ranks as cosine does. Components and bits are learnt from the gallery, "
        "without labels.",
        [_table(setting, name) for name in setting.networks],
    )


def _table(setting: Setting, network: str) -> Table:
    names = [network, *(f"{network}:{each}" for each in (*_DISTANCES, *_CODES))]
    asked = (OTHER_PHOTOGRAPH, SAME_STYLE)
    evaluations = [setting.evaluated(question, names) for question in asked]
    found = [
        {each.contender: each.whole.intervals["R@1"] for each in evaluation.results[0].outcomes}
        for evaluation in evaluations
    ]
    costs = evaluations[0].costs
    return Table(
        network,
        "\n".join(evaluate_command(question, names) for question in asked),
        ("", "groceries, same product: R@1", "studio, same style: R@1", "size"),
        [
            [name, *(percent(each[name]) for each in found), size(costs[name].bytes_per_picture)]
            for name in names
        ],
        [
            f"{title}: {notes(evaluation.results[0])[0]}"
            for title, evaluation in zip(("Groceries", "Studio"), evaluations, strict=True)
        ],
    )
