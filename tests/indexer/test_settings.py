"""What the indexer can be told from outside."""

from pathlib import Path

import pytest

from indexer.settings import IndexerSettings
from retrieval.errors import SettingsInvalid


class TestJobRoots:
    def test_are_separated_by_commas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIKENESS_JOB_ROOTS", "/srv/photos, s3://bucket/x ,")
        assert IndexerSettings.read().allowed_roots == ("/srv/photos", "s3://bucket/x")

    def test_are_the_imports_folder_by_default(self, tmp_path: Path) -> None:
        assert IndexerSettings(home=tmp_path).allowed_roots == (str(tmp_path / "imports"),)


class TestEveryField:
    def test_is_described(self) -> None:
        assert all(field.description for field in IndexerSettings.model_fields.values())

    def test_refuses_nonsense_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIKENESS_INDEX_BATCH_SIZE", "0")
        with pytest.raises(SettingsInvalid, match="LIKENESS_INDEX_BATCH_SIZE"):
            IndexerSettings.read()
