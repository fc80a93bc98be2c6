"""What a file is by its name: a picture, one that is refused, or a manifest of products."""

from pathlib import PurePath

OPENED = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"),
        *(".bmp", ".dib", ".tif", ".tiff", ".avif"),
    }
)
# Pictures, but of a kind that is refused by name: each is an item, and a line of the report.
REFUSED = frozenset(
    {
        *(".heic", ".heif", ".jxl", ".jp2", ".j2k", ".psd", ".svg", ".ico", ".tga"),
        *(".cr2", ".nef", ".arw", ".dng"),
    }
)
MANIFESTS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})
ADDRESS_LISTS = frozenset({".txt"})
MANIFEST_NAMES = ("catalogue.csv", "catalogue.jsonl")


def is_picture(name: str) -> bool:
    """Whether a file of that name is one of a source's items."""
    return suffix_of(name) in OPENED | REFUSED


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of that name is none of a shop's: hidden, or made by an archiver."""
    return name.startswith(".") or name == "__MACOSX"


def suffix_of(name: str) -> str:
    """In lower case, with its dot; "" where there is none."""
    return PurePath(name).suffix.lower()
