"""`likeness distil`: reads the words."""

from pathlib import Path
from typing import Annotated

import typer


def distil(
    config: Annotated[
        Path, typer.Argument(help="A YAML file of settings; docs/distillation.md has them all.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Folder of the training: what the teachers said, its checkpoint, and the model."
        ),
    ],
    name: Annotated[str, typer.Option(help="What the model is called.")] = "student",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after an interruption, or for longer.")
    ] = False,
) -> None:
    """Teach a small network from nothing what larger installed ones say of your pictures.

    What the teachers say of every view of a picture is worked out once and kept; then each step
    costs the student alone.
    """
    from training.extra import require_extra

    require_extra()
    from training.distillation.running import run_distillation

    run_distillation(config, out=out, resume=resume, name=name)
