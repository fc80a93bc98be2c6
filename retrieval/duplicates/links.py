"""From pictures to links between copies: candidates first, then pixel by pixel."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from catalog.errors import CatalogError
from embedding.copies.sketch import LAYOUT_LENGTH, Sketch, sketched_file
from embedding.copies.verdict import Kind, Verdict, verdict_on
from embedding.errors import PictureError
from embedding.images import DecodeLimits
from retrieval.caching import RecentValues
from retrieval.duplicates.listing import ListedPicture, Listing, Nearest
from vector_index.exact import ExactIndex

NEIGHBOURS = 10
"""Pictures most like each under the model that are looked at closely."""

LAYOUT_NEIGHBOURS = 5
"""And those of the most similar layout, and as many again for the picture seen in a mirror."""

SKETCHES_REMEMBERED = 2048
"""Of 83 kB at most, and 68 kB more once seen in a mirror: 310 MB at the very most, a third of it
usually."""

_AT_ONCE = 256
_FAR = 2**31

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Link:
    """Two pictures, by their places in the listing, `first` < `second`, of which one is a copy of
    the other; `confidence` is the probability that it is (see `embedding.copies.verdict`)."""

    first: int
    second: int
    kind: Kind
    confidence: float


class Sketches:
    """Sketches of a listing's pictures, remembered for a while; safe to use from many threads."""

    def __init__(self, pictures: Sequence[ListedPicture], limits: DecodeLimits) -> None:
        self._pictures = pictures
        self._limits = limits
        self._remembered: RecentValues[str, Sketch] = RecentValues(SKETCHES_REMEMBERED)

    def of(self, place: int) -> Sketch:
        """Raises PictureError, CatalogError, OSError."""
        picture = self._pictures[place]
        return self._remembered.get(
            picture.content_sha256, lambda: sketched_file(picture.read(), self._limits)
        )


@dataclass(frozen=True)
class Found:
    """`links`, the surest first; `compared`: how many pairs were looked at closely; `unreadable`:
    name -> why it was left out."""

    links: tuple[Link, ...]
    compared: int
    unreadable: dict[str, str]


def find_links(
    listing: Listing,
    limits: DecodeLimits,
    *,
    between_products_only: bool,
    least_confidence: float,
    threads: int,
    step: Callable[[str, int], Advance],
) -> Found:
    """All links of a listing that are at least as sure as `least_confidence`.

    `step(name, total)` is told of each step, and what it answers of the progress. Pictures that
    cannot be read, or are gone meanwhile, are left out and said. Memory: some hundred bytes a
    picture and pair, and SKETCHES_REMEMBERED.
    """
    catalogue = _Contents(listing.pictures, between_products_only)
    sketches = Sketches(listing.pictures, limits)
    pool = ThreadPoolExecutor(threads, "duplicates")
    try:
        seen = _seen(catalogue.places, sketches, pool, step("sketching", len(catalogue.places)))
        pairs = [each for each in _candidates(seen, listing.nearest) if catalogue.counts(*each)]
        told = step("comparing", len(pairs))
        links = list(catalogue.same_bytes())
        waiting = iter(pairs)
        while some := list(islice(waiting, _AT_ONCE)):
            verdicts = pool.map(lambda pair: _verdict(pair, listing.pictures, sketches), some)
            for pair, found in zip(some, verdicts, strict=True):
                if found is not None and found.confidence >= least_confidence:
                    links.append(catalogue.link(*pair, found))
            told(len(some))
    finally:
        pool.shutdown(cancel_futures=True)
    links.sort(key=lambda link: (-link.confidence, link.first, link.second))
    return Found(
        tuple(links),
        len(pairs),
        {listing.pictures[place].name: why for place, why in seen.unreadable.items()},
    )


