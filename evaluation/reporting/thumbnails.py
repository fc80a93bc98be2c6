"""A picture within a page of one file."""

import base64
from html import escape
from typing import Protocol

from catalog.errors import CatalogError
from embedding.errors import PictureError
from embedding.images import decode, thumbnail_jpeg


class Shown(Protocol):
    """A picture that can be read; `name` is told where it cannot be seen."""

    @property
    def name(self) -> str: ...

    def read(self) -> bytes: ...


def picture_html(picture: Shown, side: int) -> str:
    """At most `side` pixels wide and high, or why it cannot be shown."""
    try:
        image = decode(picture.read(), target_side=side).image
    except (PictureError, CatalogError, OSError) as error:
        return f'<div class="gone">{escape(str(error))}</div>'
    content = base64.b64encode(thumbnail_jpeg(image, side)).decode()
    return f'<img alt="{escape(picture.name)}" src="data:image/jpeg;base64,{content}">'
