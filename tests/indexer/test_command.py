"""`likeness index` and `likeness jobs` as processes: exit codes, reports, signals, kill -9."""

import csv
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.collections import Collections
from tests.indexer.shop import Program, Shop, Web, picture_bytes

Programs = Callable[..., Program]


@pytest.fixture
def web_list(web: Web, tmp_path: Path) -> Path:
    """A manifest of forty pictures on the web; the thirtieth is held back."""
    web.pages = {f"/{n}.jpg": picture_bytes(n) for n in range(40)}
    web.held = {"/29.jpg": threading.Event()}
    manifest = tmp_path / "list.csv"
    rows = "".join(f"p{n},{web.address}/{n}.jpg\n" for n in range(40))
    manifest.write_text("id,image\n" + rows)
    return manifest


def wait_until(
    condition: Callable[[], bool], process: "subprocess.Popen[str] | None" = None
) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()}")
        time.sleep(0.02)


def committed(shop: Shop, items: int) -> Callable[[], bool]:
    return lambda: bool(shop.jobs()) and shop.jobs()[0].cursor >= items


class TestIndex:
    def test_says_what_was_done(self, program: Programs, photos: Path) -> None:
        ran = program().run("index", photos)
        assert ran.returncode == 0, ran.stderr
        assert "12 indexed, 0 unchanged, 0 failed" in ran.stdout
        assert "release 1: 12 pictures under likeness-small" in ran.stdout

    def test_some_failed_is_exit_code_1_and_a_report(
        self, program: Programs, photos: Path, tmp_path: Path
    ) -> None:
        (photos / "broken.jpg").write_bytes(b"no")
        ran = program().run("index", photos, "--report", tmp_path / "report.csv")
        assert ran.returncode == 1, ran.stderr
        assert "broken.jpg" in ran.stdout
        with (tmp_path / "report.csv").open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["position"], row["id"]) == ("5", "broken.jpg")
        assert row["code"] == "picture-unsupported"
        failures = program().run("jobs", "failures", "1", "--json")
        assert json.loads(failures.stdout)["item_id"] == "broken.jpg"

    def test_json_is_for_programs(self, program: Programs, photos: Path) -> None:
        ran = program().run("index", photos, "--json", "--category-from-folders")
        told = json.loads(ran.stdout)
        assert (told["status"], told["indexed"], told["failure_count"]) == ("done", 12, 0)
        assert told["release_id"] == 1

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["nowhere"], "nothing at"),
            ([""], "No source was named"),
            (["PHOTOS", "--model", "nonsense"], "nonsense"),
            (["PHOTOS", "--collection", "Not A Name"], "cannot name a collection"),
            (["PHOTOS", "--report", "/nowhere/report.csv"], "cannot be written"),
        ],
    )
    def test_mistakes_are_exit_code_2_without_a_traceback(
        self, program: Programs, photos: Path, arguments: list[str], told: str
    ) -> None:
        ran = program().run("index", *(str(photos) if a == "PHOTOS" else a for a in arguments))
        assert ran.returncode == 2
        assert told in ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr

    def test_a_source_that_is_not_there_makes_no_collection(
        self, program: Programs, shop: Shop
    ) -> None:
        ran = program().run("index", "nowhere", "--collection", "typo")
        assert ran.returncode == 2
        with shop.home.database.read() as connection:
            assert "typo" not in [each.name for each in Collections(connection).all()]

    def test_another_model_for_a_collection_that_is_there_is_refused(
        self, program: Programs, shop: Shop, photos: Path
    ) -> None:
        shop.index(photos)
        ran = program().run("index", photos, "--model", "resnet18")
        assert ran.returncode == 2
        assert "likeness reindex" in ran.stderr


