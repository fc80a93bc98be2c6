"""The work folder: pictures, models and catalogues, made once and kept between runs."""

import hashlib
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

import migrations
import vector_index
from bench.pictures import demo_pictures, vary
from bench.populating import catalogue_of
from bench.serving import likeness
from embedding.backbones import KNOWN
from embedding.model_names import BUILT_IN
from embedding.store import ModelStore
from retrieval.assembly import assemble
from retrieval.home import Home
from retrieval.settings import EngineSettings

_CALIBRATION_PICTURES = 500


@dataclass(frozen=True)
class Work:
    """`root` is a home that has the models; `photographs` is a folder to use instead of the demo's
    pictures, None for those."""

    root: Path
    photographs: Path | None = None

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def compiled(self) -> Path:
        """Where the compiled forms of models are kept."""
        return self.root / "cache" / "openvino"

    @cached_property
    def store(self) -> ModelStore:
        """The models that were added."""
        return ModelStore(self.models, cache_folder=self.compiled)

    def large_pictures(self, count: int) -> list[Path]:
        """JPEGs with a longer side of 600 to 2000 pixels, no two alike."""
        return self._pictures("large", count, (600, 2000))

    def add_model(self, name: str) -> None:
        """A backbone with random weights in 8-bit integers, both as fast as real ones.

        `--precision int8` asks for integers whatever they agree to: random weights have no
        neighbourhoods that could be kept.
        """
        if name in BUILT_IN:
            return
        calibration = self._pictures("calibration", _CALIBRATION_PICTURES, (256, 400))
        command = (
            *("models", "add", name, "--random-weights", "--overwrite"),
            *("--precision", "int8", "--calibrate-on", str(calibration[0].parent)),
        )
        made = Made(self.root / f"model-{name}.made", " ".join(command))
        if not made.is_so:
            likeness(self.root, *command)
            made.note()

    def new_home(self, folder: Path) -> Path:
        """An empty home with this one's models, compiled already."""
        folder.mkdir(parents=True, exist_ok=True)
        for shared in ("models", "cache"):
            (self.root / shared).mkdir(exist_ok=True)
            if not (folder / shared).exists():
                (folder / shared).symlink_to((self.root / shared).resolve())
        return folder

    def catalogue(self, model: str, count: int) -> Path:
        """A home of `count` products with a picture each, released by today's index."""
        home = self.root / "homes" / f"{model}-{count}"
        fingerprint = self.store.card(model).fingerprint
        made_of = f"{fingerprint} {self.photographs} {migrations.HEAD}"
        made = Made(home / ".made", made_of)
        if not made.is_so:
            shutil.rmtree(home, ignore_errors=True)
            catalogue_of(self.new_home(home), model, count, self._sources())
            made.note()
        released = Made(home / ".released", f"{made_of} {_digest(vector_index)}")
        if not released.is_so:
            settings = EngineSettings(home=home, model=model)
            with Home(settings) as opened:
                card = self.store.card(model)
                assemble(opened).publisher.publish(settings.collection, card)
            released.note()
        return home

    def _pictures(self, name: str, count: int, long_side: tuple[int, int]) -> list[Path]:
        folder = self.root / f"{name}-{count}"
        made = Made(folder / ".made", f"{long_side} {self.photographs}")
        if not made.is_so:
            shutil.rmtree(folder, ignore_errors=True)
            vary(self._sources(), folder, count=count, long_side=long_side)
            made.note()
        return sorted(folder.glob("*.jpg"))

    def _sources(self) -> list[Path]:
        if self.photographs is None:
            return demo_pictures(self.root / "demo")
        return sorted(self.photographs.rglob("*.jpg"))


@dataclass(frozen=True)
class Made:
    """A note beside what was made, of what it was made from; written when it is whole."""

    note_file: Path
    made_of: str

    @property
    def is_so(self) -> bool:
        return self.note_file.exists() and self.note_file.read_text() == self.made_of

    def note(self) -> None:
        self.note_file.write_text(self.made_of)


def timm_name(model: str) -> str:
    """The network behind a short name, without the name of its weights."""
    known = KNOWN.get(model)
    return (model if known is None else known.timm_name).partition(".")[0]


def _digest(package: ModuleType) -> str:
    """Of a package's sources."""
    assert package.__file__ is not None
    sources = sorted(Path(package.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
