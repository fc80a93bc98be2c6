"""What is done to pictures, and how much: S4's eight transforms and five more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numpy.random import Generator
from PIL import Image

from evaluation.errors import TransformUnknown
from evaluation.robustness import background, geometry, photometry
from evaluation.robustness.scenes import Scene

VERSION = 1
"""Raised whenever the same picture, level and seed would give other pixels."""

Apply = Callable[[Scene, float, Generator], Image.Image]


@dataclass(frozen=True)
class Level:
    """One strength: as it is written, and as the transform takes it."""

    name: str
    strength: float


@dataclass(frozen=True)
class Transform:
    """One known change of a picture. Pure: the same scene, strength and chance, the same pixels.

    `levels` go from the mildest to the strongest; `usual` is S4's own strength where S4 states
    one, else one in the middle. `needs_mask`: it can be done only where the thing can be told from
    its background. `unit` says what a strength counts.
    """

    name: str
    unit: str
    levels: tuple[Level, ...]
    usual: Level
    apply: Apply
    of_s4: bool = False
    needs_mask: bool = False

    def __post_init__(self) -> None:
        if self.usual not in self.levels:
            raise ValueError(f"{self.name}: the usual strength is one of its levels")


@dataclass(frozen=True)
class Change:
    """A transform at one of its levels."""

    transform: Transform
    level: Level


def changes(names: Sequence[str], *, quick: bool) -> list[Change]:
    """Those transforms, or all of them, at each of their levels or only at their usual ones.

    Raises TransformUnknown, which says what there is.
    """
    for name in names:
        if name not in TRANSFORMS:
            raise TransformUnknown(
                f"There is no transform {name!r}; there are {', '.join(TRANSFORMS)}."
            )
    return [
        Change(transform, level)
        for name, transform in TRANSFORMS.items()
        if not names or name in names
        for level in ((transform.usual,) if quick else transform.levels)
    ]


def _on_image(function: Callable[[Image.Image, float, Generator], Image.Image]) -> Apply:
    return lambda scene, strength, random: function(scene.image, strength, random)


def _on_background(scene: Scene, strength: float, random: Generator) -> Image.Image:
    mask = scene.mask()
    if mask is None:
        raise ValueError("the thing cannot be told from its background")
    return background.before(scene.image, mask, strength, random)


def _percent(*shares: float) -> tuple[Level, ...]:
    return tuple(Level(f"{100 * share:g} %", share) for share in shares)


def _transforms() -> list[Transform]:
    flip = (Level("mirrored", 1.0),)
    degrees = tuple(Level(f"{each}°", float(each)) for each in (10, 30, 90))
    crops, lights, saturations = (
        _percent(0.2, 0.5, 0.8),
        _percent(0.25, 0.5, 0.75),
        _percent(0.5, 1.0),
    )
    hues = _percent(0.1, 0.3, 0.5)
    affines, perspectives = _percent(0.5, 1.0, 1.5), _percent(0.25, 0.5, 0.75)
    qualities = tuple(Level(str(each), float(each)) for each in (75, 30, 10))
    blurs, sides = _percent(0.005, 0.01, 0.02), _percent(0.1, 0.25, 0.4)
    areas = _percent(0.1, 0.25, 0.5)
    kinds = tuple(
        Level(name, float(kind)) for kind, name in enumerate(("white", "solid", "texture"))
    )
    return [
        Transform("horizontal-flip", "", flip, flip[0], _on_image(geometry.flipped), of_s4=True),
        Transform(
            "rotation", "degrees, either way", degrees, degrees[0],
            _on_image(geometry.rotated), of_s4=True,
        ),
        Transform(
            "resized-crop", "area cut away, the rest stretched to size", crops, crops[1],
            _on_image(geometry.resized_crop), of_s4=True,
        ),
        Transform(
            "brightness", "of every value, more or less", lights, lights[1],
            _on_image(photometry.brightness), of_s4=True,
        ),
        Transform(
            "affine",
            f"of {geometry.AFFINE_DEGREES:g}° turned, {100 * geometry.AFFINE_SCALE:g} % larger or "
            f"smaller and {geometry.AFFINE_SHEAR_DEGREES:g}° sheared",
            affines, affines[1], _on_image(geometry.affine), of_s4=True,
        ),
        Transform(
            "hue", "of the colour circle, either way", hues, hues[1],
            _on_image(photometry.hue), of_s4=True,
        ),
        Transform(
            "saturation", "of every colour's distance from grey, more or less", saturations,
            saturations[0], _on_image(photometry.saturation), of_s4=True,
        ),
        Transform(
            "perspective", "of the sides; corners move in by up to half of it", perspectives,
            perspectives[1], _on_image(geometry.perspective), of_s4=True,
        ),
        Transform("jpeg", "quality", qualities, qualities[1], _on_image(photometry.jpeg)),
        Transform("blur", "sigma, of the longer side", blurs, blurs[1], _on_image(photometry.blur)),
        Transform("crop", "of both sides cut away", sides, sides[1], _on_image(geometry.cropped)),
        Transform(
            "occlusion", "of the area hidden", areas, areas[1], _on_image(background.occluded)
        ),
        Transform(
            "background", "what is behind the thing", kinds, kinds[1], _on_background,
            needs_mask=True,
        ),
    ]  # fmt: skip


TRANSFORMS: dict[str, Transform] = {each.name: each for each in _transforms()}
"""By name, in the order in which they are shown: S4's eight, as S4 names them, first."""
