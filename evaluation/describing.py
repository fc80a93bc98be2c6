"""Every picture of a set as a contender describes it, made once and kept by content."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from catalog.errors import CatalogError
from embedding.errors import PictureError
from evaluation.contenders import Contender, Description
from evaluation.description_cache import DescriptionCache
from evaluation.pictures import Picture

_KEPT_AT_ONCE = 512
_TIMED = 24


@dataclass(frozen=True)
class Described:
    """`by_content`: content sha-256 -> description; `unreadable`: content sha-256 -> why not."""

    by_content: Mapping[str, Description]
    unreadable: Mapping[str, str]

    def of(self, pictures: Sequence[Picture]) -> list[Description]:
        """One a picture, in their order; KeyError for one that is not described."""
        return [self.by_content[each.content_sha256] for each in pictures]


def describe(
    contender: Contender,
    pictures: Sequence[Picture],
    cache: DescriptionCache,
    *,
    known: Mapping[str, Description],
    threads: int,
    advance: Callable[[int], None] = lambda _: None,
) -> Described:
    """Describes what is neither `known` nor in the cache, in `threads` threads.

    Equal contents are described once. What is done is kept every few hundred pictures, so that an
    interrupted run is taken up where it stopped. `advance` is told how many more are done.
    """
    distinct = {each.content_sha256: each for each in pictures}
    found = {content: known[content] for content in distinct.keys() & known.keys()}
    found |= cache.read(contender.key, distinct.keys() - found.keys())
    advance(len(found))
    missing = [each for content, each in distinct.items() if content not in found]
    unreadable: dict[str, str] = {}
    pool = ThreadPoolExecutor(threads, "describe")
    try:
        for start in range(0, len(missing), _KEPT_AT_ONCE):
            batch = missing[start : start + _KEPT_AT_ONCE]
            fresh: dict[str, Description] = {}
            for each, answer in zip(
                batch, pool.map(lambda one: _attempt(contender, one), batch), strict=True
            ):
                if isinstance(answer, str):
                    unreadable[each.content_sha256] = answer
                else:
                    fresh[each.content_sha256] = answer
                advance(1)
            if fresh:
                cache.add(contender.key, fresh)
            found |= fresh
    finally:
        pool.shutdown(cancel_futures=True)
    return Described(found, unreadable)


def ms_per_picture(contender: Contender, pictures: Sequence[Picture]) -> float:
    """Milliseconds of processor time from a picture's bytes to its description, of one or more
    pictures: the median over up to 24, one at a time, taken evenly; files are read beforehand.

    Of processor time, since it is the same whatever else the machine does meanwhile.
    """
    step = max(1, len(pictures) // _TIMED)
    took: list[float] = []
    for each in pictures[::step][:_TIMED]:
        content = each.read()
        if not took:
            contender.describe(content)  # The first one pays for what is loaded once.
        began = time.process_time()
        contender.describe(content)
        took.append(1000.0 * (time.process_time() - began))
    return median(took)


def bytes_per_picture(contender: Contender, descriptions: Sequence[Description]) -> float:
    """As the contender says, else the mean size of one or more descriptions."""
    stated = contender.bytes_per_picture
    if stated is not None:
        return float(stated)
    return sum(each.nbytes for each in descriptions) / len(descriptions)


def _attempt(contender: Contender, picture: Picture) -> Description | str:
    """The description, or the reason why the picture cannot be described."""
    try:
        return contender.describe(picture.read())
    except (PictureError, CatalogError) as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
