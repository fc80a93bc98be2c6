"""The command line over the home of a module's `folder`."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

CommandLine = Callable[..., subprocess.CompletedProcess[str]]
"""command_line("calibrate", …, code=0): one run, which must end as `code` says."""


def command_line(folder: Path) -> CommandLine:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LIKENESS_")}

    def run(*arguments: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "likeness", *map(str, arguments)],
            env={**inherited, "LIKENESS_HOME": str(folder / "home"), "COLUMNS": "120"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result

    return run
