"""From what the user named to a source: which kind it is, and whether it is there."""

from pathlib import Path

from catalog.records import JobRecord
from indexer.errors import SourceMissing
from indexer.settings import IndexerSettings
from indexer.sources.folder import FolderSource, LocalTree
from indexer.sources.source import Source

_TAKEN = (
    "Give a folder of pictures, a manifest (.csv, .tsv, .jsonl, .ndjson), a list of addresses "
    "(.txt), or the address of one of these (http://…, s3://…)."
)


def normalised(source: str) -> str:
    """A source under the one name it is remembered by: local paths absolute."""
    if "://" in source:
        return source
    return str(Path(source).expanduser().resolve())


def open_source(settings: IndexerSettings, job: JobRecord) -> Source:
    """The source of a job, ready to be visited; the caller closes it.

    A job that came over HTTP may read only what the settings allow, and pictures that a manifest
    names only from the manifest's own folder, the allowed roots and the web.

    Raises SourceMissing, SourceUnreadable, SourceUnsupported, SourceRefused, ManifestInvalid.
    """
    source = job.source or ""
    return _open_local(source, Path(source), job)


def _open_local(source: str, path: Path, job: JobRecord) -> Source:
    if path.is_dir():
        return FolderSource(
            LocalTree(path),
            name=source,
            category_from_folders=bool(job.options.get("category_from_folders")),
        )
    raise SourceMissing(f"There is nothing at {source}. {_TAKEN}")
