"""What the teachers say of every view, made once: a step of the training then costs the student
alone.

A folder holds `views.bin`, a view's pixels after the other's, `targets.bin`, the teachers' maps of
them, and `map.npz`, what of these is taught. Views come in blocks that are written in order; what
an interrupted run left unfinished is made again.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from embedding.whole_files import write_whole
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.pixels import Pixels, Square, decoded
from training.distillation.pictures import Pictures
from training.distillation.settings import DistillationSettings
from training.distillation.teachers import Teachers
from training.distillation.teaching_map import Floats, TeachingMap
from training.distillation.views import Numbers, in_order, view
from training.errors import DataInvalid

_AT_ONCE = 64
_DETAIL = 256
_MOST_UNLABELLED = 3000
IDENTITY_FILE = "bank.json"


@dataclass(frozen=True)
class Bank:
    """`views` uint8 (n, side, side, 3), RGB; `targets` float16 (n, height, width, dimension); both
    on disk, in the order of `views.in_order`. `identity`: of all that decides what is in it."""

    identity: str
    views: NDArray[np.uint8]
    targets: NDArray[np.float16]

    @property
    def count(self) -> int:
        return len(self.views)


def bank_of(
    home: Home, pictures: Pictures, settings: DistillationSettings, folder: Path, watch: Watch
) -> Bank:
    """The bank in `folder`, made or finished first. Raises ModelError, SettingsInvalid, and
    DataInvalid where nothing can be read or the disk refuses."""
    threads = settings.threads or os.cpu_count() or 1
    with watch.step("decode", len(pictures.pictures)) as advance:
        pixels, unreadable = decoded(
            pictures.pictures,
            Square(_DETAIL),
            folder=home.root / "cache" / "training",
            limits=home.limits,
            threads=threads,
            advance=advance,
        )
    readable = [each.content_sha256 not in unreadable for each in pictures.pictures]
    chosen = [each for each, is_read in zip(pictures.pictures, readable, strict=True) if is_read]
    if not chosen:
        raise DataInvalid(
            "There is no picture to learn from: none is left by held_out, or none can be read. "
            f"{next(iter(unreadable.values()), '')}".strip()
        )
    rows, labels = pixels.places(chosen), pictures.labels[np.array(readable)]
    teachers = Teachers(home.store, settings.teaching.models, threads=threads)
    identity = _identity(settings, teachers, [each.content_sha256 for each in chosen], labels)
    cuts = np.array(settings.cuts, dtype=np.int64)[pictures.sources[np.array(readable)]]
    maker = _Maker(pixels, rows, cuts, settings, teachers, threads)
    try:
        _finish(maker, labels, folder, identity, watch)
    except OSError as error:
        raise DataInvalid(
            f"What the teachers say cannot be kept in {folder} ({error.strerror or error}). Make "
            "room there, or ask for fewer views.cuts; what is there is gone on with."
        ) from error
    return _opened(folder, identity, maker.count, settings, teachers)


def _finish(
    maker: "_Maker", labels: NDArray[np.int64], folder: Path, identity: str, watch: Watch
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cuts = maker.cuts
    if not _is_of(folder, identity):
        (folder / IDENTITY_FILE).unlink(missing_ok=True)
        maker.teaching_map(labels, watch).write(folder / "map.npz")
        for name in ("views.bin", "targets.bin"):
            (folder / name).write_bytes(b"")
    else:
        cuts = maker.keep_what_stays(folder)
    told = {"identity": identity, "cuts": cuts.tolist()}
    write_whole(folder / IDENTITY_FILE, json.dumps(told) + "\n")
    maker.fill(TeachingMap.read(folder / "map.npz"), folder, watch)


class _Maker:
    def __init__(
        self,
        pixels: Pixels,
        rows: Numbers,
        cuts: Numbers,
        settings: DistillationSettings,
        teachers: Teachers,
        threads: int,
    ) -> None:
        self._pixels = pixels
        self._rows = rows
        self.cuts = cuts
        self._places, self._numbers = in_order(cuts)
        self._settings = settings
        self._teachers = teachers
        self._threads = threads

    @property
    def count(self) -> int:
        """Of views."""
        return len(self._places)

    def teaching_map(self, labels: NDArray[np.int64], watch: Watch) -> TeachingMap:
        """From whole pictures: all whose label is known, and some others."""
        random = np.random.default_rng(self._settings.seed)
        unknown = np.flatnonzero(labels < 0)
        some = random.permutation(unknown)[:_MOST_UNLABELLED]
        places = np.sort(np.concatenate([np.flatnonzero(labels >= 0), some]))
        found: list[list[Floats]] = []
        with watch.step("teachers look at whole pictures", len(places)) as advance:
            for start in range(0, len(places), _AT_ONCE):
                block = places[start : start + _AT_ONCE].tolist()
                images = [self._view(place, 0) for place in block]
                found.append([each.mean(axis=(1, 2)) for each in self._teachers.maps(images)])
                advance(len(block))
        vectors = [np.concatenate(each) for each in zip(*found, strict=True)]
        return TeachingMap.learnt(
            vectors,
            labels[places],
            dimension=self._settings.teaching.dimension,
            shrinkage=self._settings.teaching.shrinkage,
        )

    def fill(self, taught: TeachingMap, folder: Path, watch: Watch) -> None:
        """Adds what is missing, after whatever is whole."""
        side = self._settings.views.side
        of_view, of_target = self._sizes()
        done = min(
            (folder / "views.bin").stat().st_size // of_view,
            (folder / "targets.bin").stat().st_size // of_target,
        )
        with (
            watch.step("teachers look at views", self.count) as advance,
            (folder / "views.bin").open("r+b") as pixels,
            (folder / "targets.bin").open("r+b") as targets,
            ThreadPoolExecutor(self._threads, "views") as pool,
        ):
            pixels.seek(done * of_view)
            targets.seek(done * of_target)
            advance(done)
            # The next block is drawn while the teachers look at this one.
            blocks = [*_blocks(done, self.count), range(0)]
            ready = [pool.submit(self._drawn, each, side) for each in blocks[0]]
            for following in blocks[1:]:
                drawn = [each.result() for each in ready]
                ready = [pool.submit(self._drawn, each, side) for each in following]
                maps = self._teachers.maps([image for image, _ in drawn])
                pixels.write(np.stack([small for _, small in drawn]).tobytes())
                targets.write(taught(maps).astype(np.float16).tobytes())
                pixels.flush()
                targets.flush()
                advance(len(drawn))

    def keep_what_stays(self, folder: Path) -> Numbers:
        """Of views made for other numbers of cuts, takes away those from the first on that is
        another now. -> the numbers of cuts that the files follow then."""
        told = json.loads((folder / IDENTITY_FILE).read_text(encoding="utf-8"))["cuts"]
        before = np.array(told, dtype=np.int64)
        places, numbers = in_order(before)
        both = min(len(places), self.count)
        differs = (places[:both] != self._places[:both]) | (numbers[:both] != self._numbers[:both])
        if not differs.any():
            return before if len(places) > self.count else self.cuts
        same = int(differs.argmax())
        for name, size in zip(("views.bin", "targets.bin"), self._sizes(), strict=True):
            with (folder / name).open("r+b") as file:
                file.truncate(min(file.seek(0, os.SEEK_END), same * size))
        return self.cuts

    def _sizes(self) -> tuple[int, int]:
        """Bytes of a view, and of what is taught of it."""
        side, teachers = self._settings.views.side, self._teachers
        places = teachers.height * teachers.width
        return side * side * 3, places * self._settings.teaching.dimension * 2

    def _drawn(self, number: int, side: int) -> tuple[Image.Image, NDArray[np.uint8]]:
        """The view of that number in the bank, as teachers and student are shown it."""
        image = self._view(int(self._places[number]), int(self._numbers[number]))
        small = image.resize((side, side), Image.Resampling.BICUBIC)
        return image, np.asarray(small, dtype=np.uint8)

    def _view(self, place: int, number: int) -> Image.Image:
        row = int(self._rows[place])
        pixels = np.array(self._pixels.table[row])
        key = (self._settings.seed, place)
        return view(pixels, number, self._settings.views, key=key)


def _opened(
    folder: Path, identity: str, count: int, settings: DistillationSettings, teachers: Teachers
) -> Bank:
    side, dimension = settings.views.side, settings.teaching.dimension
    grid = (teachers.height, teachers.width)
    return Bank(
        identity,
        np.memmap(folder / "views.bin", np.uint8, "r", shape=(count, side, side, 3)),
        np.memmap(folder / "targets.bin", np.float16, "r", shape=(count, *grid, dimension)),
    )


def _blocks(first: int, count: int) -> Iterator[range]:
    for start in range(first, count, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, count))


def _identity(
    settings: DistillationSettings,
    teachers: Teachers,
    contents: list[str],
    labels: NDArray[np.int64],
) -> str:
    """Of all that decides what is in a bank but how many views there are: of more, the first ones
    are the same."""
    told = hashlib.sha256()
    decisive = (
        settings.teaching.model_dump_json(),
        settings.views.model_dump_json(exclude={"cuts"}),
        str(settings.seed),
    )
    for text in (*decisive, *teachers.fingerprints, *contents):
        told.update(f"{text}\n".encode())
    told.update(labels.tobytes())
    return told.hexdigest()


def _is_of(folder: Path, identity: str) -> bool:
    try:
        told = json.loads((folder / IDENTITY_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(told.get("identity") == identity)
