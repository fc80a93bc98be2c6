"""The serving image's own steps, run here, and what the compose file promises."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile's build stage makes, by the scripts it calls, of the tracked files."""
    source = tmp_path_factory.mktemp("source")
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("image") / "likeness"
    subprocess.run([source / "deploy" / "create-environment.sh", target], check=True)
    subprocess.run([source / "deploy" / "install-likeness.sh", target, source], check=True)
    return target


@pytest.fixture
def outside(environment: Path, tmp_path: Path) -> dict[str, str]:
    """The environment variables of the image, with a home of the test's own."""
    return {
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
        "LIKENESS_HOME": str(tmp_path / "home"),
        "LIKENESS_PORT": str(_free_port()),
    }


class TestServingEnvironment:
    def test_has_no_torch(self, environment: Path) -> None:
        packages = subprocess.run(
            [environment / "bin" / "pip", "list", "--format=freeze"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.lower()

        assert "openvino==" in packages
        assert "torch" not in packages
        assert "timm" not in packages

    def test_migrates_serves_and_is_healthy(
        self, environment: Path, outside: dict[str, str], tmp_path: Path
    ) -> None:
        likeness, health = environment / "bin" / "likeness", environment / "bin" / "likeness-health"
        subprocess.run([likeness, "migrate"], env=outside, cwd=tmp_path, check=True)
        assert subprocess.run([health], env=outside, capture_output=True).returncode != 0
        service = subprocess.Popen([likeness, "serve", "--no-worker"], env=outside, cwd=tmp_path)
        try:
            deadline = time.monotonic() + 60
            while subprocess.run([health], env=outside, capture_output=True).returncode != 0:
                assert service.poll() is None, "the service ended"
                assert time.monotonic() < deadline, "the service never became ready"
                time.sleep(0.2)
            address = f"http://127.0.0.1:{outside['LIKENESS_PORT']}/v1/collections"
            assert httpx.get(address, trust_env=False).status_code == 200
        finally:
            service.terminate()
        assert service.wait(timeout=30) in (0, -signal.SIGTERM)


class TestCompose:
    @pytest.fixture
    def services(self) -> dict[str, dict[str, object]]:
        compose: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
            (ROOT / "docker-compose.yml").read_text()
        )
        return compose["services"]

    def test_runs_migrate_service_and_worker(self, services: dict[str, dict[str, object]]) -> None:
        assert set(services) == {"migrate", "service", "worker"}
        for name in ("service", "worker"):
            assert "migrate" in services[name]["depends_on"]  # type: ignore[operator]
            assert services[name]["healthcheck"]["test"][0] == "CMD"  # type: ignore[index]

    def test_nothing_runs_as_root_or_writes_outside_its_volume(
        self, services: dict[str, dict[str, object]]
    ) -> None:
        for service in services.values():
            assert service["user"] == "10001:10001"
            assert service["read_only"] is True
            assert service["volumes"] == ["likeness-data:/data"]

    def test_is_accepted_by_docker_compose(self) -> None:
        compose = ["docker", "compose"]
        if (
            not shutil.which("docker")
            or subprocess.run([*compose, "version"], capture_output=True).returncode
        ):
            pytest.skip("docker compose is not installed here")
        subprocess.run([*compose, "config", "--quiet"], cwd=ROOT, check=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
