"""The plan of the demo catalogue: which products there are and how each is photographed.

A style is a shape, a pattern, a brand and a detail; it is sold in three colours, which share
everything else down to the folds of the cloth. Product types take turns, so that any number of
products is a balanced catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from demo.errors import CatalogueTooLarge
from demo.labels import LANGUAGES
from demo.model import FactorValue, Kind, Label, Look, Orientation, Shot, View
from demo.rooms import FLOORS, ROOMS
from demo.scene import STUDIO_BACKGROUNDS
from demo.shapes import (
    bags,
    bottles,
    boxes,
    chairs,
    cushions,
    hats,
    jars,
    lamps,
    mugs,
    rugs,
    shirts,
    shoes,
    vases,
)  # fmt: skip
from demo.shapes.family import Family
from demo.wild import LIGHTS, OCCLUSIONS

FAMILIES: Final[dict[str, Family]] = {
    family.category: family
    for family in (
        mugs.FAMILY, shirts.FAMILY, bottles.FAMILY, bags.FAMILY, lamps.FAMILY, shoes.FAMILY,
        boxes.FAMILY, cushions.FAMILY, vases.FAMILY, rugs.FAMILY, chairs.FAMILY, hats.FAMILY,
        jars.FAMILY,
    )
}  # fmt: skip
COLOURS_PER_STYLE: Final = 3
LARGEST: Final = (
    len(FAMILIES)
    * COLOURS_PER_STYLE
    * min(len(family.shapes) * len(family.patterns) for family in FAMILIES.values())
)
"""Most products a catalogue can have before two styles would share shape and pattern."""

SERIES: Final = (
    "Alma", "Tove", "Rill", "Juno", "Marlo", "Saga", "Pell", "Ode", "Fenn", "Lido", "Nils", "Ivo",
    "Brisa", "Calla", "Dune", "Esker", "Hollis", "Isla", "Kove", "Luma", "Mira", "Nola", "Orla",
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """One row of the catalogue."""

    id: str
    title: str
    price: float
    look: Look

    @property
    def family(self) -> Family:
        return FAMILIES[self.look.category]

    @property
    def url(self) -> str:
        return f"https://shop.example/{self.look.category}/{self.id}"


@dataclass(frozen=True)
class Picture:
    """One picture to render: where, of what, how taken. `product` is None in a pair."""

    path: str
    look: Look
    shot: Shot
    product: str | None

    def factors(self) -> dict[str, FactorValue]:
        """Every factor of look and shot by name."""
        return self.look.factors() | self.shot.factors()


def plan_products(seed: int, count: int) -> tuple[Product, ...]:
    """The first `count` products of the seed's catalogue, in order; raises CatalogueTooLarge."""
    if not 1 <= count <= LARGEST:
        raise CatalogueTooLarge(count, LARGEST)
    families = list(FAMILIES.values())
    return tuple(
        _product(seed, families[place % len(families)], place // len(families))
        for place in range(count)
    )


def catalogue_pictures(seed: int, product: Product) -> tuple[Picture, Picture]:
    """What the shop shows: the product from the front and from an angle, before a studio wall.

    The colours of a style were photographed in one session: their pictures differ in colour only.
    """
    rng = _chance(seed, str(product.look.cloth), "studio")
    background = _pick(rng, tuple(STUDIO_BACKGROUNDS))
    family = product.family
    orientation: Orientation = "right" if product.look.cloth % 2 else "left"
    shots = (
        ("studio", family.front),
        ("angle", _turned(rng, family.angle, 6.0)),
    )
    first, second = (
        Picture(
            f"pictures/{product.id}-{kind}.jpg",
            product.look,
            Shot(_kind(kind), view, orientation, background, "softbox", int(rng.integers(2**31))),
            product.id,
        )
        for kind, view in shots
    )
    return first, second


def query_picture(seed: int, product: Product) -> Picture:
    """What a shopper might send: the product in the wild."""
    rng = _chance(seed, product.id, "wild")
    orientation: Orientation = "right" if product.look.cloth % 2 else "left"
    shot = Shot(
        kind="wild",
        view=_wild_view(rng, product.family),
        orientation=orientation,
        background=_pick(rng, tuple(FLOORS if product.family.lies else ROOMS)),
        light=_pick(rng, tuple(LIGHTS)),
        accident=int(rng.integers(2**31)),
        scale=round(float(rng.uniform(0.66, 0.92)), 3),
        shift_x=round(float(rng.uniform(-0.1, 0.1)), 3),
        shift_y=round(float(rng.uniform(-0.03, 0.07)), 3),
        occlusion=_pick(rng, (*OCCLUSIONS, "none")),
    )
    return Picture(f"queries/{product.id}-wild.jpg", product.look, shot, product.id)


def featured_product(shelf: Sequence[Product]) -> Product:
    """The one that examples search for: a bag, which has a shape of its own, where there is one."""
    return next((each for each in shelf if each.family is bags.FAMILY), shelf[0])


def featured_pictures(seed: int, product: Product) -> tuple[Picture, Picture]:
    """`queries/first.jpg`, a pleasant wild picture, and `queries/second.jpg`, another view."""
    family = product.family
    rng = _chance(seed, product.id, "featured")
    orientation: Orientation = "right" if product.look.cloth % 2 else "left"
    at_home = Shot(
        kind="wild",
        view=_turned(rng, family.front, 3.0),
        orientation=orientation,
        background="oak floor" if family.lies else "kitchen",
        light="daylight",
        accident=int(rng.integers(2**31)),
        scale=0.9,
        shift_y=0.03 if not family.lies else 0.0,
    )
    halfway = View(
        (family.front.turn + family.angle.turn) / 2,
        (family.front.tilt + family.angle.tilt) / 2,
        (family.front.roll + family.angle.roll) / 2,
    )
    on_white = Shot("studio", halfway, orientation, "warm white", "softbox", at_home.accident)
    return (
        Picture("queries/first.jpg", product.look, at_home, product.id),
        Picture("queries/second.jpg", product.look, on_white, product.id),
    )


def _product(seed: int, family: Family, place: int) -> Product:
    style = place // COLOURS_PER_STYLE
    rng = _chance(seed, family.category, "style", style)
    order = _chance(seed, family.category, "order")
    shapes, patterns, tones, brands = (
        [str(value) for value in order.permutation(values)]
        for values in (family.shapes, family.patterns, family.tones, family.brands)
    )
    # Shape and pattern step together; a lap of both shifts the pattern by one, so that no two
    # styles meet in both before every combination has been sold.
    lap = style // int(np.lcm(len(shapes), len(patterns)))
    look = Look(
        category=family.category,
        shape=shapes[style % len(shapes)],
        colour=tones[place % len(tones)],
        pattern=patterns[(style + lap) % len(patterns)],
        spacing=family.spacings[int(rng.integers(len(family.spacings)))],
        brand=brands[style % len(brands)],
        detail=family.details[(style + int(rng.integers(2))) % len(family.details)],
        label=_label(rng, family),
        cloth=int(rng.integers(2**31)),
    )
    series = SERIES[(style * 5 + len(family.category)) % len(SERIES)]
    title = f"{look.brand} {series} {look.shape}, {_in_words(look)}"
    price = round(float(rng.integers(*family.price)) + 0.9, 2)
    return Product(f"{family.noun}-{style + 1:02d}-{look.colour}", title, price, look)


def _in_words(look: Look) -> str:
    label = f"{look.label.content}, " if look.label else ""
    return f"{label}{look.pattern} {look.colour}"


def _label(rng: Generator, family: Family) -> Label | None:
    if not family.contents:
        return None
    return Label(_pick(rng, family.contents), _pick(rng, LANGUAGES), _pick(rng, family.sizes))


def _wild_view(rng: Generator, family: Family) -> View:
    base = family.front if rng.uniform() < 0.5 else family.angle
    turned = _turned(rng, base, 9.0)
    roll = turned.roll + float(rng.uniform(-25, 25) if family.lies else rng.uniform(-3, 3))
    return View(turned.turn, max(turned.tilt, 0.0 if family.lies else 4.0), round(roll, 1))


def _turned(rng: Generator, view: View, spread: float) -> View:
    return View(
        round(view.turn + float(rng.uniform(-spread, spread)), 1),
        round(max(0.0, view.tilt + float(rng.uniform(-spread, spread)) / 3), 1),
        view.roll,
    )


def _pick(rng: Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def _kind(name: str) -> Kind:
    return "studio" if name == "studio" else "angle"


def _chance(seed: int, name: str, purpose: str, number: int = 0) -> Generator:
    return np.random.default_rng([seed, number, *f"{name}/{purpose}".encode()])
