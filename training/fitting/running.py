"""`likeness train` for whole networks, from the command line's words to what is printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embedding.model_names import check_name, name_taken
from embedding.store import ModelStore
from evaluation.pictures import PictureSet
from evaluation.watching import TerminalWatch
from retrieval.home import Home, pictures_folder
from retrieval.settings import EngineSettings
from training.data.material import open_sources
from training.errors import SettingsInvalid
from training.exporting.installing import install
from training.fitting.reporting import Reporter
from training.fitting.results import Trained, trained_json, trained_text
from training.fitting.run_folder import CHECKPOINT_FILE, RESULT_FILE, begin, take_up, usual_name
from training.settings import TrainingSettings


def run_training(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    out: Path | None,
    resume: bool,
    as_name: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Trains in the folder `out`, or goes on there, exports, and prints what was gained.

    Without `out`, in a folder of the home that is called like the model. With `as_name` the model
    is installed, if something was gained or if `force`.

    Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid; and
    KeyboardInterrupt after saying how to go on.
    """
    reporter = Reporter()
    engine = EngineSettings.read()
    runs = engine.root / "training"
    if resume:
        if out is None and as_name is None:
            raise SettingsInvalid("Say which training is to go on: --resume --out FOLDER.")
        folder = out or runs / str(as_name)
        settings = take_up(config, overrides, folder)
    else:
        settings = TrainingSettings.read(config, overrides)
        folder = out or runs / (as_name or usual_name(settings.network.backbone))
    with Home(engine) as home:
        if as_name is not None:
            _check_free(home.store, as_name)
        if not resume:
            begin(settings, folder)
        # Seconds, for torch: whatever was told wrongly is known by now.
        from training.fitting.training import train

        try:
            found = train(
                home,
                settings,
                folder,
                resume=resume,
                name=as_name,
                reporter=reporter,
                watch=TerminalWatch(),
            )
        except KeyboardInterrupt:
            if (folder / CHECKPOINT_FILE).exists():
                reporter.say(f"Interrupted; nothing is lost. To go on: {_go_on(folder, as_name)}")
            raise
        if as_name is not None and (force or found.is_gain):
            pictures = open_sources(home, settings.sources, settings.collection)
            found = _installed(home, found, as_name, pictures)
    as_told = json.dumps(trained_json(found), indent=2)
    (folder / RESULT_FILE).write_text(as_told + "\n", encoding="utf-8")
    print(as_told if as_json else trained_text(found))


def _go_on(folder: Path, as_name: str | None) -> str:
    named = "" if as_name is None else f" --as {as_name}"
    return f"likeness train --resume --out {folder}{named}"


def _check_free(store: ModelStore, name: str) -> None:
    """Before hours are spent on a model that then cannot have its name."""
    check_name(name)
    if any(card.name == name for card in store.cards()):
        raise name_taken(name)


def _installed(home: Home, found: Trained, name: str, pictures: Sequence[PictureSet]) -> Trained:
    card = install(
        home.store,
        found.folder,
        name,
        [each for source in pictures for each in source.pictures],
        pictures_folder(home.settings),
    )
    return replace(found, installed=card)
