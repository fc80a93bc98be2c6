"""`likeness train` for whole networks, from the command line's words to what is printed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from embedding.whole_files import write_whole
from evaluation.pictures import PictureSet
from evaluation.watching import TerminalWatch
from retrieval.home import Home, pictures_folder
from retrieval.settings import EngineSettings
from training.data.material import open_sources
from training.errors import SettingsInvalid
from training.exporting.installing import install
from training.fitting.reporting import Reporter
from training.fitting.results import Trained, trained_json, trained_text
from training.fitting.run_folder import (
    CHECKPOINT_FILE,
    RESULT_FILE,
    abandon,
    begin,
    take_up,
    usual_name,
)
from training.naming import check_name_free
from training.next_steps import moving
from training.settings import TrainingSettings


def run_training(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    out: Path | None,
    resume: bool,
    as_name: str | None,
    overwrite: bool,
    force: bool,
    as_json: bool,
) -> bool:
    """Trains in the folder `out`, or goes on there, exports, and prints what was gained.

    Without `out`, in a folder of the home that is called like the model. With `as_name` the model
    is installed, if something was gained or if `force`. Whether a model was made as it was asked
    for: it is not where it should be installed and nothing was gained.

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
            check_name_free(home, as_name, overwrite=overwrite)
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
                command = _go_on(folder, as_name, overwrite=overwrite)
                reporter.say(f"Interrupted; nothing is lost. To go on: {command}")
            raise
        finally:
            abandon(folder)
        result = folder / RESULT_FILE
        _write(found, result)  # before what may fail: it took hours
        if as_name is not None and (force or found.is_gain):
            pictures = open_sources(home, settings.sources, settings.collection)
            found = _installed(home, found, as_name, pictures, overwrite=overwrite)
            _write(found, result)
        advice = _advice(home, settings, found, as_name)
    print(json.dumps(trained_json(found), indent=2) if as_json else trained_text(found, advice))
    return as_name is None or found.installed is not None


def _write(found: Trained, file: Path) -> None:
    write_whole(file, json.dumps(trained_json(found), indent=2) + "\n")


def _advice(
    home: Home, settings: TrainingSettings, found: Trained, as_name: str | None
) -> list[str]:
    """Where the model is, and what to type next."""
    if found.installed is not None:
        name = found.installed.name
        collection = None if settings.sources else settings.collection or home.settings.collection
        moved = moving(home, name, model=settings.network.backbone, collection=collection)
        return [
            f"Installed as {name}, in {found.installed.precision}. To search with it:",
            *(f"  {each}" for each in moved),
        ]
    add = f"likeness models add {found.folder} --as {as_name or found.card.name}"
    if found.is_gain:
        return [f"The model is in {found.folder}, not installed. To install it: {add}"]
    asked = "" if as_name is None else " (exit code 3; --force installs it all the same)"
    return [f"The model is in {found.folder}, not installed{asked}. To try it even so: {add}"]


def _go_on(folder: Path, as_name: str | None, *, overwrite: bool) -> str:
    named = "" if as_name is None else f" --as {as_name}"
    return f"likeness train --resume --out {folder}{named}{' --overwrite' if overwrite else ''}"


def _installed(
    home: Home, found: Trained, name: str, pictures: Sequence[PictureSet], *, overwrite: bool
) -> Trained:
    card = install(
        home.store,
        found.folder,
        name,
        [each for source in pictures for each in source.pictures],
        pictures_folder(home.settings),
        overwrite=overwrite,
    )
    return replace(found, installed=card)
