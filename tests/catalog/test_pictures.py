import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from catalog.errors import PictureMissing, StorageFull
from catalog.pictures import PictureFolder
from tests.catalog.making import sha

NO_SHA256 = ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "g" * 64]


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    return PictureFolder(tmp_path / "pictures")


class TestPut:
    def test_keeps_the_bytes(self, folder: PictureFolder) -> None:
        assert not folder.has(sha("red"))
        folder.put(sha("red"), b"jpeg of red")

        assert folder.has(sha("red"))
        assert folder.read(sha("red")) == b"jpeg of red"
        assert folder.path(sha("red")).parent.name == sha("red")[:2]

    def test_twice_keeps_the_last(self, folder: PictureFolder) -> None:
        folder.put(sha("red"), b"small")
        folder.put(sha("red"), b"better")

        assert folder.read(sha("red")) == b"better"
        assert list(folder.path(sha("red")).parent.iterdir()) == [folder.path(sha("red"))]

    def test_where_nothing_can_be_written_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "pictures").write_text("a file where the folder should be")

        with pytest.raises(StorageFull, match="Free some space"):
            PictureFolder(tmp_path / "pictures").put(sha("red"), b"jpeg")

    def test_a_failed_put_leaves_no_draft(self, folder: PictureFolder) -> None:
        folder.path(sha("red")).mkdir(parents=True)
        (folder.path(sha("red")) / "in the way").touch()

        with pytest.raises(StorageFull):
            folder.put(sha("red"), b"jpeg")

        assert [path.name for path in folder.path(sha("red")).parent.iterdir()] == [
            f"{sha('red')}.jpg"
        ]


class TestPath:
    @pytest.mark.parametrize("name", NO_SHA256)
    def test_only_a_hash_names_a_copy(self, folder: PictureFolder, name: str) -> None:
        for act in (folder.path, folder.has, folder.read, folder.touch):
            with pytest.raises(ValueError, match="not a sha-256"):
                act(name)
        with pytest.raises(ValueError, match="not a sha-256"):
            folder.put(name, b"jpeg")


class TestRead:
    def test_a_missing_copy_says_how_to_bring_it_back(self, folder: PictureFolder) -> None:
        with pytest.raises(PictureMissing, match="Index its source again"):
            folder.read(sha("red"))

    def test_an_empty_copy_counts_as_missing(self, folder: PictureFolder) -> None:
        folder.put(sha("red"), b"")

        assert not folder.has(sha("red"))
        with pytest.raises(PictureMissing):
            folder.read(sha("red"))

    def test_a_file_in_place_of_the_folder_counts_as_missing(self, tmp_path: Path) -> None:
        (tmp_path / "pictures").touch()
        folder = PictureFolder(tmp_path / "pictures")

        assert not folder.has(sha("red"))
        for act in (folder.read, folder.touch):
            with pytest.raises(PictureMissing):
                act(sha("red"))


class TestSweep:
    def test_removes_old_copies_that_nobody_needs(self, folder: PictureFolder) -> None:
        for content in ("used", "unused", "young"):
            folder.put(sha(content), b"jpeg")
        for content in ("used", "unused"):
            _age(folder.path(sha(content)))

        assert folder.sweep(_in_use("used")) == 1

        assert folder.has(sha("used"))
        assert folder.has(sha("young"))
        assert not folder.has(sha("unused"))

    def test_removes_the_drafts_of_dead_writers(self, folder: PictureFolder) -> None:
        folder.put(sha("used"), b"jpeg")
        old, young = (
            folder.path(sha("used")).with_name(f".{name}.part") for name in ("old", "young")
        )
        for draft in (old, young):
            draft.write_bytes(b"half a jp")
        _age(old)

        assert folder.sweep(_in_use("used")) == 1

        assert not old.exists()
        assert young.exists()

    def test_leaves_what_is_not_its_own(self, folder: PictureFolder) -> None:
        folder.put(sha("used"), b"jpeg")
        strangers = [
            folder.path(sha("used")).with_name("README.txt"),
            folder.path(sha("used")).with_suffix(".txt"),
            folder.path(sha("used")).parent.parent / "notes.jpg",
        ]
        for stranger in strangers:
            stranger.write_text("mine")
            _age(stranger)

        assert folder.sweep(_in_use("used"), older_than_s=0) == 0
        assert all(stranger.exists() for stranger in strangers)

    def test_a_touched_copy_stays(self, folder: PictureFolder) -> None:
        folder.put(sha("red"), b"jpeg")
        _age(folder.path(sha("red")))
        folder.touch(sha("red"))

        assert folder.sweep(_in_use()) == 0

    def test_a_copy_touched_while_the_sweep_asks_stays(self, folder: PictureFolder) -> None:
        for content in ("red", "blue"):
            folder.put(sha(content), b"jpeg")
            _age(folder.path(sha(content)))

        def asked(contents: Iterable[str]) -> set[str]:
            assert set(contents) == {sha("red"), sha("blue")}
            folder.touch(sha("red"))
            return set()

        assert folder.sweep(asked) == 1
        assert folder.has(sha("red"))

    def test_asks_in_batches_and_gets_through_many(
        self, folder: PictureFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("catalog.pictures._SWEEP_BATCH", 4)
        for number in range(11):
            folder.put(sha(str(number)), b"jpeg")
            _age(folder.path(sha(str(number))))
        sizes: list[int] = []

        def asked(contents: Iterable[str]) -> set[str]:
            sizes.append(len(list(contents)))
            return set()

        assert folder.sweep(asked) == 11
        assert sizes == [4, 4, 3]

    def test_of_a_folder_that_is_not_there_is_nothing(self, folder: PictureFolder) -> None:
        assert folder.sweep(_in_use()) == 0


def _in_use(*contents: str) -> Callable[[Iterable[str]], set[str]]:
    needed = {sha(content) for content in contents}
    return lambda asked: needed & set(asked)


def _age(path: Path) -> None:
    """As if last touched two hours ago."""
    then = time.time() - 7200
    os.utime(path, (then, then))
