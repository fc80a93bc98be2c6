"""What can be audited: a collection of the home, or a folder of pictures."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.embeddings import Embeddings
from catalog.products import Products
from catalog.records import ProductRecord
from embedding.errors import PictureError
from embedding.images import decode
from retrieval.assembly import assemble
from retrieval.batching import BatchingEmbedder
from retrieval.duplicates.listing import ListedPicture, Listing, Nearest
from retrieval.errors import QueryInvalid
from retrieval.home import Home
from vector_index.exact import ExactIndex

Advance = Callable[[int], None]

_PAGE = 1000
_EMBEDDED_AT_ONCE = 32


def collection_listing(home: Home, name: str) -> Listing:
    """Every picture of a collection; its neighbours come from the index that searches it.

    Stored vectors are read when they are asked for, so that they need not fit into memory.
    Raises CollectionUnknown, ModelError, ModelMismatch, QueryInvalid when it is empty.
    """
    served = assemble(home).follower.served(name)
    with home.database.read() as connection:
        products = list(_products(Products(connection), served.collection_id))
    shown = [(product, image) for product in products for image in product.images]
    if not shown:
        raise QueryInvalid(
            f"Collection {name!r} has no pictures to audit. Index some: likeness index SOURCE "
            f"--collection {name}"
        )
    image_ids = np.array([image.id for _, image in shown], np.int64)
    order = np.argsort(image_ids)

    def nearest(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        wanted = image_ids[places].tolist()
        with home.database.read() as connection:
            stored = Embeddings(connection).of_images(wanted, served.embedder.card.fingerprint)
        # A picture that was deleted meanwhile has no neighbours.
        rows = [row for row, image_id in enumerate(wanted) if image_id in stored]
        found = np.full((len(wanted), count), -1, np.int64)
        if rows:
            vectors = np.stack([stored[wanted[row]] for row in rows])
            ids, _ = served.index.nearest(served.balance.queries(vectors), count)
            # Nor is one that came meanwhile anybody's neighbour.
            at = np.minimum(np.searchsorted(image_ids[order], ids), len(order) - 1)
            found[rows] = np.where(image_ids[order][at] == ids, order[at], -1)
        return found

    return Listing(
        source=f"collection {name}",
        pictures=tuple(
            ListedPicture(
                name=f"{product.external_id} #{image.position + 1}",
                content_sha256=image.content_sha256,
                width=image.width,
                height=image.height,
                read=partial(home.pictures.read, image.content_sha256),
                product_id=product.external_id,
                position=image.position,
                file_bytes=home.pictures.size(image.content_sha256),
            )
            for product, image in shown
        ),
        nearest=nearest,
    )


def folder_listing(
    root: Path, home: Home, *, threads: int, step: Callable[[str, int], Advance]
) -> Listing:
    """Every picture below a folder, hidden files aside, embedded by the default model.

    Files that are no pictures are left out and said. Raises QueryInvalid when none is left, or
    `root` is no folder; ModelError.
    """
    if not root.is_dir():
        raise QueryInvalid(f"{root} is no folder. Name a folder of pictures, or none at all.")
    files = sorted(path for path in root.rglob("*") if _is_visible_file(path, root))
    return files_listing(
        str(root),
        [(_printable(path.relative_to(root)), path) for path in files],
        home,
        threads=threads,
        step=step,
    )


def files_listing(
    source: str,
    named: list[tuple[str, Path]],
    home: Home,
    *,
    threads: int,
    step: Callable[[str, int], Advance],
) -> Listing:
    """(name, path) of files -> the listing of those that are pictures; raises likewise."""
    embedder = home.models.get(home.settings.model)
    told = step("embedding", len(named))
    pictures: list[ListedPicture] = []
    vectors: list[NDArray[np.float32]] = []
    unreadable: dict[str, str] = {}
    waiting = iter(named)
    with ThreadPoolExecutor(threads, "embed") as pool:
        while some := list(islice(waiting, _EMBEDDED_AT_ONCE)):
            ready = []
            for (name, _), found in zip(
                some, pool.map(partial(_prepared, home, embedder), some), strict=True
            ):
                if isinstance(found, str):
                    unreadable[name] = found
                else:
                    pictures.append(found[0])
                    ready.append(found[1])
            if ready:
                vectors.append(embedder.embed_prepared(ready))
            told(len(some))
    if not pictures:
        reason = next((f" The first: {name}: {why}" for name, why in unreadable.items()), "")
        raise QueryInvalid(f"{source} holds no picture that can be read.{reason}")
    return Listing(source, tuple(pictures), nearest_of(np.concatenate(vectors)), unreadable)


def nearest_of(vectors: NDArray[np.float32]) -> Nearest:
    """Neighbours among vectors float32 (pictures, dimension), unit length, in their order."""
    index = ExactIndex.build(np.arange(len(vectors), dtype=np.int64), vectors)
    return lambda places, count: index.nearest(vectors[places], count)[0]


def _prepared(
    home: Home, embedder: BatchingEmbedder, named: tuple[str, Path]
) -> tuple[ListedPicture, NDArray[np.generic]] | str:
    """The picture and the model's input; or why it cannot be one."""
    name, path = named
    try:
        if path.stat().st_size > home.limits.max_bytes:
            return f"It has more than {home.limits.max_bytes:,} bytes (LIKENESS_PICTURE_MAX_BYTES)."
        content = path.read_bytes()
        decoded = decode(content, limits=home.limits, target_side=embedder.target_side)
    except PictureError as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
    sha256 = hashlib.sha256(content).hexdigest()
    picture = ListedPicture(
        name,
        sha256,
        decoded.width,
        decoded.height,
        path.read_bytes,
        file_bytes=len(content),
    )
    return picture, embedder.prepare(decoded.image)


def _printable(path: Path) -> str:
    """A name that every terminal takes: bytes that are no UTF-8 are written escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_visible_file(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and path.is_file()


def _products(products: Products, collection_id: int) -> Iterator[ProductRecord]:
    offset = 0
    while page := products.page(collection_id, limit=_PAGE, offset=offset):
        yield from page
        offset += len(page)
