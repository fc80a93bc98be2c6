"""A region of a picture: what a shopper draws a box around is searched for, and nothing else."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from embedding.errors import RegionInvalid
from embedding.images import GREATEST_ASPECT, LONGEST_SIDE, DecodeLimits, decode

# Numbers that a browser has rounded may pass the edge by a little; the region ends at the edge.
_TOLERANCE = 0.001
_EXAMPLE = "Write it as x,y,width,height in shares of the upright picture, such as 0.1,0.2,0.5,0.6."


@dataclass(frozen=True)
class Region:
    """A rectangle of an upright picture; all four are shares, 0 to 1, of its width or height.

    `x` and `y` are of its upper left corner, from the left and from the top.
    Raises RegionInvalid.
    """

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        for name, value in (("x", self.x), ("y", self.y)):
            if not -_TOLERANCE <= value < 1.0:
                raise RegionInvalid(
                    f"The region's {name} is {value:g}; it must be 0 or more, and less than 1. "
                    f"{_EXAMPLE}"
                )
        for name, start, extent in (("width", self.x, self.width), ("height", self.y, self.height)):
            if not extent > 0.0:
                raise RegionInvalid(
                    f"The region's {name} is {extent:g}; it must be more than 0. {_EXAMPLE}"
                )
            if not start + extent <= 1.0 + _TOLERANCE:
                raise RegionInvalid(
                    f"The region ends at {start + extent:g} of the picture's {name}, outside it; "
                    f"it must end at 1 at most. {_EXAMPLE}"
                )

    @classmethod
    def parse(cls, region: str | Sequence[Any]) -> "Region":
        """From "x,y,width,height" or from four numbers. Raises RegionInvalid."""
        values = [_number(each) for each in _listed(region)]
        if len(values) != 4:
            raise RegionInvalid(f"The region has {len(values)} numbers, not four. {_EXAMPLE}")
        return cls(*values)

    def box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """(left, upper, right, lower) in pixels of a picture of that (width, height).

        Always inside it, and at least one pixel each way.
        """
        left, right = _pixels(self.x, self.width, size[0])
        upper, lower = _pixels(self.y, self.height, size[1])
        return left, upper, right, lower


def decode_region(
    content: bytes,
    region: Region | None,
    *,
    limits: DecodeLimits,
    target_side: int,
    target_long_side: int = 1,
) -> Image.Image:
    """An upright RGB picture of the region alone; None for all of it.

    `target_side` and `target_long_side` are as of `decode`, of the region's sides: the smaller it
    is, the larger is the scale at which a JPEG is decoded. Nothing is enlarged.

    Raises PictureError, and RegionInvalid for a region that is a strip of no use.
    """
    if region is None:
        return decode(
            content, limits=limits, target_side=target_side, target_long_side=target_long_side
        ).image
    # A side of the region has at least this share of the same side of the picture, and so of its
    # shorter side: enough before it is known how the picture lies. No pixel is a smaller one.
    share = max(min(region.width, region.height), 1.0 / LONGEST_SIDE)
    decoded = decode(
        content,
        limits=limits,
        target_side=math.ceil(target_side / share),
        target_long_side=math.ceil(target_long_side / share),
    )
    _check_aspect(region.box((decoded.width, decoded.height)))
    return decoded.image.crop(region.box(decoded.image.size))


def _check_aspect(box: tuple[int, int, int, int]) -> None:
    # As of whole pictures: a model would enlarge the shorter side, and the longer one with it.
    width, height = box[2] - box[0], box[3] - box[1]
    if max(width, height) > GREATEST_ASPECT * min(width, height):
        raise RegionInvalid(
            f"The region has {width} x {height} pixels of the picture; no side may exceed "
            f"{GREATEST_ASPECT} times the other side. Draw it around the product."
        )


def _pixels(start: float, extent: float, side: int) -> tuple[int, int]:
    first = min(max(0, round(start * side)), side - 1)
    return first, max(first + 1, min(side, round((start + extent) * side)))


def _listed(region: str | Sequence[Any]) -> Sequence[Any]:
    if not isinstance(region, str):
        return region
    text = region.strip()
    if not text.startswith("["):
        return text.split(",")
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegionInvalid(f"The region is not valid JSON ({error}). {_EXAMPLE}") from error
    assert isinstance(listed, list)  # whatever begins with a bracket and is JSON
    return listed


def _number(value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise RegionInvalid(f"{str(value)[:40]!r} in the region is no number. {_EXAMPLE}")
    return number
