"""Which kind a source is, and what is said when it is none."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.records import JobRecord
from indexer.errors import (
    ManifestInvalid,
    SourceError,
    SourceMissing,
    SourceRefused,
    SourceUnsupported,
)
from indexer.settings import IndexerSettings
from indexer.sources.folder import FolderSource
from indexer.sources.manifest import ManifestSource
from indexer.sources.opening import normalised, open_source
from indexer.sources.source import Source


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[object], Source]:
    def open_it(source: object, **options: object) -> Source:
        job = JobRecord(
            id=1, kind="index", collection="default", source=str(source), options=options,
            status="running", stage="", source_version=None, total=None, cursor=0, indexed=0,
            unchanged=0, failed=0, pruned=0, cancel_requested=False, worker="me",
            heartbeat_at=None, error=None, release_id=None, created_at=datetime.now(UTC),
            started_at=None, finished_at=None,
        )  # fmt: skip
        return open_source(IndexerSettings(home=tmp_path / "home"), job)

    return open_it


class TestKinds:
    def test_a_folder(self, opened: Callable[[object], Source], tmp_path: Path) -> None:
        assert isinstance(opened(tmp_path), FolderSource)

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("list.csv", "id,image\na,a.jpg\n"),
            ("list.TSV", "id\timage\na\ta.jpg\n"),
            ("list.jsonl", '{"id": "a", "image": "a.jpg"}\n'),
            ("list.ndjson", '{"id": "a", "image": "a.jpg"}\n'),
            ("list.txt", "a.jpg\n"),
        ],
    )
    def test_a_manifest_by_its_ending(
        self, opened: Callable[[object], Source], tmp_path: Path, name: str, text: str
    ) -> None:
        (tmp_path / name).write_text(text)
        with opened(tmp_path / name) as source:
            assert isinstance(source, ManifestSource)
            assert source.total == 1

    def test_a_file_address(self, opened: Callable[[object], Source], tmp_path: Path) -> None:
        assert isinstance(opened(f"file://{tmp_path}"), FolderSource)

    def test_the_manifest_may_change_while_it_is_read(
        self, opened: Callable[[object], Source], tmp_path: Path
    ) -> None:
        (tmp_path / "list.csv").write_text("id,image\na,a.jpg\nb,b.jpg\n")
        with opened(tmp_path / "list.csv") as source:
            (tmp_path / "list.csv").write_text("")
            assert len(list(source.items())) == 2


class TestOverHttp:
    def test_a_relative_path_starts_at_the_home(
        self, opened: Callable[..., Source], tmp_path: Path
    ) -> None:
        (tmp_path / "home" / "imports").mkdir(parents=True)
        (tmp_path / "home" / "imports" / "list.csv").write_text("id,image\na,a.jpg\n")

        with opened("imports/list.csv", origin="http") as source:
            assert source.total == 1

    @pytest.mark.parametrize("path", ["../outside.csv", "imports/../../outside.csv", "outside.csv"])
    def test_never_leads_out_of_the_roots(
        self, opened: Callable[..., Source], tmp_path: Path, path: str
    ) -> None:
        (tmp_path / "home" / "imports").mkdir(parents=True)
        (tmp_path / "outside.csv").write_text("id,image\na,a.jpg\n")

        with pytest.raises(SourceRefused):
            opened(path, origin="http")


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "error"),
        [
            ("gone", SourceMissing),
            ("gone.csv", SourceMissing),
            ("picture.jpg", SourceUnsupported),
            ("empty.csv", ManifestInvalid),
            ("memory://nowhere/x.csv", SourceMissing),
            ("http://shop.example/products", SourceUnsupported),
        ],
    )
    def test_say_what_is_taken(
        self,
        opened: Callable[[object], Source],
        tmp_path: Path,
        name: str,
        error: type[SourceError],
    ) -> None:
        (tmp_path / "picture.jpg").touch()
        (tmp_path / "empty.csv").touch()
        with pytest.raises(error) as refused:
            opened(name if "://" in name else tmp_path / name)
        assert name in str(refused.value)


class TestNormalised:
    def test_paths_are_absolute_and_addresses_stay(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert normalised("photos/../photos") == str(tmp_path / "photos")
        assert normalised(f"file://{tmp_path}/photos") == str(tmp_path / "photos")
        assert normalised("s3://bucket/x") == "s3://bucket/x"
