"""What a demo picture is made from: the product's look and how it was photographed.

A picture is a pure function of these values, so that "the same but for one thing" is a
`dataclasses.replace` and the ground truth is the values themselves.
"""

from dataclasses import dataclass
from typing import Final, Literal

from demo.brands import BRANDS
from demo.palette import TONES
from demo.patterns import PATTERNS

Orientation = Literal["right", "left"]
Kind = Literal["studio", "angle", "wild"]

FactorValue = str | float | dict[str, float] | None


@dataclass(frozen=True)
class Label:
    """What a printed label says: its text in a language and the size line."""

    content: str
    language: str
    size: str


@dataclass(frozen=True)
class Look:
    """Everything a shopper would call the product: it is the same in all of its pictures.

    `cloth` seeds what is accidental (folds, wood grain) and is shared by the colours of a style.
    `label` is None for products that carry nothing but their brand's mark.
    """

    category: str
    shape: str
    colour: str
    pattern: str
    spacing: float
    brand: str
    detail: str
    label: Label | None
    cloth: int

    def __post_init__(self) -> None:
        if self.colour not in TONES:
            raise ValueError(f"{self.colour!r} is not a tone of the palette")
        if self.pattern not in PATTERNS:
            raise ValueError(f"{self.pattern!r} is not a pattern")
        if self.brand not in BRANDS:
            raise ValueError(f"{self.brand!r} is not one of the demo brands")

    def factors(self) -> dict[str, FactorValue]:
        """The look as ground truth: factor -> value, None where the product has no such thing."""
        label = self.label
        return {
            "category": self.category,
            "shape": self.shape,
            "colour": self.colour,
            "pattern": self.pattern,
            "pattern_spacing": None if self.pattern == "plain" else self.spacing,
            "logo": self.brand,
            "packaging_detail": self.detail,
            "label_content": label.content if label else None,
            "label_language": label.language if label else None,
            "size_text": label.size if label else None,
        }


@dataclass(frozen=True)
class View:
    """From where the product is seen: degrees turned, looked down on and rolled."""

    turn: float = 0.0
    tilt: float = 10.0
    roll: float = 0.0

    def factors(self) -> dict[str, float]:
        return {"turn": self.turn, "tilt": self.tilt, "roll": self.roll}


@dataclass(frozen=True)
class Shot:
    """How one picture is taken; `accident` seeds clutter, texture and noise of the scene."""

    kind: Kind
    view: View
    orientation: Orientation
    background: str
    light: str
    accident: int
    scale: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    occlusion: str = "none"

    def factors(self) -> dict[str, FactorValue]:
        return {
            "view": self.view.factors(),
            "orientation": self.orientation,
            "background": self.background,
            "light": self.light,
            "scale": self.scale,
            "shift": {"x": self.shift_x, "y": self.shift_y},
            "occlusion": self.occlusion,
        }


SIDE: Final = 512
"""Pixels a side of a picture of the default catalogue."""
