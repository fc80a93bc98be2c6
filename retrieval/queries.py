"""What can be asked with: a picture, or a product of the catalogue."""

from dataclasses import dataclass

from embedding.regions import Region


@dataclass(frozen=True)
class PictureQuery:
    """The bytes of a picture file, as they came; and what is asked with of it, None for all."""

    content: bytes
    region: Region | None = None


@dataclass(frozen=True)
class ProductQuery:
    """A product of the searched collection, by the shop's own id."""

    product_id: str


Query = PictureQuery | ProductQuery
