"""Pairs of pictures that differ in exactly one known thing, for trials of what a thing costs.

The effects are those of S4's trials with one changed characteristic (docs/sources.md): the
second picture of a pair is the first with one factor replaced, down to the same cloth and light.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from demo.brands import BRANDS
from demo.catalogue import FAMILIES, Picture
from demo.labels import LANGUAGES
from demo.model import Label, Look, Orientation, Shot
from demo.shapes.family import Family

PAIRS_PER_EFFECT: Final = 6


@dataclass(frozen=True)
class Pair:
    """Two pictures and the one factor in which they differ.

    `effect` is what a trial calls it; `factor` is its name among the pictures' factors.
    """

    effect: str
    factor: str
    first: Picture
    second: Picture

    def __post_init__(self) -> None:
        one, other = self.first.factors(), self.second.factors()
        changed = [name for name in one if one[name] != other[name]]
        if changed != [self.factor] or self.first.shot.accident != self.second.shot.accident:
            raise ValueError(f"a {self.effect} pair changes {self.factor}, not {changed}")


Change = Callable[[Generator, Family, Look, Shot], tuple[Look, Shot]]


@dataclass(frozen=True)
class Effect:
    """One changed characteristic: which factor, on which product types, and how it changes."""

    name: str
    factor: str
    categories: tuple[str, ...]
    change: Change


def plan_pairs(seed: int, per_effect: int = PAIRS_PER_EFFECT) -> tuple[Pair, ...]:
    """So many pairs for each of `EFFECTS`, in order; more of them begin with the fewer."""
    return tuple(_pair(seed, effect, number) for effect in EFFECTS for number in range(per_effect))


def _pair(seed: int, effect: Effect, number: int) -> Pair:
    rng = np.random.default_rng([seed, number, *f"pair/{effect.name}".encode()])
    family = FAMILIES[effect.categories[number % len(effect.categories)]]
    look, shot = _subject(rng, family, number)
    if effect.factor == "pattern_spacing" and look.pattern == "plain":
        look = replace(look, pattern=next(name for name in family.patterns if name != "plain"))
    if effect.factor == "pattern_spacing":
        look = replace(look, spacing=family.spacings[0])
    other_look, other_shot = effect.change(rng, family, look, shot)
    name = f"pairs/{effect.name.replace(' ', '-')}-{number + 1}"
    return Pair(
        effect.name,
        effect.factor,
        Picture(f"{name}-a.jpg", look, shot, None),
        Picture(f"{name}-b.jpg", other_look, other_shot, None),
    )


def _subject(rng: Generator, family: Family, number: int) -> tuple[Look, Shot]:
    label = None
    if family.contents:
        label = Label(
            _other(rng, family.contents), _other(rng, LANGUAGES), _other(rng, family.sizes)
        )
    look = Look(
        category=family.category,
        shape=family.shapes[(number // 2) % len(family.shapes)],
        colour=_other(rng, family.tones),
        pattern=_other(rng, family.patterns),
        spacing=family.spacings[1],
        brand=_other(rng, family.brands),
        detail=_other(rng, family.details),
        label=label,
        cloth=int(rng.integers(2**31)),
    )
    shot = Shot("studio", family.front, "right", "white", "softbox", int(rng.integers(2**31)))
    return look, shot


def _colour(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    return replace(look, colour=_other(rng, family.tones, look.colour)), shot


def _spacing(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    del rng
    return replace(look, spacing=family.spacings[-1]), shot


def _view(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    del rng
    return look, replace(shot, view=family.angle)


def _orientation(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    del rng, family
    turned: Orientation = "left" if shot.orientation == "right" else "right"
    return look, replace(shot, orientation=turned)


def _detail(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    return replace(look, detail=_other(rng, family.details, look.detail)), shot


def _language(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    del family
    label = _printed(look)
    language = _other(rng, LANGUAGES, label.language)
    return replace(look, label=replace(label, language=language)), shot


def _content(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    label = _printed(look)
    content = _other(rng, family.contents, label.content)
    return replace(look, label=replace(label, content=content)), shot


def _size(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    label = _printed(look)
    return replace(look, label=replace(label, size=_other(rng, family.sizes, label.size))), shot


def _logo(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    """Another mark and name in the same layout, so that nothing else of the label moves."""
    del family
    layout = BRANDS[look.brand].layout
    rivals = tuple(name for name, brand in BRANDS.items() if brand.layout == layout)
    return replace(look, brand=_other(rng, rivals, look.brand)), shot


def _shape(rng: Generator, family: Family, look: Look, shot: Shot) -> tuple[Look, Shot]:
    return replace(look, shape=_other(rng, family.shapes, look.shape)), shot


_PRINTED: Final = ("bottles", "boxes", "jars")

EFFECTS: Final = (
    Effect("colour", "colour", ("mugs", "shirts", "bottles", "bags", "lamps", "shoes"), _colour),
    Effect(
        "pattern spacing",
        "pattern_spacing",
        ("mugs", "shirts", "rugs", "cushions", "vases", "bags"),
        _spacing,
    ),
    Effect("view", "view", ("mugs", "boxes", "bottles", "chairs", "shoes", "bags"), _view),
    Effect(
        "orientation", "orientation", ("shoes", "mugs", "hats", "chairs", "boxes"), _orientation
    ),
    Effect("packaging detail", "packaging_detail", _PRINTED, _detail),
    Effect("label language", "label_language", _PRINTED, _language),
    Effect("label content", "label_content", _PRINTED, _content),
    Effect("logo", "logo", _PRINTED, _logo),
    Effect("size text", "size_text", _PRINTED, _size),
    Effect("container shape", "shape", ("bottles", "jars", "boxes"), _shape),
)


def _printed(look: Look) -> Label:
    if look.label is None:
        raise ValueError(f"{look.category} carry no label to change")
    return look.label


def _other(rng: Generator, values: tuple[str, ...], than: str | None = None) -> str:
    choice = [value for value in values if value != than]
    return choice[int(rng.integers(len(choice)))]
