"""What was sent -> what the job indexes: a manifest, or a folder of pictures."""

import os
from collections import Counter
from pathlib import Path

from ingestion.file_kinds import (
    ADDRESS_LISTS,
    MANIFEST_NAMES,
    MANIFESTS,
    is_passed_over,
    is_picture,
    suffix_of,
)
from service.errors import UploadRefused


def source_in(folder: Path) -> Path:
    """The manifest at the top, else the folder itself.

    A folder alone at the top is the top: that is how folders are packed and dropped. Of several
    manifests the one named catalogue.csv or catalogue.jsonl counts. Raises UploadRefused, which
    says what was found.
    """
    top = _top(folder)
    files = [path for path in _visible(top) if path.is_file()]
    manifests = [path for path in files if suffix_of(path.name) in MANIFESTS]
    named = [path for path in manifests if path.name in MANIFEST_NAMES]
    chosen = named or manifests
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        names = ", ".join(path.name[:80] for path in chosen[:5])
        raise UploadRefused(
            f"There are {len(chosen)} manifests: {names}. Name the one that describes the products "
            "catalogue.csv, or leave the others out, and send all again. Nothing was kept."
        )
    if len(files) == 1 and suffix_of(files[0].name) in ADDRESS_LISTS:
        return files[0]
    if not _has_picture(top):
        raise UploadRefused(
            f"There is nothing to index: {_found(top)}. Send a folder or zip of pictures, or a "
            "manifest (.csv, .tsv, .jsonl); a zip comes alone. Nothing was kept."
        )
    return top


def top_name(folder: Path) -> str | None:
    """What to call the upload: its one file or folder; None where there are several."""
    entries = _visible(folder)
    return entries[0].name if len(entries) == 1 else None


def _top(folder: Path) -> Path:
    entries = _visible(folder)
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else folder


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not is_passed_over(path.name))


def _has_picture(folder: Path) -> bool:
    return any(is_picture(name) for name in _file_names(folder))


def _found(folder: Path) -> str:
    kinds = Counter(suffix_of(name) or "no suffix" for name in _file_names(folder))
    if not kinds:
        return "it is empty"
    told = ", ".join(f"{kind[:20]} ({count})" for kind, count in kinds.most_common(5))
    return f"no picture and no manifest among the files {told}"


def _file_names(folder: Path) -> list[str]:
    """Of all files below, as far as the indexer visits them."""
    names: list[str] = []
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not is_passed_over(name)]
        names += [name for name in files if not is_passed_over(name)]
    return names
