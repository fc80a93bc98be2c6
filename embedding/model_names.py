"""Names of models: which there can be, which are taken, and what a wrong one may have meant."""

import difflib
import re
from collections.abc import Sequence

from embedding.backbones import KNOWN, install_command
from embedding.card import NAME_PATTERN
from embedding.errors import ModelError, ModelNotInstalled, ModelUnknown

CLASSIC = "classic"
"""Code only, no weights."""
SMALL = "likeness-small"
"""The network that is part of this program; its folder is `shipped/likeness-small`."""
BUILT_IN = (SMALL, CLASSIC)
"""The models that are always there."""


def check_name(name: str) -> None:
    """Raises ModelError for a name that no model in a store can have."""
    if name in BUILT_IN:
        raise ModelError(
            f"{name!r} is built in and always there. Give this one another name with --as."
        )
    if not re.fullmatch(NAME_PATTERN, name) or len(name) > 100:
        raise ModelError(
            f"{name[:100]!r} cannot be a model's name. Use up to 100 lower-case letters, digits, "
            f"dots, hyphens and underscores, beginning with a letter or digit."
        )


def name_taken(name: str) -> ModelError:
    """What is raised rather than that a model gives way to another one unasked."""
    return ModelError(
        f"Another model is already installed as {name!r}. Choose another name with --as, or "
        f"replace it with --overwrite; pictures embedded with it must then be embedded again "
        f"(`likeness reindex`)."
    )


def absent(name: str, installed: Sequence[str]) -> ModelError:
    """The error for a name that is not among `installed`; tells the nearest thing that would
    work."""
    if name in KNOWN:
        return ModelNotInstalled(
            f"The model {name!r} is known but not installed. Install it with "
            f"`{install_command(name)}`."
        )
    alike = difflib.get_close_matches(name, [*installed, *KNOWN], n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(alike)}? " if alike else ""
    return ModelUnknown(
        f"There is no model {name[:100]!r}. {hint}Installed: {', '.join(installed)}. "
        f"`likeness models list --known` shows what can be added."
    )
