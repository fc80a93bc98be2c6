"""`likeness train` for whole networks, from the command line's words to what is printed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from embedding.model_names import check_name, name_taken
from embedding.store import ModelStore
from evaluation.watching import TerminalWatch
from retrieval.home import Home, pictures_folder
from retrieval.settings import EngineSettings
from training.data.material import open_sources
from training.errors import SettingsInvalid
from training.exporting.installing import install
from training.fitting.checkpoint import CHECKPOINT_FILE
from training.fitting.reporting import Reporter
from training.fitting.results import Trained, trained_json, trained_text
from training.fitting.training import train
from training.settings import TrainingSettings

SETTINGS_FILE, RESULT_FILE = "settings.yaml", "result.json"


def run_training(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    out: Path,
    resume: bool,
    as_name: str | None,
    as_json: bool,
) -> None:
    """Trains in the folder `out`, or goes on there, exports, and prints what was gained.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid; and
    KeyboardInterrupt after saying how to go on.
    """
    reporter = Reporter()
    settings = _settings(config, overrides, out, resume=resume)
    with Home(EngineSettings.read()) as home:
        if as_name is not None:
            _check_free(home.store, as_name)
        try:
            found = train(
                home, settings, out, resume=resume, name=as_name, reporter=reporter,
                watch=TerminalWatch(),
            )  # fmt: skip
        except KeyboardInterrupt:
            if (out / CHECKPOINT_FILE).exists():
                reporter.say(
                    f"Interrupted; nothing is lost. To go on: likeness train --resume --out {out}"
                )
            raise
        if as_name is not None:
            found = _installed(home, found, as_name, settings, reporter)
    (out / RESULT_FILE).write_text(json.dumps(trained_json(found), indent=2) + "\n")
    print(json.dumps(trained_json(found), indent=2) if as_json else trained_text(found))


def _settings(
    config: Path | None, overrides: Mapping[str, object], out: Path, *, resume: bool
) -> TrainingSettings:
    """Those told, or those that the run in `out` was begun with; written there in either case."""
    written = out / SETTINGS_FILE
    if resume:
        if config is not None:
            raise SettingsInvalid(
                f"--resume goes on with the settings in {written}; leave --config away."
            )
        if not written.exists():
            raise SettingsInvalid(
                f"{out} holds no {SETTINGS_FILE}: no training began there. Name its folder with "
                "--out, or begin one without --resume."
            )
        settings = TrainingSettings.read(written, overrides)
        if settings.decisive() != TrainingSettings.read(written, {}).decisive():
            raise SettingsInvalid(
                f"The training in {out} was begun with other settings, those in {written}: only "
                "the budget and the threads may change. Begin another one in another folder, --out."
            )
    else:
        settings = TrainingSettings.read(config, overrides)
        if (out / CHECKPOINT_FILE).exists():
            raise SettingsInvalid(
                f"{out} holds a training already. Go on with it, --resume, or begin another one "
                "in another folder, --out."
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
        written.write_text(settings.as_yaml(), encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid(
            f"{out} cannot be written ({error.strerror}). Name another folder with --out."
        ) from error
    return settings


def _check_free(store: ModelStore, name: str) -> None:
    """Before hours are spent on a model that then cannot have its name."""
    check_name(name)
    if any(card.name == name for card in store.cards()):
        raise name_taken(name)


def _installed(
    home: Home, found: Trained, name: str, settings: TrainingSettings, reporter: Reporter
) -> Trained:
    if not found.is_gain:
        reporter.say(f"{name} was not installed, since nothing was gained.")
        return found
    pictures = open_sources(home, settings.sources, settings.collection)
    card = install(
        home.store,
        found.folder,
        name,
        [each for source in pictures for each in source.pictures],
        pictures_folder(home.settings),
    )
    return replace(found, installed=card)
