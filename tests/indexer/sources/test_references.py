"""What a manifest may name, and where that leads."""

from pathlib import Path

import pytest

from indexer.errors import ItemInvalid, ReferenceRefused
from indexer.sources.references import ReferenceRules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "images").mkdir(parents=True)
    return tmp_path / "shop"


class TestLocalManifest:
    def test_relative_names_start_at_its_folder(self, folder: Path) -> None:
        reference = ReferenceRules(folder).reference("images/a.jpg")
        assert (reference.source, reference.location) == ("images/a.jpg", folder / "images/a.jpg")

    def test_may_name_any_file_and_address(self, folder: Path) -> None:
        rules = ReferenceRules(folder)
        assert rules.reference("/srv/a.jpg").location == Path("/srv/a.jpg")
        assert rules.reference("file:///srv/a.jpg").location == Path("/srv/a.jpg")
        assert rules.reference("s3://b/a.jpg").location == "s3://b/a.jpg"
        assert rules.reference("https://s/a.jpg").location == "https://s/a.jpg"

    @pytest.mark.parametrize("text", ["a\x00.jpg", "a\ud800.jpg", "x" * 5000])
    def test_what_cannot_be_a_name_is_invalid(self, folder: Path, text: str) -> None:
        with pytest.raises(ItemInvalid, match="cannot be the name"):
            ReferenceRules(folder).reference(text)


class TestConfinedManifest:
    @pytest.mark.parametrize(
        "text",
        [
            "../other/a.jpg",
            "images/../../a.jpg",
            "/etc/passwd",
            "file:///etc/passwd",
            "FILE:///etc/passwd",
            "local:///etc/passwd",
            "s3://bucket/a.jpg",
            "simplecache::s3://bucket/a.jpg",
            "memory://bucket/allowed/../a.jpg",
            "memory://bucket/allowed-not/a.jpg",
        ],
    )
    def test_cannot_leave_what_is_allowed(self, folder: Path, text: str) -> None:
        rules = ReferenceRules(folder, (str(folder), "memory://bucket/allowed"))
        with pytest.raises(ReferenceRefused, match="LIKENESS_JOB_ROOTS"):
            rules.reference(text)

    def test_cannot_leave_by_a_link(self, folder: Path, tmp_path: Path) -> None:
        (folder / "out").symlink_to(tmp_path)
        with pytest.raises(ReferenceRefused):
            ReferenceRules(folder, ()).reference("out/a.jpg")

    def test_may_name_its_folder_the_roots_and_the_web(self, folder: Path) -> None:
        rules = ReferenceRules(folder, ("/srv/photos", "memory://bucket/allowed"))
        for text in (
            "images/a.jpg",
            "/srv/photos/a.jpg",
            "memory://bucket/allowed/a.jpg",
            "http://s/a.jpg",
        ):
            assert rules.reference(text).source == text


class TestManifestFromElsewhere:
    def test_on_the_web_names_neighbours(self) -> None:
        rules = ReferenceRules("https://shop.example/feeds/list.csv")
        assert rules.reference("a b.jpg").location == "https://shop.example/feeds/a%20b.jpg"
        assert rules.reference("/img/a.jpg").location == "https://shop.example/img/a.jpg"

    def test_in_a_store_names_neighbours(self) -> None:
        rules = ReferenceRules("s3://bucket/feeds/")
        assert rules.reference("img/a.jpg").location == "s3://bucket/feeds/img/a.jpg"

    @pytest.mark.parametrize(
        ("base", "text"),
        [
            ("https://shop.example/list.csv", "file:///etc/passwd"),
            ("s3://bucket/feeds/", "file:///etc/passwd"),
            ("s3://bucket/feeds/", "/etc/passwd"),
            ("https://shop.example/list.csv", "zip://a.jpg::/srv/photos.zip"),
            ("s3://bucket/feeds/", "simplecache::file:///srv/a.jpg"),
        ],
    )
    def test_never_names_files_of_this_machine(self, base: str, text: str) -> None:
        with pytest.raises(ReferenceRefused, match="file of this machine"):
            ReferenceRules(base).reference(text)

    def test_that_is_confined_cannot_climb(self) -> None:
        with pytest.raises(ReferenceRefused):
            ReferenceRules("s3://bucket/feeds/", ()).reference("../secret/a.jpg")
