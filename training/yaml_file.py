"""Settings in a file."""

from pathlib import Path
from typing import Any

import yaml

from training.errors import SettingsInvalid


def read_yaml(path: Path) -> dict[str, Any]:
    """Raises SettingsInvalid for a file that cannot be read, is no YAML, or holds no keys."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsInvalid(f"{path} is no YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(told, dict):
        raise SettingsInvalid(
            f"{path} holds no settings. It begins with lines such as `network: {{backbone: …}}`."
        )
    return told
