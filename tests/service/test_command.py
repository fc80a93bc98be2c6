"""`likeness serve` and `likeness keys` as a user types them."""

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from catalog.keys import ApiKeys
from likeness import build_app
from retrieval.home import Home
from retrieval.settings import EngineSettings
from service.workers import WorkerProcess
from tests.pictures import jpeg
from tests.service.running import running, wait_until
from tests.service.test_live import environment, served

ROOT = Path(__file__).resolve().parents[2]


def likeness(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "likeness", *arguments],
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestServeRefuses:
    def test_a_port_that_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            result = likeness(tmp_path, "serve", "--port", str(taken.getsockname()[1]))

        assert result.returncode == 2
        assert "Address already in use" in result.stderr
        assert "--port" in result.stderr
        assert "Traceback" not in result.stderr

    def test_an_address_that_is_not_ours(self, tmp_path: Path) -> None:
        result = likeness(tmp_path, "serve", "--host", "192.0.2.1", "--port", "0")

        assert result.returncode == 2
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LIKENESS_PORT", "http"),
            ("LIKENESS_QUEUE_LIMIT", "0"),
            ("LIKENESS_CORS_ORIGINS", '["shop.example"]'),
            ("LIKENESS_MODEL", "resnet18"),
            ("LIKENESS_DATABASE_URL", "mysql://x"),
        ],
    )
    def test_settings_that_cannot_be(self, tmp_path: Path, name: str, value: str) -> None:
        result = likeness(tmp_path, "serve", "--port", "0", "--no-worker", **{name: value})

        assert result.returncode == 2
        assert result.stderr.startswith("error:")
        assert "Traceback" not in result.stderr


class TestKeys:
    def test_from_making_to_revoking(self, tmp_path: Path) -> None:
        key = likeness(tmp_path, "keys", "create", "shop front", "--role", "admin").stdout.strip()
        listed = likeness(tmp_path, "keys", "list").stdout
        with Home(EngineSettings(home=tmp_path)) as home, home.database.read() as connection:
            assert ApiKeys(connection).role(key) == "admin"
        revoked = likeness(tmp_path, "keys", "revoke", "shop front")

        assert "shop front\tadmin" in listed
        assert key not in listed
        assert revoked.returncode == 0
        assert "revoked" in likeness(tmp_path, "keys", "list").stdout

    def test_refused(self, tmp_path: Path) -> None:
        likeness(tmp_path, "keys", "create", "a")
        for arguments in (("create", "a"), ("create", "b", "--role", "king"), ("revoke", "no")):
            result = likeness(tmp_path, "keys", *arguments)

            assert result.returncode == 2
            assert "Traceback" not in result.stderr

    def test_are_asked_for(self, tmp_path: Path) -> None:
        key = likeness(tmp_path, "keys", "create", "a", "--role", "admin").stdout.strip()
        with served(tmp_path, LIKENESS_REQUIRE_API_KEY="true") as (client, _):
            assert client.get("/v1/products").status_code == 401
            assert client.get("/v1/products", headers={"x-api-key": key}).status_code == 200


class TestCurl:
    def test_the_line_that_serve_prints(self, tmp_path: Path) -> None:
        picture = tmp_path / "a.jpg"
        picture.write_bytes(jpeg(1))
        with running(tmp_path / "home") as service:
            service.put("a", 1)
            result = subprocess.run(
                ["curl", "-s", "-F", f"image=@{picture}", f"{service.url}/v1/search"],
                capture_output=True,
                text=True,
            )

        assert '"product_id":"a"' in result.stdout


@pytest.fixture
def begin() -> threading.Event:
    """Set."""
    event = threading.Event()
    event.set()
    return event


class TestWorkerProcess:
    def test_waits_until_it_may_begin(self, tmp_path: Path) -> None:
        log, begin = tmp_path / "log", threading.Event()
        worker = WorkerProcess(begin, (sys.executable, "-c", f"open({str(log)!r}, 'a')"))
        worker.start()
        time.sleep(0.3)
        assert not log.exists()
        begin.set()
        wait_until(log.exists)
        worker.stop()

    def test_that_never_began_stops(self) -> None:
        worker = WorkerProcess(threading.Event(), (sys.executable, "-c", ""))
        worker.start()
        worker.stop()

        assert worker.ended_with is None

    def test_is_started_again_when_it_dies(self, begin: threading.Event, tmp_path: Path) -> None:
        log = tmp_path / "log"
        code = f"open({str(log)!r}, 'a').write('x'); raise SystemExit(3)"
        worker = WorkerProcess(begin, (sys.executable, "-c", code))
        worker.start()
        wait_until(lambda: log.exists() and len(log.read_text()) >= 2)
        worker.stop()

    def test_is_stopped_with_the_service(self, begin: threading.Event, tmp_path: Path) -> None:
        log = tmp_path / "log"
        code = f"import time; open({str(log)!r}, 'a').write('x'); time.sleep(60)"
        worker = WorkerProcess(begin, (sys.executable, "-c", code))
        worker.start()
        wait_until(log.exists)
        worker.stop()

        assert worker.ended_with is not None
        assert log.read_text() == "x"


def test_serving_imports_nothing_that_only_other_commands_need() -> None:
    program = (
        "import sys, likeness; likeness.build_app(['serve']); import service.serving;"
        "print([m for m in ('demo.render', 'embedding.adding', 'indexer.command', 'alembic')"
        " if m in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT
    )

    assert result.stdout.strip() == "[]", result.stderr


def test_every_command_is_there_alone_and_with_the_others() -> None:
    everything = get_command(build_app())
    assert isinstance(everything, TyperGroup)
    for name in everything.commands:
        alone = get_command(build_app(["--home", "somewhere", name]))

        assert isinstance(alone, TyperGroup)
        assert list(alone.commands) == [name]
