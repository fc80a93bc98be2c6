"""Laying one picture over another: the maps that may do it, and how well the pixels then agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedding.copies.blocks import BLOCK, blocks_compared
from embedding.copies.light import light_between, without_colour_if_one_is
from embedding.copies.sketch import Sketch
from embedding.points import LocalFeatures
from embedding.points.matching import FEWEST_FEATURES, mutual_matches

Map = NDArray[np.float64]
"""(2, 3): an affine map of places in the first picture to places in the second, both in units of
their longer side."""

LARGEST_SCALE = 10.0

_TOLERANCE = 0.012
_COMPARED_SIDE = 96
_LEAST_COMPARED_SIDE = 24
_LEAST_BLOCKS = 4
# Below this structure nothing that the colours say makes a copy of it.
_WORTH_COLOUR = 0.3


@dataclass(frozen=True)
class Agreement:
    """How well two pictures agree where one lies over the other; parts are 0 to 1.

    `structure`: mean correlation of the blocks' edges, where there are any. `blocks`: part of such
    blocks whose edges correlate by 0.7 and more. `colour`: how well the colours of most of those
    agree once the light is made equal: 1 exactly, 0 by 40 grey levels of 255 and more, or where
    the structure is too poor to ask. `light`: by how much it had to be changed, 0 for not at all.
    `shared`: part of the first and of the second picture that lies in the overlap. `covered`:
    likewise, of whole pixels that were compared: a seam less. `inliers`: features that agree, 0
    where the map does not come from them. `map`: the one that was taken.
    """

    structure: float
    blocks: float
    colour: float
    light: float
    shared: tuple[float, float]
    covered: tuple[float, float]
    inliers: int
    map: Map


def stretched(first: Sketch, second: Sketch) -> Map:
    """The map of the whole of one picture onto the whole of the other."""
    (height, width), (onto_height, onto_width) = first.plate.shape[:2], second.plate.shape[:2]
    longer, onto_longer = max(height, width), max(onto_height, onto_width)
    return np.array(
        [
            [onto_width / onto_longer * longer / width, 0.0, 0.0],
            [0.0, onto_height / onto_longer * longer / height, 0.0],
        ]
    )


def matched(first: LocalFeatures, second: LocalFeatures) -> tuple[Map, int] | None:
    """The turn, scale and shift that most features agree on, and how many those are.

    None where too few look alike, or they agree on nothing that keeps a picture a picture.
    """
    if min(len(first), len(second)) < FEWEST_FEATURES:
        return None
    mine, theirs = mutual_matches(first.descriptors, second.descriptors)
    if len(mine) < FEWEST_FEATURES:
        return None
    import cv2

    found, inliers = cv2.estimateAffinePartial2D(
        first.points[mine],
        second.points[theirs],
        method=cv2.RANSAC,
        ransacReprojThreshold=_TOLERANCE,
        maxIters=1000,
        confidence=0.999,
    )
    if found is None:
        return None
    scale = float(np.hypot(found[0, 0], found[1, 0]))
    if not _is_plausible(scale):
        return None
    return np.asarray(found, np.float64), int(np.count_nonzero(inliers))


def agreement(first: Sketch, second: Sketch, laid: Map, inliers: int = 0) -> Agreement | None:
    """None where the two hardly overlap."""
    import cv2

    scale = _scale(laid)
    longer, onto_longer = max(first.plate.shape[:2]), max(second.plate.shape[:2])
    # At the finer of what both can show: the coarser picture must not be asked for more.
    side = max(_LEAST_COMPARED_SIDE, min(_COMPARED_SIDE, onto_longer, longer / scale))
    theirs = _scaled(second.plate, side / onto_longer)
    mine = _scaled(first.plate, side * scale / longer)
    height, width = theirs.shape[:2]
    pixels = _in_pixels(laid, mine, first, theirs, second)
    size = (width, height)
    over = np.asarray(cv2.warpAffine(mine, pixels, size), np.uint8)
    mask = cv2.warpAffine(np.full(mine.shape[:2], 255, np.uint8), pixels, size)
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=255) >= 250
    count = int(np.count_nonzero(inside))
    if count < _LEAST_BLOCKS * BLOCK * BLOCK:
        return None
    over, theirs = _blurred(over), _blurred(theirs)
    blocks = blocks_compared(over, theirs, inside)
    agreeing = inside & blocks.agreeing_pixels(inside.shape)
    colour, change = 0.0, 0.0
    if blocks.structure >= _WORTH_COLOUR and np.count_nonzero(agreeing) >= BLOCK * BLOCK:
        over, theirs = without_colour_if_one_is(over, theirs, inside)
        light = light_between(over[agreeing], theirs[agreeing])
        colour = blocks.colour(light.misses(over, theirs), inside)
        change = light.change
    area = abs(float(np.linalg.det(pixels[:, :2]))) * mine.shape[0] * mine.shape[1]
    return Agreement(
        structure=blocks.structure,
        blocks=blocks.agreeing,
        colour=colour,
        light=change,
        shared=_shared(first, second, laid),
        covered=(min(1.0, count / max(1.0, area)), count / (height * width)),
        inliers=inliers,
        map=laid,
    )


def refined(first: Sketch, second: Sketch, laid: Map) -> Map:
    """`laid` moved to where the grey values correlate best, by an affine map.

    Enhanced correlation coefficient (Evangelidis & Psarakis 2008); `laid` itself where that does
    not converge, or runs away to a scale that no copy has and that no memory would hold.
    """
    import cv2

    onto_longer = max(second.plate.shape[:2])
    side = min(64, onto_longer)
    scale = _scale(laid)
    theirs = _scaled(second.plate, side / onto_longer)
    mine = _scaled(first.plate, side * scale / max(first.plate.shape[:2]))
    inverse = np.asarray(
        cv2.invertAffineTransform(_in_pixels(laid, mine, first, theirs, second)), np.float32
    )
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
    try:
        _, moved = cv2.findTransformECC(
            cv2.cvtColor(theirs, cv2.COLOR_RGB2GRAY),
            cv2.cvtColor(mine, cv2.COLOR_RGB2GRAY),
            inverse,
            cv2.MOTION_AFFINE,
            criteria,
            inputMask=np.full(mine.shape[:2], 255, np.uint8),
            gaussFiltSize=5,
        )
    except cv2.error:
        return laid
    found = _in_units(
        np.asarray(cv2.invertAffineTransform(moved), np.float64), mine, first, theirs, second
    )
    return found if _is_plausible(_scale(found)) else laid


def _is_plausible(scale: float) -> bool:
    return 1.0 / LARGEST_SCALE <= scale <= LARGEST_SCALE


def _scale(laid: Map) -> float:
    return float(np.sqrt(abs(laid[0, 0] * laid[1, 1] - laid[0, 1] * laid[1, 0])))


def _scaled(plate: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    import cv2

    height, width = plate.shape[:2]
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    if size == (width, height):
        return plate
    interpolation = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plate, size, interpolation=interpolation), np.uint8)


def _blurred(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """So that half a pixel by which a map misses costs little."""
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7), np.uint8)


def _shared(first: Sketch, second: Sketch, laid: Map) -> tuple[float, float]:
    import cv2

    mine, theirs = (_corners(each) for each in (first, second))
    moved = mine @ laid[:, :2].T + laid[:, 2]
    overlap, _ = cv2.intersectConvexConvex(moved.astype(np.float32), theirs.astype(np.float32))
    areas = (float(cv2.contourArea(each.astype(np.float32))) for each in (moved, theirs))
    ones, others = (min(1.0, overlap / max(1e-9, area)) for area in areas)
    return ones, others


def _corners(sketch: Sketch) -> NDArray[np.float64]:
    """(4, 2), in order around the picture, in units of its longer side."""
    height, width = sketch.plate.shape[:2]
    corners = [[0, 0], [width, 0], [width, height], [0, height]]
    return np.array(corners, np.float64) / np.float64(max(height, width))


def _units(pixels: NDArray[np.uint8], sketch: Sketch) -> Map:
    """Places in the pixels of a scaled plate -> units of the longer side, (3, 3)."""
    (height, width), (plate_height, plate_width) = pixels.shape[:2], sketch.plate.shape[:2]
    longer = max(plate_height, plate_width)
    across, down = plate_width / longer / width, plate_height / longer / height
    return np.array([[across, 0, across / 2], [0, down, down / 2], [0, 0, 1.0]])


def _in_pixels(
    laid: Map, mine: NDArray[np.uint8], first: Sketch, theirs: NDArray[np.uint8], second: Sketch
) -> Map:
    whole = np.vstack([laid, [0.0, 0.0, 1.0]])
    moved: Map = np.linalg.inv(_units(theirs, second)) @ whole @ _units(mine, first)
    return moved[:2]


def _in_units(
    pixels: Map, mine: NDArray[np.uint8], first: Sketch, theirs: NDArray[np.uint8], second: Sketch
) -> Map:
    whole = np.vstack([pixels, [0.0, 0.0, 1.0]])
    moved: Map = _units(theirs, second) @ whole @ np.linalg.inv(_units(mine, first))
    return moved[:2]
