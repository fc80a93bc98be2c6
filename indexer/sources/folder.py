"""A folder of pictures: each picture a product, its path below the folder the product's id."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from catalog.errors import ProductInvalid
from catalog.records import ProductFields
from indexer.errors import SourceError, SourceUnreadable
from indexer.items import BrokenItem, Item, Reference
from indexer.remote import RemoteError, RemotePath
from indexer.sources.source import Source
from ingestion.file_kinds import MANIFEST_NAMES, is_passed_over, is_picture, suffix_of


@dataclass(frozen=True)
class Entry:
    name: str
    is_folder: bool


class Tree(Protocol):
    """A hierarchy of folders, local or remote."""

    def entries(self, below: str) -> list[Entry]:
        """What lies directly in the folder `below` ("" = the root). Raises SourceUnreadable."""
        ...

    def location(self, below: str) -> Path | str:
        """Where a file below the root is to be read."""
        ...


class FolderSource(Source):
    """Pictures of a tree in the order of their names, folder by folder; hidden ones passed over.

    `category_from_folders`: the folder a picture lies in, as a path below the root, becomes its
    product's category. Counts the pictures when made. A sub-folder that cannot be listed is a
    broken item without an id. Raises SourceUnreadable when the root cannot be listed.
    """

    def __init__(self, tree: Tree, *, name: str, category_from_folders: bool = False) -> None:
        self._tree = tree
        self._category_from_folders = category_from_folders
        self._passed_over: Counter[str] = Counter()
        top = tree.entries("")
        manifests = {entry.name for entry in top if not entry.is_folder} & set(MANIFEST_NAMES)
        self.hints = [
            f"{name.rstrip('/')} holds {manifest}. This run takes every picture as a product of "
            "its own; to index the products that the manifest describes: "
            f"likeness index {name.rstrip('/')}/{manifest}"
            for manifest in sorted(manifests)
        ]
        self.total = sum(1 for _ in self._visit("", top))
        self._passed_over.clear()

    def items(self, *, after: int = 0) -> Iterator[Item | BrokenItem]:
        """See `Source.items`."""
        self._passed_over.clear()
        for position, met in enumerate(self._visit("", self._tree.entries("")), start=1):
            if position > after:
                yield self._item(position, met)

    def notes(self) -> Sequence[str]:
        """The files that are no pictures, counted by kind."""
        if not self._passed_over:
            return ()
        kinds = ", ".join(f"{kind} ({n})" for kind, n in self._passed_over.most_common(8))
        files = self._passed_over.total()
        return [f"Passed over {files} file{'s' * (files != 1)} not named as a picture: {kinds}."]

    def _visit(self, below: str, entries: list[Entry]) -> "Iterator[str | _Unlisted]":
        """Pictures in order, and folders that could not be listed."""
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = f"{below}/{entry.name}" if below else entry.name
            if is_passed_over(entry.name):
                continue
            if entry.is_folder:
                try:
                    inside = self._tree.entries(path)
                except SourceError as error:
                    yield _Unlisted(path, error)
                else:
                    yield from self._visit(path, inside)
                continue
            if is_picture(entry.name):
                yield path
            else:
                self._passed_over[suffix_of(entry.name) or "no suffix"] += 1

    def _item(self, position: int, met: "str | _Unlisted") -> Item | BrokenItem:
        if isinstance(met, _Unlisted):
            return BrokenItem(position, met.error, source=met.path)
        parent = str(PurePosixPath(met).parent)
        category = parent if self._category_from_folders and parent != "." else None
        try:
            fields = ProductFields(external_id=met, category=category)
        except ProductInvalid as error:
            return BrokenItem(position, error, item_id=met, source=met)
        return Item(position, fields, (Reference(met, self._tree.location(met)),))


@dataclass(frozen=True)
class _Unlisted:
    path: str
    error: SourceError


class LocalTree(Tree):
    """A folder of this machine. Links are followed, but not in circles; with `confined` none
    leads out of the root."""

    def __init__(self, root: Path, *, confined: bool = False) -> None:
        self._root = root.resolve()
        self._confined = confined

    def entries(self, below: str) -> list[Entry]:
        """See `Tree.entries`."""
        folder = self._root / below
        try:
            with os.scandir(folder) as found:
                return [
                    Entry(entry.name, entry.is_dir()) for entry in found if self._is_visited(entry)
                ]
        except OSError as error:
            raise SourceUnreadable(
                f"The folder {folder} cannot be listed ({error.strerror}). Give this user leave "
                "to read it, then index again."
            ) from error

    def location(self, below: str) -> Path:
        return self._root / below

    def _is_visited(self, entry: "os.DirEntry[str]") -> bool:
        if not entry.is_symlink():
            return True
        target = Path(os.path.realpath(entry.path))
        if self._confined and not target.is_relative_to(self._root):
            return False
        # A link to a folder that we are inside of would be walked for ever.
        inside = Path(os.path.realpath(Path(entry.path).parent))
        return not (entry.is_dir() and inside.is_relative_to(target))


class RemoteTree(Tree):
    """A folder of an object store."""

    def __init__(self, root: RemotePath) -> None:
        self._root = root

    def entries(self, below: str) -> list[Entry]:
        """See `Tree.entries`."""
        try:
            return [Entry(name, is_folder) for name, is_folder in self._root.entries(below)]
        except RemoteError as error:
            raise SourceUnreadable(
                f"{self._root.child(below)} cannot be listed: {error} Check the address and the "
                "credentials of this machine, then index again."
            ) from error

    def location(self, below: str) -> str:
        return self._root.child(below)
