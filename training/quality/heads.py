"""The section of the page about linear heads."""

from embedding.model_names import CLASSIC
from evaluation.quality.section import Section, Table, percent, points
from training.linear.learning import learn
from training.linear.printing import described as written
from training.linear.results import BASE, HEAD, JOINED, Learnt
from training.quality.material import RELATIONS, SHADES, Training


def heads(training: Training) -> Section:
    """The linear head behind every model."""
    rows: list[list[str]] = []
    notes: list[str] = []
    for name in (*training.networks, CLASSIC):
        blocks = {name: training.vectors(name)}
        if name != CLASSIC:
            blocks[SHADES] = training.vectors(SHADES)
        learnt = learn(
            training.material,
            blocks,
            threads=training.setting.threads,
            watch=training.setting.watch,
        )
        rows += _of_model(name, learnt)
        notes.append(
            f"- `{name}`: {written(learnt.recipe, learnt)}; {learnt.head.dimension} dimensions."
        )
    relations = " ".join(f"--relation {each}" for each in RELATIONS)
    return Section(
        "A linear head",
        "The model as it is; joined with the exact shades, where it is a network, as much as the "
        "other parts chose; and with the head.",
        [
            Table(
                "Behind every model",
                "likeness train luma/catalogue.csv grocery/catalogue.csv --model MODEL "
                f"{relations} --queries split=val --gallery split=train",
                ["model", "what counts as found", BASE, JOINED, HEAD, "gained", "by the head"],
                rows,
                ["Chosen on all products:", "\n".join(notes)],
            )
        ],
    )


def _of_model(name: str, learnt: Learnt) -> list[list[str]]:
    measured = learnt.measured
    rows = [
        [
            f"`{name}`",
            question,
            *(percent(measured.by_question[each][question]) for each in (BASE, JOINED, HEAD)),
            points(measured.gains_by_question[BASE][question]),
            points(measured.gains_by_question[JOINED][question]),
        ]
        for question in measured.queries
    ]
    mean = [percent(measured.mean[each]) for each in (BASE, JOINED, HEAD)]
    return [
        *rows,
        [f"`{name}`", "**mean**", *mean, points(measured.gains[BASE]),
         points(measured.gains[JOINED])],
    ]  # fmt: skip
