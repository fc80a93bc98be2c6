"""A handful of drawn pictures on which a model is tried before it is believed."""

import numpy as np
from PIL import Image, ImageDraw

_SIDE = 480


def check_pictures() -> list[Image.Image]:
    """Six RGB pictures that look like photographs of things: smooth light, edges, texture.

    The same on every call. Random noise alone would not do: it excites a trained network
    unlike any picture, and hides errors that only show on smooth areas.
    """
    return [
        _product("#b3202a", "#f4f4f2", stripes=14),
        _product("#1d4f91", "#ffffff", stripes=0),
        _product("#e7c74e", "#3b3b3b", stripes=40),
        _shaded_ball(),
        _texture(period=9.0),
        _texture(period=31.0),
    ]


def _product(colour: str, background: str, *, stripes: int) -> Image.Image:
    """A bottle with a label, in front of a plain wall."""
    picture = Image.new("RGB", (_SIDE, _SIDE), background)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((150, 130, 330, 450), radius=40, fill=colour)
    draw.rectangle((210, 40, 270, 140), fill=colour)
    draw.rectangle((165, 230, 315, 370), fill="#fafafa", outline="#202020", width=3)
    for step in range(stripes):
        y = 240 + step * 120 // max(1, stripes)
        draw.line((175, y, 305, y), fill="#202020", width=2)
    return picture


def _shaded_ball() -> Image.Image:
    """A ball lit from the upper left, with soft shading in every channel."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE * 2 - 1
    depth = np.sqrt(np.clip(0.7 - x**2 - y**2, 0, None))
    light = np.clip(0.3 - 0.5 * x - 0.6 * y + 0.7 * depth, 0, 1)
    rgb = np.stack([light, 0.7 * light, 0.9 - 0.5 * light], axis=-1)
    return Image.fromarray(np.round(rgb * 255).astype(np.uint8))


def _texture(*, period: float) -> Image.Image:
    """Woven cloth of the given period, in pixels."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] * (2 * np.pi / period)
    weave = 0.5 + 0.25 * np.sin(x) + 0.25 * np.sin(y + 0.4 * x)
    rgb = np.stack([weave, 0.4 + 0.4 * weave, 0.8 - 0.5 * weave], axis=-1)
    return Image.fromarray(np.round(rgb * 255).astype(np.uint8))
