"""Pictures decoded once: an epoch costs the network, and no JPEG is decoded twice.

A folder of one kind of square holds `pixels.bin`, a picture's pixels after the other's, and
`contents.txt`, a line with the sha-256 of each picture's file in the same order. A line is written
after its pixels: whatever stops a run, what the lines name is whole.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from catalog.errors import CatalogError
from embedding.calibration_files import writing_alone
from embedding.card import EMBEDDING_CODE_VERSION, Fit, Interpolation
from embedding.errors import PictureError
from embedding.images import DecodeLimits, decode
from embedding.preprocessing import prepare_pixels, shorter_side_needed
from evaluation.pictures import Picture
from training.errors import DataInvalid

_KEPT_AT_ONCE = 256
_LINE = 65  # 64 hexadecimal digits and the end of the line


@dataclass(frozen=True)
class Square:
    """How a picture becomes a square of `input_size` pixels, as in a model's card."""

    input_size: int
    fit: Fit = "stretch"
    interpolation: Interpolation = "bicubic"
    crop_fraction: float = 1.0

    @property
    def name(self) -> str:
        """Of the folder that holds such squares."""
        crop = f"-{self.crop_fraction:g}" if self.fit == "crop" else ""
        version = EMBEDDING_CODE_VERSION
        return f"{self.input_size}-{self.fit}{crop}-{self.interpolation}-v{version}"


@dataclass(frozen=True)
class Pixels:
    """`table`: uint8 (pictures kept, side, side, 3), RGB, on disk; `rows`: content -> its row."""

    table: NDArray[np.uint8]
    rows: Mapping[str, int]

    def places(self, pictures: Sequence[Picture]) -> NDArray[np.int64]:
        """(pictures,): rows of the table; KeyError for a picture that is not there."""
        return np.array([self.rows[each.content_sha256] for each in pictures], dtype=np.int64)


def decoded(
    pictures: Sequence[Picture],
    square: Square,
    *,
    folder: Path,
    limits: DecodeLimits,
    threads: int,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Pixels, dict[str, str]]:
    """The squares of all pictures, and of which there is none: content sha-256 -> why.

    `folder` keeps squares between runs, by content and kind of square, and may be emptied at any
    time. `advance` is told how many more are done. Raises DataInvalid when the disk refuses.
    """
    there = folder / square.name
    try:
        there.mkdir(parents=True, exist_ok=True)
        with writing_alone(there):
            unreadable = _add_missing(there, pictures, square, limits, threads, advance)
        return _opened(there, square), unreadable
    except OSError as error:
        needed = square.input_size**2 * 3 * len(pictures) // 2**20 + 1
        raise DataInvalid(
            f"Decoded pictures cannot be kept in {there} ({error.strerror or error}); these need "
            f"{needed:,} MB. Make room there, or train at a smaller input size."
        ) from error


def _add_missing(
    folder: Path,
    pictures: Sequence[Picture],
    square: Square,
    limits: DecodeLimits,
    threads: int,
    advance: Callable[[int], None],
) -> dict[str, str]:
    size = square.input_size**2 * 3
    kept = _contents(folder, size)
    distinct = {each.content_sha256: each for each in pictures}
    missing = [each for content, each in distinct.items() if content not in kept]
    advance(len(distinct) - len(missing))
    unreadable: dict[str, str] = {}
    with (
        _open_at(folder / "pixels.bin", len(kept) * size) as pixels,
        _open_at(folder / "contents.txt", len(kept) * _LINE) as contents,
        ThreadPoolExecutor(threads, "decode") as pool,
    ):
        for some in _at_a_time(missing):
            names = []
            for each, found in zip(
                some, pool.map(lambda one: _squared(one, square, limits), some), strict=True
            ):
                if isinstance(found, str):
                    unreadable[each.content_sha256] = found
                else:
                    pixels.write(found.tobytes())
                    names.append(each.content_sha256)
                advance(1)
            pixels.flush()
            os.fsync(pixels.fileno())
            contents.write("".join(f"{name}\n" for name in names).encode())
            contents.flush()
    return unreadable


def _squared(picture: Picture, square: Square, limits: DecodeLimits) -> NDArray[np.uint8] | str:
    """The very pixels that a model of this card would be given; or why there are none."""
    try:
        found = decode(picture.read(), limits=limits, target_side=shorter_side_needed(square))
    except (PictureError, CatalogError) as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
    return prepare_pixels(found.image, square)


def _contents(folder: Path, size: int) -> list[str]:
    """What is whole: lines whose pixels are all there."""
    lines, pixels = folder / "contents.txt", folder / "pixels.bin"
    if not (lines.exists() and pixels.exists()):
        return []
    text = lines.read_bytes()
    count = min(len(text) // _LINE, pixels.stat().st_size // size)
    return text[: count * _LINE].decode("ascii").split()


def _opened(folder: Path, square: Square) -> Pixels:
    side = square.input_size
    contents = _contents(folder, side * side * 3)
    if not contents:
        return Pixels(np.empty((0, side, side, 3), dtype=np.uint8), {})
    table = np.memmap(
        folder / "pixels.bin", dtype=np.uint8, mode="r", shape=(len(contents), side, side, 3)
    )
    return Pixels(table, {content: row for row, content in enumerate(contents)})


def _open_at(path: Path, length: int) -> BinaryIO:
    """For appending after that many bytes; what an interrupted run left beyond them is cut off."""
    path.touch()
    file = path.open("r+b")
    file.truncate(length)
    file.seek(length)
    return file


def _at_a_time(pictures: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    for start in range(0, len(pictures), _KEPT_AT_ONCE):
        yield pictures[start : start + _KEPT_AT_ONCE]
