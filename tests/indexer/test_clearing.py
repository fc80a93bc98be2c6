"""Uploads are removed by the rule of docs/indexing.md, and never while a job needs them."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.collections import Collections
from catalog.jobs import Jobs
from catalog.tables import Job
from indexer.clearing import clear_uploads
from ingestion.uploads import UploadFolders
from tests.indexer.shop import Shop


@pytest.fixture
def uploads(shop: Shop) -> UploadFolders:
    return UploadFolders(shop.home.root)


@pytest.fixture
def upload(uploads: UploadFolders) -> Path:
    folder = uploads.create()
    (folder / "files" / "mugs").mkdir(parents=True)
    (folder / "files" / "mugs" / "a.jpg").write_bytes(b"x")
    return folder


def add_job(shop: Shop, folder: Path, *, hours_ago: float = 0, **values: Any) -> None:
    """A job of the upload that ended so long ago, if it did."""
    if values["status"] in ("done", "failed", "cancelled"):
        values["finished_at"] = datetime.now(UTC) - timedelta(hours=hours_ago)
    source = UploadFolders(shop.home.root).source_of(folder / "files" / "mugs")
    collection = shop.home.ensure_collection("default")
    with shop.home.database.write() as connection:
        job = Jobs(connection).create("index", collection.id, source=source, options={})
        connection.execute(Job.__table__.update().where(Job.id == job.id).values(**values))


@pytest.mark.parametrize(
    ("jobs", "is_kept"),
    [
        ([{"status": "queued"}], True),
        ([{"status": "running"}], True),
        ([{"status": "interrupted"}], True),
        ([{"status": "done"}], False),
        ([{"status": "done", "failed": 1}], True),
        ([{"status": "done", "failed": 1, "hours_ago": 25}], False),
        ([{"status": "failed"}], True),
        ([{"status": "failed", "hours_ago": 23}], True),
        ([{"status": "failed", "hours_ago": 25}], False),
        ([{"status": "cancelled", "hours_ago": 25}], False),
        ([{"status": "failed", "hours_ago": 25}, {"status": "queued"}], True),
        ([{"status": "failed"}, {"status": "done"}], False),
        ([{"status": "done"}, {"status": "failed"}], True),
    ],
)
def test_the_newest_job_decides(
    shop: Shop, upload: Path, jobs: list[dict[str, Any]], is_kept: bool
) -> None:
    for job in jobs:
        add_job(shop, upload, **job)

    assert clear_uploads(shop.home, kept_h=24) == (not is_kept)
    assert upload.exists() == is_kept


def test_one_without_a_job_goes_when_it_is_a_day_old(shop: Shop, upload: Path) -> None:
    """It may still be arriving."""
    clear_uploads(shop.home, kept_h=0)
    assert upload.exists()

    two_days_ago = time.time() - 2 * 86_400
    os.utime(upload, (two_days_ago, two_days_ago))
    clear_uploads(shop.home, kept_h=0)
    assert not upload.exists()


def test_a_job_of_another_upload_keeps_none(
    shop: Shop, uploads: UploadFolders, upload: Path
) -> None:
    other = uploads.create()
    add_job(shop, upload, status="queued")
    add_job(shop, other, status="done")

    assert clear_uploads(shop.home, kept_h=24) == 1
    assert uploads.all() == [upload]


def test_what_a_killed_worker_left_half_removed_goes_too(
    shop: Shop, uploads: UploadFolders, upload: Path
) -> None:
    uploads.set_aside(upload)
    clear_uploads(shop.home, kept_h=24)

    assert list(uploads.root.iterdir()) == []


def test_jobs_of_a_deleted_collection_keep_nothing_for_long(shop: Shop, upload: Path) -> None:
    add_job(shop, upload, status="failed")
    with shop.home.database.write() as connection:
        Collections(connection).delete("default")

    clear_uploads(shop.home, kept_h=24)
    assert upload.exists()
    os.utime(upload, (0, 0))
    assert clear_uploads(shop.home, kept_h=24) == 1


class TestRead:
    """What a job over HTTP may read of uploads, whatever its roots are."""

    def test_an_upload_where_the_roots_are_elsewhere(
        self, shop: Shop, upload: Path, make_shop: Any, photos: Path
    ) -> None:
        elsewhere = make_shop(home=shop.home.root, job_roots=str(photos))
        (upload / "files" / "mugs" / "a.jpg").write_bytes((photos / "00.jpg").read_bytes())
        end = elsewhere.index("uploads/" + upload.name + "/files", origin="http")

        assert (end.job.status, end.job.indexed) == ("done", 1)

    def test_nothing_of_another_upload(
        self, shop: Shop, uploads: UploadFolders, upload: Path
    ) -> None:
        other = uploads.create()
        manifest = other / "shop.csv"
        manifest.write_text(f"id,image\na,{upload}/files/mugs/a.jpg\nb,../{upload.name}/x.jpg\n")
        end = shop.index(uploads.source_of(manifest), origin="http")

        assert [failure.code for failure in shop.failures(end)] == ["reference-refused"] * 2
        assert shop.index("uploads", origin="http").job.status == "failed"
