"""The pictures under trial: a sample that can be read, and what each becomes when it is changed."""

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalog.errors import CatalogError
from embedding.errors import PictureError
from embedding.images import DecodeLimits, decode, thumbnail_jpeg
from evaluation.errors import NothingToMeasure
from evaluation.pictures import Picture, PictureSet
from evaluation.robustness.background import white_border_mask
from evaluation.robustness.scenes import SIDE, Mask, Scene, scaled
from evaluation.robustness.transforms import VERSION, Change

KnownMask = Callable[[], Mask]


@dataclass(frozen=True)
class Subject:
    """A picture whose file can be read. `product` is "" where it is not known; `separable`: its
    thing can be told from its background; `known_mask`: how, if not by a near-white border."""

    picture: Picture
    product: str
    separable: bool
    limits: DecodeLimits
    known_mask: KnownMask | None = None

    def scene(self) -> Scene:
        """Raises PictureError, OSError, CatalogError if the file has changed meanwhile."""
        image = scaled(decode(self.picture.read(), limits=self.limits).image)
        return Scene(image, self.known_mask or (lambda: white_border_mask(image)))

    def original(self) -> Picture:
        """The picture at the size of the trial, without loss."""
        return self._made("original", lambda: self.scene().image)

    def example(self) -> Picture:
        """The same as a JPEG, as it might be uploaded."""
        return Picture(
            self.picture.name,
            self.picture.content_sha256,
            lambda: thumbnail_jpeg(self.scene().image, SIDE),
        )

    def changed(self, change: Change, seed: int) -> Picture:
        """What the transform makes of it. Chance is of the seed, the transform and the picture's
        content: at all strengths it has the same direction and place."""
        name, level = change.transform.name, change.level
        chance = f"{seed}/{name}/{self.picture.content_sha256}".encode()

        def draw() -> Image.Image:
            random = np.random.default_rng(list(hashlib.sha256(chance).digest()))
            return change.transform.apply(self.scene(), level.strength, random)

        return self._made(f"{name} {level.strength} {seed} {VERSION}", draw)

    def _made(self, recipe: str, draw: Callable[[], Image.Image]) -> Picture:
        # Named by what it is made from, so that a description that is kept needs no drawing.
        made_from = f"{self.picture.content_sha256} {SIDE} {recipe}"
        return Picture(
            self.picture.name,
            hashlib.sha256(made_from.encode()).hexdigest(),
            lambda: _lossless(draw()),
        )


@dataclass(frozen=True)
class Sample:
    """The subjects, at least two of different products, and the pictures that cannot be read."""

    source: str
    subjects: tuple[Subject, ...]
    unreadable: dict[str, str]

    def __post_init__(self) -> None:
        if not self.unrelated().any():
            raise NothingToMeasure(
                f"{self.source}: {len(self.subjects)} pictures that can be read, of one product. "
                "Scores need others to stand beside: give pictures of two products or more."
            )

    def unrelated(self) -> NDArray[np.bool_]:
        """(subjects, subjects): whether the two are of different products, as far as is known."""
        products = np.array([each.product for each in self.subjects])
        same = (products[:, np.newaxis] == products) & (products != "")
        unrelated: NDArray[np.bool_] = ~same & ~np.eye(len(products), dtype=np.bool_)
        return unrelated

    def groups(self) -> NDArray[np.int64]:
        """(subjects,): equal for pictures of one product, which fail together."""
        names = [each.product or f"\n{each.picture.name}" for each in self.subjects]
        return np.unique(names, return_inverse=True)[1].astype(np.int64)


def sample(
    pictures: PictureSet, *, limit: int, seed: int, limits: DecodeLimits, threads: int
) -> Sample:
    """Up to `limit` pictures of different content, drawn by `seed`; in the set's own order.

    Those that turn out to be unreadable are listed beside those the set lists. Raises
    NothingToMeasure.
    """
    distinct = {each.content_sha256: place for place, each in enumerate(pictures.pictures)}
    places = np.array(sorted(distinct.values()), dtype=np.int64)
    drawn = np.sort(np.random.default_rng(seed).permutation(places)[:limit]).tolist()
    products = pictures.labels.get("product_id")

    def read(place: int) -> Subject | str:
        picture = pictures.pictures[place]
        return _subject(picture, "" if products is None else products[place], limits)

    with ThreadPoolExecutor(threads, "sample") as pool:
        found = list(zip(drawn, pool.map(read, drawn), strict=True))
    return Sample(
        source=pictures.source,
        subjects=tuple(each for _, each in found if isinstance(each, Subject)),
        unreadable={
            **pictures.unreadable,
            **{
                pictures.pictures[place].name: each
                for place, each in found
                if isinstance(each, str)
            },
        },
    )


def separable(subjects: Sequence[Subject]) -> NDArray[np.bool_]:
    """(subjects,)"""
    return np.array([each.separable for each in subjects], dtype=np.bool_)


def _subject(picture: Picture, product: str, limits: DecodeLimits) -> Subject | str:
    try:
        image = scaled(decode(picture.read(), limits=limits).image)
    except (PictureError, CatalogError) as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
    return Subject(picture, product, white_border_mask(image) is not None, limits)


def _lossless(image: Image.Image) -> bytes:
    """As BMP, which costs next to nothing to write and to read."""
    content = io.BytesIO()
    image.save(content, "BMP")
    return content.getvalue()
