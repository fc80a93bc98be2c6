"""Folders: order, ids, what is passed over."""

import os
from pathlib import Path

import pytest

from indexer.errors import SourceUnreadable
from indexer.items import BrokenItem, Item, Reference
from indexer.sources.folder import Entry, FolderSource, LocalTree


def source_of(root: Path, *, category_from_folders: bool = False) -> FolderSource:
    return FolderSource(LocalTree(root), name="shop/", category_from_folders=category_from_folders)


def ids(source: FolderSource) -> list[str]:
    return [item.fields.external_id for item in source.items() if isinstance(item, Item)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("b/2.png", "b/1.jpg", "a.jpg", "a.png", "c/d/e.WEBP", ".hidden/x.jpg"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "root"


class TestItems:
    def test_come_in_the_order_of_their_paths_with_positions(self, root: Path) -> None:
        items = list(source_of(root).items())
        assert [item.position for item in items] == [1, 2, 3, 4, 5]
        assert ids(source_of(root)) == ["a.jpg", "a.png", "b/1.jpg", "b/2.png", "c/d/e.WEBP"]

    def test_refer_to_the_file_by_its_path_below_the_folder(self, root: Path) -> None:
        item = next(iter(source_of(root).items()))
        assert isinstance(item, Item)
        assert item.references == (Reference("a.jpg", root / "a.jpg"),)

    def test_can_be_gone_on_with(self, root: Path) -> None:
        assert [item.position for item in source_of(root).items(after=3)] == [4, 5]

    def test_are_counted_beforehand(self, root: Path) -> None:
        assert source_of(root).total == 5

    def test_take_the_whole_path_of_the_folder_as_category(self, root: Path) -> None:
        items = source_of(root, category_from_folders=True).items()
        categories = [item.fields.category for item in items if isinstance(item, Item)]
        assert categories == [None, None, "b", "b", "c/d"]

    def test_with_a_name_that_is_no_text_are_broken(self, root: Path) -> None:
        Path(os.fsdecode(os.fsencode(root) + b"/z\xff.jpg")).touch()
        last = list(source_of(root).items())[-1]
        assert isinstance(last, BrokenItem)
        assert "UTF-8" in str(last.error)

    def test_with_a_path_too_long_for_an_id_are_broken(self, root: Path) -> None:
        deep = root / "d" / ("x" * 150) / ("y" * 150)
        deep.mkdir(parents=True)
        (deep / "p.jpg").touch()
        last = list(source_of(root).items())[-1]
        assert isinstance(last, BrokenItem)
        assert "255" in str(last.error)


class TestOtherFiles:
    def test_are_passed_over_and_counted(self, root: Path) -> None:
        for name in ("prices.csv", "b/notes.txt", "b/more.txt", "LICENSE"):
            (root / name).touch()
        source = source_of(root)
        assert len(list(source.items())) == 5
        (note,) = source.notes()
        assert "4 files" in note
        assert ".txt (2)" in note
        assert "no suffix (1)" in note

    def test_that_are_pictures_of_other_kinds_are_items(self, root: Path) -> None:
        (root / "z.heic").touch()
        assert ids(source_of(root))[-1] == "z.heic"

    def test_a_manifest_is_pointed_out(self, root: Path) -> None:
        (root / "catalogue.csv").touch()
        (hint,) = source_of(root).hints
        assert "likeness index shop/catalogue.csv" in hint


class TestLinks:
    def test_are_followed(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "x.jpg").touch()
        (root / "z").symlink_to(tmp_path / "elsewhere")
        assert ids(source_of(root))[-1] == "z/x.jpg"

    def test_in_circles_end(self, root: Path) -> None:
        (root / "b" / "up").symlink_to(root)
        (root / "c" / "self").symlink_to(root / "c")
        assert len(ids(source_of(root))) == 5


class TestUnlistedFolder:
    def test_is_a_broken_item_without_an_id(self, root: Path) -> None:
        class Locked(LocalTree):
            def entries(self, below: str) -> list[Entry]:
                if below == "b":
                    raise SourceUnreadable("The folder b cannot be listed.")
                return super().entries(below)

        items = list(FolderSource(Locked(root), name="shop").items())
        broken = [item for item in items if isinstance(item, BrokenItem)]
        assert [(item.item_id, item.source) for item in broken] == [(None, "b")]
        assert len(items) == 4

    def test_a_root_that_is_gone_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(SourceUnreadable, match="cannot be listed"):
            source_of(tmp_path / "gone")
