"""Real pictures on which a network is calibrated, and others on which it is measured."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.errors import CalibrationMissing, PictureError
from embedding.images import DecodeLimits, decode
from embedding.preprocessing import prepare_pixels, shorter_side_needed

CALIBRATED_ON = 300
"""Pictures that int8 is fitted to, at most."""
MEASURED_ON = 500
"""Pictures that are compared, at most."""
FEWEST_PICTURES = 400
"""Half of them calibrate, half are measured: below that a measured recall is mostly chance."""


@dataclass(frozen=True)
class CalibrationPictures:
    """Inputs of a model, each uint8 (input_size, input_size, 3); no picture is in both lists."""

    calibrating: list[NDArray[np.uint8]]
    measuring: list[NDArray[np.uint8]]


def calibration_pictures(folder: Path, card: ModelCard) -> CalibrationPictures:
    """Pictures from anywhere below `folder`, prepared as `card` says.

    They are a sample that is the same on every run and favours no subfolder. Files that are no
    pictures, cannot be decoded, or repeat another's bytes are passed over. Raises
    CalibrationMissing when too few are left.
    """
    if not folder.is_dir():
        raise CalibrationMissing(f"There is no folder {folder}.")
    inputs: list[NDArray[np.uint8]] = []
    passed_over = 0
    seen: set[bytes] = set()
    for content in _contents(folder):
        digest = hashlib.sha256(content).digest()
        if digest in seen:
            continue
        seen.add(digest)
        try:
            picture = decode(content, target_side=shorter_side_needed(card))
        except PictureError:
            passed_over += 1
            continue
        inputs.append(prepare_pixels(picture.image, card))
        if len(inputs) == CALIBRATED_ON + MEASURED_ON:
            break
    if len(inputs) < FEWEST_PICTURES:
        raise CalibrationMissing(
            f"{folder} holds {len(inputs)} different pictures that can be decoded"
            + (f", and {passed_over} files that cannot" if passed_over else "")
            + f"; {FEWEST_PICTURES} are the least."
        )
    calibrating = min(CALIBRATED_ON, len(inputs) // 2)
    return CalibrationPictures(inputs[:calibrating], inputs[calibrating:])


def _contents(folder: Path) -> Iterator[bytes]:
    """Bytes of the files below `folder` in an order that is arbitrary but always the same.

    Hidden files are drafts or somebody's own; links are not followed; what is larger than a
    picture may be is not read.
    """
    paths = [
        Path(root, name)
        for root, _, names in os.walk(folder)
        for name in names
        if not name.startswith(".")
    ]
    most_bytes = DecodeLimits().max_bytes
    for path in sorted(paths, key=lambda path: _shuffled(path.relative_to(folder))):
        try:
            if path.stat().st_size <= most_bytes and path.is_file() and not path.is_symlink():
                yield path.read_bytes()
        except OSError as error:
            raise CalibrationMissing(f"{path} cannot be read ({error.strerror}).") from error


def _shuffled(path: Path) -> bytes:
    return hashlib.sha256(path.as_posix().encode("utf-8", "surrogateescape")).digest()
