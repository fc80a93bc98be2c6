"""The section of the page about judgements that arrive one by one."""

from evaluation.quality.section import Section, Table, percent, points
from training.adapters.curve import curve
from training.quality.material import Training, only

_JUDGEMENTS = (0, 100, 300, 1000, 3000, 10_000)


def judgements(training: Training) -> Section:
    """OASIS from simulated clicks."""
    name, vectors = training.joined
    found = curve(
        training.material,
        vectors,
        "style",
        _JUDGEMENTS,
        watch=training.setting.watch,
        seed=training.setting.seed,
    )
    return Section(
        "Judgements, as they arrive",
        f"OASIS on `{name}`. A simulated customer asks with a picture, clicks one of the same "
        "style (in `grocery`: product) and passes over one of the 20 nearest others. A fifth of "
        "the judgements are held out, as in use. The products asked for are none of those judged.",
        [
            Table(
                "R@1 against the number of judgements",
                only("judgements"),
                ["judgements", *training.material.questions, "mean", "gained"],
                [
                    [
                        f"{count:,}",
                        *(f"{100 * each:.1f}" for each in by_question),
                        percent(mean),
                        points(gain),
                    ]
                    for count, mean, gain, by_question in found
                ],
            )
        ],
    )
