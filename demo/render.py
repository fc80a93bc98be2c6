"""Rendering the demo catalogue into a folder: plan, draw in parallel, write the truth last."""

import csv
import io
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from demo.catalogue import (
    FAMILIES,
    Picture,
    Product,
    catalogue_pictures,
    featured_pictures,
    featured_product,
    plan_products,
    query_picture,
)
from demo.errors import FolderOccupied, FolderUnwritable
from demo.model import SIDE
from demo.pairs import plan_pairs
from demo.raster import Plane
from demo.scene import Placed, place, studio
from demo.truth import (
    MANIFEST_NAME,
    PROGRESS_NAME,
    TRIAL_NAME,
    TRUTH_NAME,
    Stamp,
    files_of,
    ground_truth,
    stamp_of,
    write_bytes,
    write_json,
)
from demo.wild import wild

DEFAULT_PRODUCTS: Final = 182
"""Fourteen of each of thirteen types; three pictures of each make 546."""

COLUMNS: Final = (
    "id", "title", "category", "brand", "price", "colour", "pattern", "images", "url",
)  # fmt: skip
BATCH: Final = 6
WORTH_A_POOL: Final = 24
"""Fewer pictures than this are drawn sooner than worker processes start."""

Progress = Callable[[int, int], None]
"""Called with pictures done and pictures to do."""


@dataclass(frozen=True)
class DemoCatalogue:
    """What is in a rendered folder, and how much of it this call had to draw."""

    folder: Path
    products: int
    catalogue_pictures: int
    query_pictures: int
    pairs: int
    drawn: int
    seconds: float

    @property
    def manifest(self) -> Path:
        return self.folder / MANIFEST_NAME

    @property
    def trial(self) -> Path:
        return self.folder / TRIAL_NAME

    @property
    def ground_truth(self) -> Path:
        return self.folder / TRUTH_NAME

    @property
    def first_query(self) -> Path:
        return self.folder / "queries" / "first.jpg"

    @property
    def second_query(self) -> Path:
        return self.folder / "queries" / "second.jpg"


