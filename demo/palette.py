"""The colours of the demo shops: one family of muted tones that look well side by side."""

from dataclasses import dataclass
from typing import Final

Colour = tuple[float, float, float]
"""sRGB, 0..1."""


@dataclass(frozen=True)
class Colourway:
    """What a product in one colour is made of: the named tone, its partner and an accent."""

    name: str
    main: Colour
    partner: Colour
    accent: Colour


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` of the way from the first to the second."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def darker(colour: Colour, share: float) -> Colour:
    """The colour moved towards a warm black."""
    return mix(colour, (0.06, 0.05, 0.06), share)


def lighter(colour: Colour, share: float) -> Colour:
    """The colour moved towards a warm white."""
    return mix(colour, (1.0, 0.985, 0.96), share)


def brightness(colour: Colour) -> float:
    """Luma 0..1: which ink, dark or light, reads on the colour."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _hex(code: int) -> Colour:
    return ((code >> 16) / 255, (code >> 8 & 255) / 255, (code & 255) / 255)


TONES: Final[dict[str, Colour]] = {
    "ivory": _hex(0xF1E7D3),
    "sand": _hex(0xD5BC93),
    "mustard": _hex(0xDDA232),
    "terracotta": _hex(0xC4623C),
    "coral": _hex(0xE9745C),
    "blush": _hex(0xE8B5AC),
    "burgundy": _hex(0x7C2638),
    "plum": _hex(0x6A3D66),
    "lilac": _hex(0xAD9CCB),
    "navy": _hex(0x24365E),
    "denim": _hex(0x4A6FA0),
    "sky": _hex(0x93BFDD),
    "teal": _hex(0x23777A),
    "mint": _hex(0xA5D3BD),
    "sage": _hex(0x94A885),
    "forest": _hex(0x2C5B47),
    "olive": _hex(0x77773F),
    "cocoa": _hex(0x6B4A38),
    "stone": _hex(0xA6A39B),
    "charcoal": _hex(0x3A3B41),
}
"""The tone a catalogue's `colour` column names."""

_COMPANIONS: Final[dict[str, tuple[str, str]]] = {
    "ivory": ("terracotta", "forest"),
    "sand": ("cocoa", "ivory"),
    "mustard": ("ivory", "charcoal"),
    "terracotta": ("ivory", "navy"),
    "coral": ("ivory", "teal"),
    "blush": ("burgundy", "ivory"),
    "burgundy": ("blush", "mustard"),
    "plum": ("lilac", "mustard"),
    "lilac": ("plum", "ivory"),
    "navy": ("ivory", "coral"),
    "denim": ("ivory", "mustard"),
    "sky": ("navy", "ivory"),
    "teal": ("ivory", "mustard"),
    "mint": ("forest", "coral"),
    "sage": ("ivory", "forest"),
    "forest": ("sand", "coral"),
    "olive": ("ivory", "mustard"),
    "cocoa": ("sand", "mint"),
    "stone": ("charcoal", "ivory"),
    "charcoal": ("stone", "mustard"),
}

LEATHER: Final[Colour] = _hex(0x9A6338)
OAK: Final[Colour] = _hex(0xC99E6A)
WALNUT: Final[Colour] = _hex(0x7A5236)
BRASS: Final[Colour] = _hex(0xC9A253)
STEEL: Final[Colour] = _hex(0xB9BDC2)
PAPER: Final[Colour] = _hex(0xFAF6EC)
INK: Final[Colour] = _hex(0x2B2A2E)


def colourway(name: str) -> Colourway:
    """The colourway of a tone; raises KeyError for a name outside `TONES`."""
    partner, accent = _COMPANIONS[name]
    return Colourway(name, TONES[name], TONES[partner], TONES[accent])
