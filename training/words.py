"""The words of `likeness train`: heads, which options belong together, and `--set`."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import typer
import yaml


class Head(StrEnum):
    """What is trained."""

    LINEAR = "linear"
    PCA = "pca"
    DISCRIMINATIVE = "discriminative"
    OASIS = "oasis"
    NETWORK = "network"


def refuse(options: Mapping[str, object], belonging_to: str) -> None:
    """Raises BadParameter for one that was given; a seed of 0 was, too."""
    if given := [name for name, value in options.items() if value is not None and value != []]:
        raise typer.BadParameter(f"{given[0]} is an option of {belonging_to}")


def one_place(as_name: str | None, out: Path | None) -> None:
    """A head is installed or written to a folder. Raises BadParameter."""
    if as_name is not None and out is not None:
        raise typer.BadParameter(
            "--as installs the model and --out writes its folder instead: give one of them. A "
            f"folder is installed, under any name, by: likeness models add {out} --as {as_name}"
        )


def told_by_set(told: Sequence[str]) -> dict[str, object]:
    """KEY=VALUE, the value as YAML has it. Raises BadParameter."""
    found: dict[str, object] = {}
    for each in told:
        key, equals, value = each.partition("=")
        if not (key and equals):
            raise typer.BadParameter(f"--set {each}: write KEY=VALUE, as in optimiser.lr=0.001")
        try:
            found[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f"--set {each}: the value is no YAML") from error
    return found