def render_catalogue(
    folder: Path,
    *,
    seed: int = 7,
    products: int = DEFAULT_PRODUCTS,
    side: int = SIDE,
    processes: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> DemoCatalogue:
    """Render the catalogue of `seed` into `folder`; the same arguments give the same bytes.

    Only what is missing is drawn: a finished folder answers at once, an interrupted one is
    completed, `force` draws everything again. Another seed, size or renderer replaces the
    renderer's own files and no others. `side` is in pixels; `processes` None uses every core
    this process may run on. Worker processes are spawned, so a script that calls this needs the
    usual `if __name__ == "__main__"`.

    Raises CatalogueTooLarge, FolderOccupied, FolderUnwritable.
    """
    started = time.perf_counter()
    stamp = Stamp(seed=seed, products=products, side=side)
    shelf = plan_products(seed, products)
    shown = [picture for product in shelf for picture in catalogue_pictures(seed, product)]
    queries = [query_picture(seed, product) for product in shelf]
    queries += featured_pictures(seed, featured_product(shelf))
    pairs = plan_pairs(seed)
    pictures = [*shown, *queries, *(half for pair in pairs for half in (pair.first, pair.second))]
    try:
        missing = _missing(folder, stamp, pictures, force=force)
        if missing:
            _begin(folder, stamp, pictures)
            _draw_all(folder, missing, side, processes, progress)
        if missing or not _finished(folder, stamp):
            write_bytes(folder / MANIFEST_NAME, _manifest(seed, shelf))
            write_bytes(folder / TRIAL_NAME, _trial(seed, shelf))
            write_json(folder / TRUTH_NAME, ground_truth(stamp, shelf, pictures, pairs))
            (folder / PROGRESS_NAME).unlink(missing_ok=True)
    except OSError as exc:
        raise FolderUnwritable(folder, exc) from exc
    return DemoCatalogue(
        folder=folder,
        products=len(shelf),
        catalogue_pictures=len(shown),
        query_pictures=len(queries),
        pairs=len(pairs),
        drawn=len(missing),
        seconds=time.perf_counter() - started,
    )


def draw_missing(
    folder: Path,
    pictures: Sequence[Picture],
    *,
    side: int = SIDE,
    progress: Progress | None = None,
) -> None:
    """Draw those of the pictures that are not in `folder` yet, at their paths, and nothing else.

    For pictures beside a catalogue: a folder is of one renderer version and one side, which its
    owner sees to. Raises FolderUnwritable.
    """
    try:
        for parent in {(folder / picture.path).parent for picture in pictures}:
            parent.mkdir(parents=True, exist_ok=True)
        missing = [each for each in pictures if not (folder / each.path).is_file()]
        _draw_all(folder, missing, side, None, progress)
    except OSError as exc:
        raise FolderUnwritable(folder, exc) from exc


def draw_mask(picture: Picture, side: int) -> Plane:
    """Where a picture without occlusion shows its product: (side, side), 1 there and 0 elsewhere.

    Its shadow is not part of it.
    """
    alpha: Plane = _placed(picture, side).cutout[..., 3]
    return alpha


def draw_picture(picture: Picture, side: int) -> bytes:
    """One picture as JPEG bytes, RGB, side x side; a pure function of its arguments."""
    placed = _placed(picture, side)
    shown = (
        wild(placed, picture.shot) if picture.shot.kind == "wild" else studio(placed, picture.shot)
    )
    image = Image.fromarray(np.round(np.clip(shown, 0.0, 1.0) * 255).astype(np.uint8), "RGB")
    content = io.BytesIO()
    quality = 86 if picture.shot.kind == "wild" else 91
    image.save(content, "JPEG", quality=quality, subsampling=1)
    return content.getvalue()


def _placed(picture: Picture, side: int) -> Placed:
    family = FAMILIES[picture.look.category]
    cutout = family.draw(picture.look, picture.shot.view, picture.shot.orientation, side)
    return place(cutout, picture.shot, lies=family.lies)


def _missing(
    folder: Path, stamp: Stamp, pictures: Sequence[Picture], *, force: bool
) -> list[Picture]:
    """The pictures to draw; refuses a folder with somebody else's catalogue."""
    truth, begun = folder / TRUTH_NAME, folder / PROGRESS_NAME
    known = stamp_of(begun) or stamp_of(truth)
    if known is None:
        for name in (MANIFEST_NAME, TRIAL_NAME, TRUTH_NAME):
            if (folder / name).exists():
                raise FolderOccupied(folder / name)
    if force or known != stamp:
        return list(pictures)
    return [picture for picture in pictures if not (folder / picture.path).is_file()]


def _begin(folder: Path, stamp: Stamp, pictures: Sequence[Picture]) -> None:
    """Withdraw the old truth, drop our own pictures that are no longer planned, note the plan."""
    for name in ("pictures", "queries", "pairs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    truth, begun = folder / TRUTH_NAME, folder / PROGRESS_NAME
    ours = {*files_of(truth), *files_of(begun)}
    planned = [picture.path for picture in pictures]
    if stamp_of(begun) != stamp:
        write_json(begun, {"stamp": asdict(stamp), "pictures": sorted({*ours, *planned})})
    truth.unlink(missing_ok=True)
    for name in ours - set(planned):
        (folder / name).unlink(missing_ok=True)


def _finished(folder: Path, stamp: Stamp) -> bool:
    written = (folder / MANIFEST_NAME).is_file() and (folder / TRIAL_NAME).is_file()
    return written and stamp_of(folder / TRUTH_NAME) == stamp


def _draw_all(
    folder: Path,
    pictures: Sequence[Picture],
    side: int,
    processes: int | None,
    progress: Progress | None,
) -> None:
    workers = processes or _cores()
    done = 0
    if workers == 1 or len(pictures) < WORTH_A_POOL:
        for picture in pictures:
            done += _draw_batch(folder, [picture], side)
            if progress:
                progress(done, len(pictures))
        return
    batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(batches)), mp_context=spawning) as pool:
        try:
            jobs = [pool.submit(_draw_batch, folder, batch, side) for batch in batches]
            for job in as_completed(jobs):
                done += job.result()
                if progress:
                    progress(done, len(pictures))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _draw_batch(folder: Path, pictures: Iterable[Picture], side: int) -> int:
    count = 0
    for picture in pictures:
        write_bytes(folder / picture.path, draw_picture(picture, side))
        count += 1
    return count


def _manifest(seed: int, shelf: Sequence[Product]) -> bytes:
    rows: list[Sequence[str]] = [COLUMNS]
    for product in shelf:
        look = product.look
        images = "|".join(picture.path for picture in catalogue_pictures(seed, product))
        rows.append(
            [product.id, product.title, look.category, look.brand, f"{product.price:.2f}",
             look.colour, look.pattern, images, product.url]
        )  # fmt: skip
    return _csv(rows)


def _trial(seed: int, shelf: Sequence[Product]) -> bytes:
    """A picture a row, so that customers' pictures can ask the catalogue's: `likeness evaluate`."""
    rows: list[Sequence[str]] = [("id", "category", "colour", "by", "image")]
    for product in shelf:
        told = (product.id, product.look.category, product.look.colour)
        for picture in catalogue_pictures(seed, product):
            rows.append((*told, "shop", picture.path))
        rows.append((*told, "customer", query_picture(seed, product).path))
    return _csv(rows)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
