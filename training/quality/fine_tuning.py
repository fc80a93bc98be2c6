"""The section of the page about a network that was fine-tuned, beside a linear head alone."""

from pathlib import Path

import yaml

from embedding.model_folder import read_card
from evaluation.quality.section import Section, Table, percent, points
from training.errors import SettingsInvalid
from training.fitting.run_folder import SETTINGS_FILE
from training.quality.against_head import AS_IS, BOTH, HEAD, TUNED, compare, sides_of
from training.quality.material import COMMAND, SHADES, Training
from training.settings import TrainingSettings


def fine_tuning(training: Training) -> Section:
    """Raises SettingsInvalid when there is no run, or a model of it is not installed."""
    run = _run_of(training)
    settings = TrainingSettings.read(run / SETTINGS_FILE, {})
    network, tuned = settings.network.backbone, _installed(training, run)
    if network not in training.networks:
        raise SettingsInvalid(
            f"{run} trained {network}, which is not installed: likeness models add {network}."
        )
    compared = compare(
        training.questions,
        sides_of(training.setting.home, settings),
        training.vectors(network),
        training.vectors(tuned),
        training.vectors(SHADES),
        threads=training.setting.threads,
        watch=training.setting.watch,
    )
    found = compared.measured
    card = training.setting.home.store.card(tuned).trained
    assert card is not None  # it was found by this
    contestants = (AS_IS, HEAD, TUNED, BOTH)
    rows = [
        [
            question,
            f"{count}",
            *(percent(found.by_question[each][question]) for each in contestants),
            points(found.gains_by_question[HEAD][question]),
        ]
        for question, count in found.queries.items()
    ]
    means = [percent(found.mean[each]) for each in contestants]
    rows.append(["**mean**", f"{sum(found.queries.values())}", *means, points(found.gains[HEAD])])
    return Section(
        "Fine-tuning, against a head alone",
        f"`{network}`, fine-tuned for {card.steps:,} steps in {card.minutes:.0f} minutes "
        f"({settings.loss.name}, {settings.network.input_size or 'its own'} pixels, the last "
        f"{settings.network.trainable} of its stages), and the same head behind either. Network "
        f"and heads learnt from the same {compared.taught:,} pictures; none of the {found.units} "
        "products and styles that are asked for was among them.",
        [
            Table(
                "On products that neither has seen",
                "likeness train --config RUN/settings.yaml --out RUN --as tuned --force\n"
                f"{COMMAND} --only fine-tuning --fine-tuned RUN",
                ["what counts as found", "queries", *contestants, "by fine-tuning, with a head"],
                rows,
                [
                    f"Nine tenths of the scatter of the held-out pictures lie in "
                    f"{compared.directions[0]:,} directions of the network as it is, and in "
                    f"{compared.directions[1]:,} once it is fine-tuned: what a head chooses from. "
                    "A network that learns from some products keeps the directions that tell "
                    "those apart.",
                    "\nThe settings of the run:",
                    f"```yaml\n{_told(settings)}\n```",
                ],
            )
        ],
    )


def _run_of(training: Training) -> Path:
    if training.fine_tuned is None:
        raise SettingsInvalid("Name the folder of a training: --fine-tuned RUN.")
    return training.fine_tuned


def _installed(training: Training, run: Path) -> str:
    """The name of the run's model in the store, perhaps in int8."""
    trained = read_card(run / "model").trained
    for card in training.setting.home.store.cards():
        if card.trained is not None and card.trained == trained:
            return card.name
    raise SettingsInvalid(
        f"The model in {run} is not installed: likeness models add {run / 'model'}."
    )


def _told(settings: TrainingSettings) -> str:
    """What differs from the defaults, but for where files lie."""
    told = settings.model_dump(mode="json", exclude_defaults=True, exclude={"sources": True})
    told["network"].pop("weights", None)
    text: str = yaml.safe_dump(told, sort_keys=False).strip()
    return text
