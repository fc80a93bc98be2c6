"""Reading a manifest's bytes line by line, knowing where each begins."""

from typing import BinaryIO

from indexer.errors import ItemInvalid, ManifestInvalid

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FOREIGN_MARKS = (b"\xff\xfe", b"\xfe\xff")
MAX_LINE_BYTES = 4 * 1024 * 1024
"""Longest line of a manifest that is read; a longer one is a broken line."""


def start_of_text(file: BinaryIO) -> int:
    """Where the text begins: behind the byte-order mark, if there is one.

    Raises ManifestInvalid for UTF-16, which some spreadsheets call "Unicode text".
    """
    file.seek(0)
    mark = file.read(3)
    if mark.startswith(_FOREIGN_MARKS):
        raise ManifestInvalid(
            "The manifest is written in UTF-16. Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        )
    return len(BYTE_ORDER_MARK) if mark == BYTE_ORDER_MARK else 0


def line_at(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """The line that begins at `offset`, at most MAX_LINE_BYTES of it, and where the next begins.

    Empty at the end of the file.
    """
    if file.tell() != offset:
        file.seek(offset)
    line = file.readline(MAX_LINE_BYTES)
    if len(line) < MAX_LINE_BYTES:
        return line, offset + len(line)
    end = offset + len(line)
    while not line.endswith(b"\n") and (rest := file.readline(1 << 20)):
        end += len(rest)
        if rest.endswith(b"\n"):
            break
    return line, end


def text_of(line: bytes, number: int) -> str:
    """A line as text; raises ItemInvalid."""
    if len(line) >= MAX_LINE_BYTES:
        raise ItemInvalid(f"Line {number}: it has more than {MAX_LINE_BYTES:,} bytes. Break it up.")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ItemInvalid(
            f"Line {number}: byte {error.start + 1} is not valid UTF-8. Save the manifest as UTF-8."
        ) from error
