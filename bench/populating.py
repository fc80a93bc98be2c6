"""Large homes in little time: embedded pictures, varied as vectors, stored by the product."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.collections import Collections
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import ImageInput, ProductFields, ProductInput
from demo.render import render_catalogue
from embedding.embedder import Embedder
from embedding.images import DecodeLimits
from ingestion.pictures import ReadyPicture, ready_picture
from retrieval.assembly import assemble
from retrieval.home import Home
from retrieval.settings import EngineSettings

SEEDS = 2_000
"""At most this many pictures are embedded, evenly spread over those given."""
_NEIGHBOURS = 16
_AT_ONCE = 2_000
_CATEGORIES = ("shoes", "shirts", "bags", "chairs", "lamps", "mugs", "rugs", "hats")
_COLOURS = ("red", "blue", "green", "black")


def catalogue_of(
    home: Path, model: str, count: int, pictures: Sequence[Path] = (), *, seed: int = 0
) -> Path:
    """A home whose default collection holds `count` products with a picture each, released.

    Some of `pictures`, else those of the demo (rendered beside the home), are embedded by
    `model`, which must be installed in the home. Every vector is one of theirs moved by the
    difference of two of its near neighbours, so that neighbourhoods are as dense, and spread in
    the same directions, as real ones; white noise would be neither. Each product shows the picture
    its vector came from. Made once: a home that holds `count` products already is left as it is.

    Attributes to filter by: `category` (eight alike), `price` (0 to 100, evenly) and the attribute
    `rank` (0 to 99, evenly), so that {"rank": {"lt": 10}} keeps about a tenth.
    """
    settings = EngineSettings(home=home, model=model)
    with Home(settings) as opened:
        collection = opened.ensure_collection(settings.collection, model)
        with opened.database.read() as connection:
            if Products(connection).count(collection.id) == count:
                return home
        embedder = opened.models.get(model)
        files = _spread(pictures or _demo_pictures(home))
        seeds = _ready(files, embedder, opened.limits, opened.pictures)
        vectors = embedder.embed_prepared([each.prepared for each in seeds])
        near = _neighbours(vectors)
        chance = np.random.default_rng(seed)
        for start in range(0, count, _AT_ONCE):
            numbers = np.arange(start, min(count, start + _AT_ONCE))
            varied = _varied(vectors, near, numbers, chance)
            with opened.database.write() as connection:
                locked = Collections(connection).locked(
                    settings.collection, model_fingerprint=embedder.card.fingerprint
                )
                Products(connection).upsert(
                    locked,
                    [
                        _product(number, seeds[number % len(seeds)], vector)
                        for number, vector in zip(numbers.tolist(), varied, strict=True)
                    ],
                )
        assemble(opened).publisher.publish(settings.collection, embedder.card)
    return home


def _neighbours(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Places of the nearest others of each, int64 (n, 16 or what there is)."""
    return np.argsort(-(vectors @ vectors.T), axis=1)[:, 1 : 1 + _NEIGHBOURS]


def _varied(
    vectors: NDArray[np.float32],
    near: NDArray[np.int64],
    numbers: NDArray[np.int64],
    chance: np.random.Generator,
) -> NDArray[np.float32]:
    """Unit vectors float32 (len(numbers), dimension) around vector `number % n`; the first n are
    those of the pictures themselves."""
    origins = numbers % len(vectors)
    towards, away = (
        near[origins, chance.integers(near.shape[1], size=len(numbers))] for _ in range(2)
    )
    strength = chance.uniform(0.2, 1.0, size=len(numbers)).astype(np.float32)
    strength[numbers < len(vectors)] = 0.0
    moved = vectors[origins] + strength[:, np.newaxis] * (vectors[towards] - vectors[away])
    unit: NDArray[np.float32] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return unit


def _product(number: int, picture: ReadyPicture, vector: NDArray[np.float32]) -> ProductInput:
    facts = random.Random(number)
    return ProductInput(
        ProductFields(
            external_id=f"p{number:07d}",
            title=f"Product {number} of the measured catalogue",
            url=f"https://shop.example/products/{number}",
            category=facts.choice(_CATEGORIES),
            price=round(facts.uniform(0, 100), 2),
            attributes={"rank": facts.randrange(100), "colour": facts.choice(_COLOURS)},
        ),
        (
            ImageInput(
                content_sha256=picture.content_sha256,
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
                vector=vector,
            ),
        ),
    )


def _ready(
    files: Sequence[Path], embedder: Embedder, limits: DecodeLimits, pictures: PictureFolder
) -> list[ReadyPicture]:
    ready = (
        ready_picture(
            path.read_bytes(),
            source=None,
            embedder=embedder,
            limits=limits,
            is_known=_nothing,
            keep=pictures.keep,
        )
        for path in files
    )
    return [each for each in ready if isinstance(each, ReadyPicture)]


def _nothing(content_sha256: str) -> bool:
    del content_sha256
    return False


def _spread(files: Sequence[Path]) -> Sequence[Path]:
    return files[:: -(-len(files) // SEEDS)]


def _demo_pictures(home: Path) -> Sequence[Path]:
    demo = home.parent / "demo"
    render_catalogue(demo)
    return sorted((demo / "pictures").glob("*.jpg"))
