"""`likeness distil`, from the command line's words to what is printed."""

from pathlib import Path

from embedding.model_names import check_name
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.distillation.settings import DistillationSettings
from training.errors import SettingsInvalid
from training.fitting.reporting import Reporter
from training.fitting.run_folder import CHECKPOINT_FILE, write_settings


def run_distillation(config: Path, *, out: Path, resume: bool, name: str) -> None:
    """Teaches in the folder `out`, or goes on there, and prints where the model is.

    Raises TrainingError, EvaluationError, CatalogError, ModelError; and KeyboardInterrupt after
    saying how to go on.
    """
    check_name(name)
    settings = DistillationSettings.read(config)
    reporter = Reporter()
    checkpoint = out / CHECKPOINT_FILE
    if checkpoint.exists() and not resume:
        raise SettingsInvalid(
            f"{out} holds a training already. Go on with it, --resume, or begin another one in "
            "another folder, --out."
        )
    # Seconds, for torch: whatever was told wrongly is known by now.
    from training.distillation.distilling import distil

    write_settings(settings.as_yaml(), out)
    with Home(EngineSettings.read()) as home:
        try:
            found = distil(
                home,
                settings,
                out,
                resume=resume,
                name=name,
                reporter=reporter,
                watch=TerminalWatch(),
            )
        except KeyboardInterrupt:
            if checkpoint.exists():
                reporter.say(
                    "Interrupted; nothing is lost. To go on: "
                    f"likeness distil {config} --out {out} --resume"
                )
            raise
    print(
        f"The model is in {found.folder}: {found.card.dimension} dimensions at "
        f"{found.card.input_size} pixels. To install it: likeness models add {found.folder}"
    )
