"""From what the user names to pictures with labels."""

from pathlib import Path

from evaluation.errors import SourceInvalid
from evaluation.pictures import PictureSet
from evaluation.sources.catalogue_csv import read_catalogue_csv
from evaluation.sources.collection import read_collection
from evaluation.sources.folders import read_folders
from evaluation.sources.pairs_csv import COLUMNS, read_pairs_csv
from evaluation.sources.table import Table
from retrieval.home import Home


def open_source(
    source: Path | None,
    *,
    queries: str | None,
    gallery: str | None,
    collection: str | None,
    home: Home,
) -> PictureSet:
    """A CSV of a catalogue or of pairs, a folder (and another one to search), or a collection.

    Raises SourceInvalid, CollectionUnknown.
    """
    most_bytes = home.limits.max_bytes
    if source is None:
        _refuse(queries, gallery, "a collection: every picture looks for the others of its product")
        return read_collection(home, collection or home.settings.collection)
    if collection is not None:
        raise SourceInvalid(f"Name either {source} or --collection {collection}, not both.")
    if source.is_dir():
        _refuse(queries, None, "a folder; name a second folder with --gallery FOLDER")
        return read_folders(
            source, None if gallery is None else Path(gallery), most_bytes=most_bytes
        )
    if set(COLUMNS) <= set(Table.read(source).columns):
        _refuse(queries, gallery, "pairs: the left pictures look for the right ones")
        return read_pairs_csv(source, most_bytes=most_bytes)
    return read_catalogue_csv(source, queries=queries, gallery=gallery, most_bytes=most_bytes)


def _refuse(queries: str | None, gallery: str | None, reason: str) -> None:
    given = [f"--{name}" for name, value in (("queries", queries), ("gallery", gallery)) if value]
    if given:
        raise SourceInvalid(f"{' and '.join(given)} cannot be used with {reason}.")
