"""An ablation from the command line's words to what is printed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from rich.console import Console

from embedding.export import input_size_of
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.ablation.ablating import Ablating
from training.ablation.results import ablation_json
from training.ablation.table import print_ablation
from training.ablation.variants import COMPARED_LOSSES, FORMS, variants
from training.data.material import gather, open_sources
from training.errors import SettingsInvalid
from training.fitting.reporting import Reporter
from training.losses.settings import LossName
from training.networks.building import export_options
from training.settings import TrainingSettings

_Name = TypeVar("_Name", bound=str)


def run_ablation(
    config: Path | None,
    overrides: Mapping[str, object],
    *,
    losses: Sequence[str],
    forms: Sequence[str],
    seeds: Sequence[int],
    folder: Path | None,
    as_json: bool,
) -> None:
    """Raises TrainingError, EvaluationError, CatalogError, ModelError, SettingsInvalid."""
    settings = TrainingSettings.read(config, overrides)
    chosen = variants(
        _chosen(losses, get_args(LossName), "loss") or COMPARED_LOSSES,
        _chosen(forms, FORMS, "form") or FORMS,
    )
    with Home(EngineSettings.read()) as home:
        material = gather(
            home,
            open_sources(home, settings.sources, settings.collection),
            settings.data,
            input_size=input_size_of(settings.network.backbone, export_options(settings.network)),
            seed=settings.seed,
            watch=TerminalWatch(),
        )
        ablating = Ablating(settings, material, folder or home.root / "ablation", Reporter())
        found = ablating.run(chosen, list(dict.fromkeys(seeds)) or [settings.seed])
    if as_json:
        print(json.dumps(ablation_json(found), indent=2))
    else:
        print_ablation(found, Console())


def _chosen(names: Sequence[str], known: Sequence[_Name], what: str) -> list[_Name]:
    by_name: dict[str, _Name] = {each: each for each in known}
    for name in names:
        if name not in by_name:
            raise SettingsInvalid(
                f"--{what} {name}: there is no such {what}. There are {', '.join(known)}."
            )
    return [by_name[name] for name in names]
