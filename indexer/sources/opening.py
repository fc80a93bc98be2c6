"""From what the user named to a source: which kind it is, and whether it is there."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

from catalog.records import JobRecord
from fetching.errors import FetchError
from fetching.fetcher import Fetcher, FetchLimits
from indexer.errors import ManifestInvalid, SourceMissing, SourceUnreadable, SourceUnsupported
from indexer.reading import is_web_address
from indexer.remote import RemoteError, RemoteMissing, RemotePath
from indexer.settings import IndexerSettings
from indexer.sources.allowed import check_allowed, local_path_of
from indexer.sources.csv_format import CsvFormat
from indexer.sources.folder import FolderSource, LocalTree, RemoteTree
from indexer.sources.jsonl_format import JsonLinesFormat
from indexer.sources.list_format import AddressListFormat
from indexer.sources.manifest import Format, ManifestSource, snapshot
from indexer.sources.references import ReferenceRules
from indexer.sources.source import Source
from ingestion.uploads import UploadFolders

_FORMATS: Mapping[str, Callable[[BinaryIO], Format]] = {
    ".csv": CsvFormat,
    ".tsv": CsvFormat,
    ".jsonl": JsonLinesFormat,
    ".ndjson": JsonLinesFormat,
    ".txt": AddressListFormat,
}
_TAKEN = (
    "Give a folder of pictures, a manifest (.csv, .tsv, .jsonl, .ndjson), a list of addresses "
    "(.txt), or the address of one of these (http://…, s3://…)."
)


def normalised(source: str) -> str:
    """A source under the one name it is remembered by: local paths absolute.

    Raises SourceMissing when none was named.
    """
    if not source.strip():
        # As a path it would be the current folder: an unset variable of a script, most often.
        raise SourceMissing(f"No source was named. {_TAKEN}")
    path = local_path_of(source)
    return source if path is None else str(path.expanduser().resolve())


def check_there(source: str) -> None:
    """Of a source under its `normalised` name: before anything is made for its sake. What is
    elsewhere is looked for when it is opened. Raises SourceMissing."""
    path = local_path_of(source)
    if path is not None and not path.exists():
        raise SourceMissing(f"There is nothing at {source}. {_TAKEN}")


def open_source(settings: IndexerSettings, job: JobRecord) -> Source:
    """The source of a job, ready to be visited; the caller closes it.

    A job that came over HTTP may read only what the settings allow and what was uploaded for it,
    and pictures that a manifest names only from the manifest's own folder, these places and the
    web.

    Raises SourceMissing, SourceUnreadable, SourceUnsupported, SourceRefused, ManifestInvalid.
    """
    return _Opening(settings, job).open()


class _Opening:
    def __init__(self, settings: IndexerSettings, job: JobRecord) -> None:
        self._settings = settings
        is_foreign = job.options.get("origin") == "http"
        self._source = job.source or ""
        if is_foreign:
            self._source = _below_home(self._source, settings.root)
        self._by_folder = bool(job.options.get("category_from_folders"))
        self._allowed = _allowed(self._source, settings) if is_foreign else None

    def open(self) -> Source:
        if self._allowed is not None:
            check_allowed(self._source, self._allowed)
        path = local_path_of(self._source)
        try:
            if path is not None:
                return self._local(path)
            if is_web_address(self._source):
                return self._from_web()
            return self._remote()
        except RemoteMissing as error:
            raise SourceMissing(f"There is nothing at {self._source}. {_TAKEN}") from error
        except (RemoteError, FetchError) as error:
            raise SourceUnreadable(f"{self._source} cannot be read: {error}") from error
        except OSError as error:
            raise SourceUnreadable(
                f"{self._source} cannot be read ({error.strerror}). Check its permissions, and the "
                "room for temporary files."
            ) from error

    def _local(self, path: Path) -> Source:
        if path.is_dir():
            tree = LocalTree(path, confined=self._allowed is not None)
            return FolderSource(tree, name=self._source, category_from_folders=self._by_folder)
        if not path.exists():
            raise SourceMissing(f"There is nothing at {self._source}. {_TAKEN}")
        form = self._form(path.name)
        if not path.is_file():
            raise SourceUnsupported(f"{self._source} is not a file. {_TAKEN}")
        with path.open("rb") as file:
            return self._manifest(file, form, path.parent)

    def _remote(self) -> Source:
        remote = RemotePath(self._source)
        remote.forget_listing()
        # Asked for a file first: to an object store every prefix may be a folder.
        if not remote.is_file():
            if not remote.is_folder():
                raise SourceMissing(f"There is nothing at {self._source}. {_TAKEN}")
            return FolderSource(
                RemoteTree(remote), name=self._source, category_from_folders=self._by_folder
            )
        form = self._form(self._source)
        with remote.open() as file:
            return self._manifest(file, form, self._source.rpartition("/")[0] + "/")

    def _from_web(self) -> Source:
        form = self._form(urlsplit(self._source).path)
        limits = FetchLimits(
            max_bytes=self._settings.manifest_max_bytes,
            timeout_s=self._settings.manifest_timeout_s,
            allow_private_networks=self._settings.fetch_private_networks,
        )
        with Fetcher(limits) as fetcher:
            content = fetcher.fetch(self._source)
        return self._manifest(io.BytesIO(content), form, self._source)

    def _form(self, name: str) -> Callable[[BinaryIO], Format]:
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in _FORMATS:
            raise SourceUnsupported(
                f"{self._source} is neither a folder nor a manifest by its ending. {_TAKEN}"
            )
        return _FORMATS[suffix]

    def _manifest(
        self, file: BinaryIO, form: Callable[[BinaryIO], Format], base: Path | str
    ) -> Source:
        copy, version = snapshot(file, self._settings.manifest_max_bytes)
        try:
            rules = ReferenceRules(base, self._allowed)
            return ManifestSource(form(copy), rules, file=copy, version=version)
        except ManifestInvalid as error:
            copy.close()
            raise ManifestInvalid(f"{self._source}: {error}") from error


def _allowed(source: str, settings: IndexerSettings) -> tuple[str, ...]:
    """An upload may be read wherever the roots are, and its manifest may name what came with it."""
    upload = UploadFolders(settings.root).containing(source)
    return settings.allowed_roots if upload is None else (*settings.allowed_roots, str(upload))


def _below_home(source: str, root: Path) -> str:
    """Who calls over HTTP knows no folder of this machine: a relative path starts at the home."""
    path = local_path_of(source)
    if path is None or path.is_absolute():
        return source
    return str(root / path)