class _Contents:
    """Where each content is listed: one listing of it is looked at, its links hold for all."""

    def __init__(self, pictures: Sequence[ListedPicture], between_products_only: bool) -> None:
        self._pictures = pictures
        self._between_products_only = between_products_only
        self._listed: dict[str, list[int]] = defaultdict(list)
        for place, picture in enumerate(pictures):
            self._listed[picture.content_sha256].append(place)
        self.places = [places[0] for places in self._listed.values()]

    def counts(self, first: int, second: int) -> bool:
        """Whether a link between two contents would be one that is asked for."""
        return next(self._pairs(first, second), None) is not None

    def link(self, first: int, second: int, found: Verdict) -> Link:
        """Between one listing of each content that `counts`: those of one content are linked
        among themselves, so that the rest follows."""
        one, other = next(self._pairs(first, second))
        return Link(min(one, other), max(one, other), found.kind, found.confidence)

    def same_bytes(self) -> Iterator[Link]:
        for places in self._listed.values():
            for one, other in pairwise(places):
                if self._is_asked_for(one, other):
                    yield Link(one, other, "same bytes", 1.0)

    def _pairs(self, first: int, second: int) -> Iterator[tuple[int, int]]:
        ones, others = (
            self._listed[self._pictures[place].content_sha256] for place in (first, second)
        )
        for one in ones:
            for other in others:
                if self._is_asked_for(one, other):
                    yield one, other

    def _is_asked_for(self, one: int, other: int) -> bool:
        owner = self._pictures[one].product_id
        return (
            not self._between_products_only
            or owner is None
            or owner != self._pictures[other].product_id
        )


@dataclass(frozen=True)
class _Seen:
    """Pictures that could be sketched: their `places`, and row by row the layouts of each."""

    places: NDArray[np.int64]
    layouts: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    unreadable: dict[int, str]


def _seen(
    places: Sequence[int], sketches: Sketches, pool: ThreadPoolExecutor, told: Advance
) -> _Seen:
    layouts = np.empty((len(places), LAYOUT_LENGTH), np.float32)
    mirrored = np.empty_like(layouts)
    unreadable: dict[int, str] = {}
    kept: list[int] = []
    waiting = iter(places)
    while some := list(islice(waiting, _AT_ONCE)):
        for place, found in zip(some, pool.map(partial(_layouts, sketches), some), strict=True):
            if isinstance(found, str):
                unreadable[place] = found
            else:
                layouts[len(kept)], mirrored[len(kept)] = found
                kept.append(place)
        told(len(some))
    count = len(kept)
    return _Seen(np.array(kept, np.int64), layouts[:count], mirrored[:count], unreadable)


def _layouts(
    sketches: Sketches, place: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | str:
    """As it is and mirrored; or why the picture cannot be read."""
    try:
        sketch = sketches.of(place)
    except (PictureError, CatalogError) as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
    return sketch.layout, sketch.mirrored.layout


def _candidates(seen: _Seen, nearest: Nearest) -> list[tuple[int, int]]:
    """Pairs of places, first < second, in order: neighbours under the model, or by layout."""
    by_layout = ExactIndex.build(np.arange(len(seen.places)), seen.layouts)
    coded: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    readable = np.zeros(int(seen.places.max(initial=-1)) + 1, np.bool_)
    readable[seen.places] = True
    for start in range(0, len(seen.places), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        own = seen.places[rows]
        found = [nearest(own, NEIGHBOURS + 1)]
        for queries in (seen.layouts[rows], seen.mirrored[rows]):
            at, _ = by_layout.nearest(queries, LAYOUT_NEIGHBOURS + 1)
            found.append(np.where(at >= 0, seen.places[at], -1))
        others = np.concatenate(found, axis=1)
        mine = np.broadcast_to(own[:, None], others.shape)
        usable = (others >= 0) & (others < len(readable)) & (others != mine)
        usable &= readable[np.where(usable, others, 0)] if len(readable) else False
        low, high = np.minimum(mine, others)[usable], np.maximum(mine, others)[usable]
        coded.append(np.unique(low * _FAR + high))
    pairs = np.unique(np.concatenate(coded))
    return list(zip((pairs // _FAR).tolist(), (pairs % _FAR).tolist(), strict=True))


def _verdict(
    pair: tuple[int, int], pictures: Sequence[ListedPicture], sketches: Sketches
) -> Verdict | None:
    first, second = pair
    try:
        sketched = sketches.of(first), sketches.of(second)
    except (PictureError, CatalogError, OSError):
        # Sketched a while ago, and gone since: it can no longer be anybody's copy.
        return None
    one, other = (pictures[place] for place in pair)
    return verdict_on(*sketched, ((one.width, one.height), (other.width, other.height)))
