"""What another light, another exposure or another contrast does to colours, and a dye does not.

A copy may be brighter, bluer or flatter than its original, or its middle tones lifted: each channel
is multiplied, the same is added to all of them, and all are bent alike. That cannot turn a garment
red and leave its white background and the wearer's skin as they were. With an offset for each
channel it could: a line through white and through the garment's old and new colour exists in every
channel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]
"""(…, 3), RGB."""

# From here on a value may have been more, and was cut off; down to here it may have been less.
_WHITE = 250
_BLACK = 4
# Grey levels between the strongest and the weakest channel, and the part of a grey picture.
_GREY = 6
_NEARLY_ALL = 0.995
# So many grey ones are asked, as many dark as light, for most of a product's picture is background.
_ASKED = 500
_ROUNDS = 4
# Grey levels. A pixel that misses by less speaks for the light, however well the others fit.
_FITTING = 4.0
# The light is taken for unchanged by this part of a pixel of middle grey, so that what a picture
# does not tell is not made up.
_UNCHANGED = 0.02


@dataclass(frozen=True)
class Light:
    """`theirs` is about `gains` (3,) times mine, plus `offset` in grey levels of 255, plus `bend`
    times mine (255 - mine) / 255. `change`: by how much that changes mine on average, 0 to 1."""

    gains: NDArray[np.float64]
    offset: float
    bend: float
    change: float

    def misses(self, mine: Colours, theirs: Colours) -> NDArray[np.float32]:
        """By how many grey levels mine misses theirs in this light, of each channel.

        Where mine was cut off at white it may have been brighter, and misses nothing by being too
        dark; likewise where both are white.
        """
        gains, bend = self.gains.astype(np.float32), np.float32(self.bend)
        lit = np.clip(mine * gains + np.float32(self.offset) + bend * _bent(mine), 0.0, 255.0)
        missed: NDArray[np.float32] = np.subtract(lit, theirs, dtype=np.float32)
        cut_off = (mine >= _WHITE) & (missed < 0.0)
        both_white = (theirs >= _WHITE) & (lit >= _WHITE)
        missed[cut_off | both_white] = 0.0
        return missed


def without_colour_if_one_is(
    mine: Colours, theirs: Colours, inside: NDArray[np.bool_]
) -> tuple[Colours, Colours]:
    """Both in grey where `inside` one of the two is a grey picture and the other is not."""
    if _is_grey(mine[inside]) == _is_grey(theirs[inside]):
        return mine, theirs
    import cv2

    grey, other = (
        cv2.cvtColor(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        for each in (mine, theirs)
    )
    return np.asarray(grey, np.uint8), np.asarray(other, np.uint8)


def _is_grey(colours: Colours) -> bool:
    """Of nearly all places; compression makes a little colour of none."""
    chroma = colours.max(axis=1) - colours.min(axis=1)
    return float(np.mean(chroma <= _GREY)) >= _NEARLY_ALL


def light_between(mine: Colours, theirs: Colours) -> Light:
    """Of places in two pictures that lie over each other, uint8 (places, 3), at least one.

    Least squares over the places that it explains best: what was dyed is not explained by the
    light of the rest.
    """
    asked = _evenly(mine)
    x, y = mine[asked], theirs[asked]
    told = ((x < _WHITE) & (y < _WHITE) & (y > _BLACK)).astype(np.float64)
    weights = told
    for _ in range(_ROUNDS):
        light = _fitted(x, y, weights)
        missed = np.abs(light.misses(x, y))
        weights = told * (missed <= _limits(missed, told > 0.0))
    return light


def _evenly(colours: Colours) -> NDArray[np.int64]:
    """Places of colours, as many dark as light."""
    greys = colours.mean(axis=1)
    order = np.argsort(greys, kind="stable")
    greys = greys[order]
    places = np.searchsorted(greys, np.linspace(greys[0], greys[-1], _ASKED))
    return order[np.minimum(places, len(order) - 1)]


def _limits(missed: NDArray[np.float32], told: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(3,): what six of ten of the places that tell something miss by at most."""
    return np.array(
        [
            max(_FITTING, float(np.quantile(missed[told[:, channel], channel], 0.6)))
            if told[:, channel].any()
            else _FITTING
            for channel in range(3)
        ]
    )


def _fitted(x: Colours, y: Colours, weights: NDArray[np.float64]) -> Light:
    """Three gains, one offset and one bend, by the normal equations."""
    own, bent = x.astype(np.float64), _bent(x).astype(np.float64)
    equations, sums = np.diag(_UNCHANGED * np.array([128.0**2] * 3 + [4.0, 64.0**2])), np.zeros(5)
    sums[:3] = equations.diagonal()[:3]
    for channel in range(3):
        terms = np.zeros((len(x), 5))
        terms[:, channel], terms[:, 3], terms[:, 4] = own[:, channel], 1.0, bent[:, channel]
        weighted = terms * weights[:, channel, None]
        equations += weighted.T @ terms
        sums += weighted.T @ y[:, channel]
    *gains, offset, bend = np.linalg.solve(equations, sums)
    lit = np.clip(own * gains + offset + bend * bent, 0.0, 255.0)
    return Light(
        np.array(gains), float(offset), float(bend), float(np.abs(lit - own).mean()) / 255.0
    )


def _bent(colours: Colours) -> NDArray[np.float32]:
    values = colours.astype(np.float32)
    return np.asarray(values * (255.0 - values) / 255.0, np.float32)
