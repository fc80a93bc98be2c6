"""Printed artwork: brand marks, wordmarks and whole labels with text in four languages.

Set in the one scalable face that ships inside Pillow, which covers ASCII; weight and letter
spacing are drawn, and the translations are chosen to need no accents.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from demo.brands import BRANDS, Brand
from demo.model import Label
from demo.palette import INK, PAPER, Colour, Colourway, brightness, darker, lighter, mix
from demo.raster import OVERSAMPLING, Plane

LANGUAGES: Final = ("en", "it", "es", "nl")

CONTENTS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "olive": {
        "en": ("Olive Oil", "cold pressed"),
        "it": ("Olio d'Oliva", "spremuto a freddo"),
        "es": ("Aceite de Oliva", "prensado en frio"),
        "nl": ("Olijfolie", "koud geperst"),
    },
    "lemon": {
        "en": ("Lemon Soap", "for soft hands"),
        "it": ("Sapone al Limone", "per mani morbide"),
        "es": ("Crema de Limon", "para manos suaves"),
        "nl": ("Citroenzeep", "voor zachte handen"),
    },
    "lavender": {
        "en": ("Lavender Bath", "calm evenings"),
        "it": ("Bagno Lavanda", "sere tranquille"),
        "es": ("Agua de Lavanda", "noches de calma"),
        "nl": ("Lavendelbad", "rustige avonden"),
    },
    "tea": {
        "en": ("Mountain Tea", "whole leaves"),
        "it": ("Tisana di Monte", "foglie intere"),
        "es": ("Infusion Serrana", "hojas enteras"),
        "nl": ("Bergkruiden", "hele bladeren"),
    },
    "coffee": {
        "en": ("Dark Roast", "whole beans"),
        "it": ("Tostato Scuro", "in grani interi"),
        "es": ("Tueste Oscuro", "granos enteros"),
        "nl": ("Donker Gebrand", "hele bonen"),
    },
    "oats": {
        "en": ("Rolled Oats", "with honey"),
        "it": ("Fiocchi d'Avena", "con miele"),
        "es": ("Copos de Avena", "con miel"),
        "nl": ("Havervlokken", "met honing"),
    },
    "salt": {
        "en": ("Sea Salt", "hand raked"),
        "it": ("Sale Marino", "raccolto a mano"),
        "es": ("Sal Marina", "hecha a mano"),
        "nl": ("Zeezout", "met de hand"),
    },
    "rose": {
        "en": ("Rose Water", "fresh and light"),
        "it": ("Acqua di Rose", "fresca e leggera"),
        "es": ("Agua de Rosas", "fresca y ligera"),
        "nl": ("Rozenwater", "fris en licht"),
    },
}
"""Content -> language -> (name, line under it)."""


@dataclass(frozen=True)
class Inks:
    """Colours a label is printed in."""

    paper: Colour
    ink: Colour
    band: Colour


def inks_on(colours: Colourway, *, pale: bool) -> Inks:
    """Label inks that suit a colourway: on pale paper, or on the colour itself."""
    if pale:
        band = colours.main if brightness(colours.main) < 0.58 else darker(colours.main, 0.36)
        return Inks(PAPER, mix(INK, band, 0.25), band)
    ink = lighter(colours.main, 0.92) if brightness(colours.main) < 0.6 else INK
    reads = abs(brightness(colours.accent) - brightness(colours.main)) > 0.3
    return Inks(colours.main, ink, colours.accent if reads else ink)


def ink_for(colour: Colour) -> Colour:
    """Dark or light print, whichever reads on the colour."""
    return mix(PAPER, colour, 0.06) if brightness(colour) < 0.6 else darker(colour, 0.78)


def mark(brand_name: str, pixels: int, ink: Colour) -> Plane:
    """The brand's logo alone: (pixels, pixels, 4) float32, not premultiplied."""
    return _printed(_mark_stencil(BRANDS[brand_name], pixels), ink)