class TestInterruption:
    def test_ctrl_c_tells_how_to_go_on_and_the_same_command_does(
        self, program: Programs, shop: Shop, web: Web, web_list: Path
    ) -> None:
        process = program().start("index", web_list)
        wait_until(committed(shop, 8), process)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 130, errors
        assert f"likeness index {web_list}" in output
        assert "Traceback" not in errors
        (job,) = shop.jobs()
        assert job.status == "interrupted"
        before = shop.embeddings()
        web.held["/29.jpg"].set()
        assert program().run("index", web_list).returncode == 0
        (job,) = shop.jobs()
        assert (job.status, job.indexed, job.cursor) == ("done", 40, 40)
        after = shop.embeddings()
        assert len(after) == 40
        assert {i: after[i] for i in before} == before

    def test_kill_9_loses_nothing_and_repeats_nothing(
        self, program: Programs, shop: Shop, web: Web, web_list: Path
    ) -> None:
        process = program().start("index", web_list)
        wait_until(committed(shop, 16), process)
        process.kill()
        process.communicate()
        (job,) = shop.jobs()
        assert job.status == "running"
        before = shop.embeddings()
        assert len(before) == job.cursor
        web.held["/29.jpg"].set()
        web.asked.clear()
        ran = program().run("index", web_list)
        assert ran.returncode == 0, ran.stderr
        (job,) = shop.jobs()
        assert (job.status, job.indexed) == ("done", 40)
        after = shop.embeddings()
        assert set(shop.products()) == {f"p{n}" for n in range(40)}
        assert {i: after[i] for i in before} == before
        assert not {f"/{n}.jpg" for n in range(len(before))} & set(web.asked)

    def test_kill_9_in_a_folder_repeats_no_embedding(
        self, program: Programs, shop: Shop, tmp_path: Path
    ) -> None:
        root = tmp_path / "large"
        root.mkdir()
        for number in range(150):
            (root / f"{number:03d}.png").write_bytes(picture_bytes(number, side=300, form="PNG"))
        process = program().start("index", root)
        wait_until(committed(shop, 16), process)
        process.kill()
        process.communicate()
        before = shop.embeddings()
        assert 16 <= len(before) < 150
        assert program().run("index", root).returncode == 0
        (job,) = shop.jobs()
        after = shop.embeddings()
        assert job.unchanged == len(before)
        assert {i: after[i] for i in before} == before
        assert len(after) == 150


class TestTwoAtOnce:
    def test_the_second_is_refused_with_the_name_of_the_first(
        self, program: Programs, shop: Shop, web: Web, web_list: Path, photos: Path
    ) -> None:
        first = program().start("index", web_list)
        wait_until(committed(shop, 8), first)
        second = program().run("index", photos)
        again = program().run("index", web_list)
        web.held["/29.jpg"].set()
        _, errors = first.communicate(timeout=60)
        assert first.returncode == 0, errors
        for refused in (second, again):
            assert refused.returncode == 2
            assert "Job 1 is already at work" in refused.stderr
            assert "likeness jobs cancel 1" in refused.stderr
        assert len(shop.jobs()) == 1

    def test_another_collection_is_free(
        self, program: Programs, shop: Shop, web: Web, web_list: Path, photos: Path
    ) -> None:
        first = program().start("index", web_list)
        wait_until(committed(shop, 8), first)
        assert program().run("index", photos, "--collection", "other").returncode == 0
        web.held["/29.jpg"].set()
        _, errors = first.communicate(timeout=60)
        assert first.returncode == 0, errors


class TestJobs:
    def test_cancel_stops_a_running_job(
        self, program: Programs, shop: Shop, web_list: Path
    ) -> None:
        process = program().start("index", web_list)
        wait_until(committed(shop, 8), process)
        assert program().run("jobs", "cancel", "1").returncode == 0
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1, errors
        assert "Cancelled" in output
        assert shop.jobs()[0].status == "cancelled"

    def test_list_and_show(self, program: Programs, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        assert "12/12" in program().run("jobs", "list").stdout
        shown = json.loads(program().run("jobs", "show", "1", "--json").stdout)
        assert (shown["status"], shown["kind"]) == ("done", "index")

    @pytest.mark.parametrize("limit", ["0", "9" * 30])
    def test_a_limit_out_of_range_is_exit_code_2(self, program: Programs, limit: str) -> None:
        ran = program().run("jobs", "list", "--limit", limit)
        assert ran.returncode == 2
        assert "Traceback" not in ran.stderr

    def test_an_unknown_one_is_exit_code_2(self, program: Programs) -> None:
        ran = program().run("jobs", "show", "99")
        assert ran.returncode == 2
        assert "no job 99" in ran.stderr


class TestFullDisk:
    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        """A file system of three megabytes, where this user may make one."""
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True
        )
        if mounted.returncode != 0:
            pytest.skip("this user may not mount a small file system")
        yield disk
        subprocess.run(["umount", "-l", str(disk)], check=True)

    # Small pictures leave no room for the row that says how the job ended either.
    @pytest.mark.parametrize(("count", "side"), [(60, 256), (700, 32)])
    def test_fails_in_words_and_goes_on_when_there_is_room(
        self,
        program: Programs,
        make_shop: Callable[..., Shop],
        small_disk: Path,
        tmp_path: Path,
        count: int,
        side: int,
    ) -> None:
        root = tmp_path / "many"
        root.mkdir()
        rng = np.random.default_rng(1)
        for number in range(count):
            noise = rng.integers(0, 255, (side, side, 3), dtype="uint8")
            Image.fromarray(noise).save(root / f"{number:03d}.jpg", quality=95)
        ran = program(home=small_disk / "home").run("index", root)
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        assert "ree some space" in ran.stdout + ran.stderr
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        again = program(home=small_disk / "home").run("index", root)
        assert again.returncode == 0, again.stdout + again.stderr
        shop = make_shop(home=small_disk / "home")
        assert len(shop.products()) == count
        assert len(shop.embeddings()) == count
        shop.home.close()