def wordmark(brand_name: str, pixels: int, ink: Colour) -> Plane:
    """The brand's name as it sets it, `pixels` wide: (height, width, 4) float32."""
    brand = BRANDS[brand_name]
    stencil = _line(brand.wordmark, pixels, pixels // 4, spaced=brand.spaced, heavy=brand.heavy)
    box = stencil.getbbox()
    return _printed(stencil.crop(box) if box else stencil, ink)


def emblem(brand_name: str, pixels: int, ink: Colour) -> Plane:
    """Mark above wordmark in a square: (pixels, pixels, 4) float32."""
    brand = BRANDS[brand_name]
    sheet = Image.new("L", (pixels, pixels))
    size = round(pixels * 0.56)
    sheet.paste(_mark_stencil(brand, size), ((pixels - size) // 2, round(pixels * 0.04)))
    line = _line(
        brand.wordmark, pixels, round(pixels * 0.26), spaced=brand.spaced, heavy=brand.heavy
    )
    sheet.paste(line, (0, round(pixels * 0.68)))
    return _printed(sheet, ink)


def label(brand_name: str, text: Label, inks: Inks, width: int, height: int) -> Plane:
    """A whole label, opaque: (height, width, 4) float32 in the brand's own layout."""
    brand = BRANDS[brand_name]
    name, under = CONTENTS[text.content][text.language]
    sheet = _Sheet(width, height, inks)
    if brand.layout == "band":
        sheet.block(0.0, 0.0, 1.0, 0.3, inks.band)
        sheet.word(brand, 0.06, 0.06, 0.94, 0.24, ink_for(inks.band))
        sheet.mark(brand, 0.5, 0.47, 0.22, inks.band)
        sheet.text(name, 0.06, 0.62, 0.94, 0.77, inks.ink, heavy=True)
        sheet.text(under, 0.16, 0.785, 0.84, 0.86, inks.ink)
        sheet.text(text.size, 0.3, 0.9, 0.7, 0.97, inks.ink)
    elif brand.layout == "crest":
        sheet.mark(brand, 0.5, 0.22, 0.3, inks.band)
        sheet.word(brand, 0.1, 0.4, 0.9, 0.52, inks.ink)
        sheet.block(0.3, 0.56, 0.7, 0.568, inks.ink)
        sheet.text(name, 0.06, 0.6, 0.94, 0.74, inks.band, heavy=True)
        sheet.text(under, 0.14, 0.76, 0.86, 0.84, inks.ink)
        sheet.text(text.size, 0.32, 0.89, 0.68, 0.96, inks.ink)
    elif brand.layout == "split":
        sheet.block(0.0, 0.56, 1.0, 1.0, inks.band)
        sheet.mark(brand, 0.5, 0.19, 0.26, inks.band)
        sheet.word(brand, 0.08, 0.35, 0.92, 0.5, inks.ink)
        on_band = ink_for(inks.band)
        sheet.text(name, 0.06, 0.62, 0.94, 0.77, on_band, heavy=True)
        sheet.text(under, 0.14, 0.79, 0.86, 0.86, on_band)
        sheet.text(text.size, 0.3, 0.9, 0.7, 0.97, on_band)
    else:
        sheet.frame(0.035, inks.band)
        sheet.word(brand, 0.12, 0.09, 0.88, 0.2, inks.ink)
        sheet.disc(0.5, 0.42, 0.19, inks.band)
        sheet.mark(brand, 0.5, 0.42, 0.21, ink_for(inks.band))
        sheet.text(name, 0.1, 0.63, 0.9, 0.75, inks.ink, heavy=True)
        sheet.text(under, 0.16, 0.765, 0.84, 0.835, inks.ink)
        sheet.text(text.size, 0.32, 0.86, 0.68, 0.925, inks.band)
    return sheet.artwork()


class _Sheet:
    """A label being printed, laid out in fractions of its width and height."""

    def __init__(self, width: int, height: int, inks: Inks) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width, height), _eight_bit(inks.paper))
        self.draw = ImageDraw.Draw(self.image)

    def block(self, left: float, top: float, right: float, bottom: float, ink: Colour) -> None:
        box = (left * self.width, top * self.height, right * self.width, bottom * self.height)
        self.draw.rectangle(box, fill=_eight_bit(ink))

    def frame(self, inset: float, ink: Colour) -> None:
        gap = inset * min(self.width, self.height)
        box = (gap, gap, self.width - 1 - gap, self.height - 1 - gap)
        self.draw.rectangle(box, outline=_eight_bit(ink), width=max(1, round(gap * 0.5)))

    def disc(self, x: float, y: float, radius: float, ink: Colour) -> None:
        reach = radius * min(self.width, self.height)
        size = round(2 * reach)
        stencil = Image.new("L", (size * OVERSAMPLING,) * 2)
        ImageDraw.Draw(stencil).ellipse((0, 0, *(side - 1 for side in stencil.size)), fill=255)
        self._stamp(stencil.reduce(OVERSAMPLING), x, y, ink)

    def mark(self, brand: Brand, x: float, y: float, size: float, ink: Colour) -> None:
        pixels = round(size * min(self.width, self.height * 1.15))
        self._stamp(_mark_stencil(brand, pixels), x, y, ink)

    def word(
        self, brand: Brand, left: float, top: float, right: float, bottom: float, ink: Colour
    ) -> None:
        wide, tall = round((right - left) * self.width), round((bottom - top) * self.height)
        stencil = _line(brand.wordmark, wide, tall, spaced=brand.spaced, heavy=brand.heavy)
        self._stamp(stencil, (left + right) / 2, (top + bottom) / 2, ink)

    def text(
        self,
        words: str,
        left: float,
        top: float,
        right: float,
        bottom: float,
        ink: Colour,
        *,
        heavy: bool = False,
    ) -> None:
        wide, tall = round((right - left) * self.width), round((bottom - top) * self.height)
        stencil = _line(words, wide, tall, heavy=heavy)
        self._stamp(stencil, (left + right) / 2, (top + bottom) / 2, ink)

    def artwork(self) -> Plane:
        printed = np.asarray(self.image, np.float32) / 255.0
        return np.dstack([printed, np.ones(printed.shape[:2], np.float32)])

    def _stamp(self, stencil: Image.Image, x: float, y: float, ink: Colour) -> None:
        corner = (
            round(x * self.width - stencil.width / 2),
            round(y * self.height - stencil.height / 2),
        )
        self.image.paste(_eight_bit(ink), (*corner,), stencil)


def _line(
    words: str, width: int, height: int, *, spaced: float = 0.0, heavy: bool = False
) -> Image.Image:
    """One line of text, as large as fits into width x height, centred: an "L" stencil."""
    drawn = max(8, round(height * 0.92))
    font = ImageFont.load_default(size=drawn)
    stroke = drawn * 0.035 if heavy else 0.0
    gap = spaced * drawn
    total = sum(font.getlength(letter) + gap for letter in words) - gap + 2 * stroke
    if total > width:
        drawn = max(5, int(drawn * width / total))
        font = ImageFont.load_default(size=drawn)
        stroke = drawn * 0.035 if heavy else 0.0
        gap = spaced * drawn
        total = sum(font.getlength(letter) + gap for letter in words) - gap + 2 * stroke
    stencil = Image.new("L", (max(1, width), max(1, height)))
    draw = ImageDraw.Draw(stencil)
    x = (width - total) / 2 + stroke
    for letter in words:
        draw.text((x, height / 2), letter, fill=255, font=font, anchor="lm", stroke_width=stroke)
        x += font.getlength(letter) + gap
    return stencil


def _mark_stencil(brand: Brand, pixels: int) -> Image.Image:
    large = max(1, pixels) * OVERSAMPLING
    stencil = Image.new("1", (large, large))
    for outline in brand.mark():
        part = Image.new("1", (large, large))
        ImageDraw.Draw(part).polygon([(float(x), float(y)) for x, y in outline * large], fill=1)
        stencil = ImageChops.logical_xor(stencil, part)
    return stencil.convert("L").reduce(OVERSAMPLING)


def _printed(stencil: Image.Image, ink: Colour) -> Plane:
    coverage = np.asarray(stencil, np.float32) / 255.0
    colour = np.broadcast_to(np.array(ink, np.float32), (*coverage.shape, 3))
    return np.dstack([colour, coverage])


def _eight_bit(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (round(255 * channel) for channel in colour)
    return red, green, blue
