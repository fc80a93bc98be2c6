"""The whole of it: pictures, the bank of what the teachers say, the student, its model."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from embedding.card import ModelCard
from embedding.network_distilled import NetworkDistilled, TaughtOn, Teacher
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.pixels import Square
from training.distillation.bank import Bank, bank_of
from training.distillation.loop import Distillation
from training.distillation.pictures import Pictures, gathered
from training.distillation.settings import DistillationSettings
from training.distillation.student import build_student
from training.exporting.writing import write_model
from training.fitting.devices import Device
from training.fitting.reporting import Reporter

MODEL_FOLDER = "model"
_BANK_FOLDER = "bank"


@dataclass(frozen=True)
class Distilled:
    """The model lies in `folder`, not installed."""

    folder: Path
    card: ModelCard


def distil(
    home: Home,
    settings: DistillationSettings,
    out: Path,
    *,
    resume: bool,
    name: str,
    reporter: Reporter,
    watch: Watch,
) -> Distilled:
    """In the folder `out`, with the bank, the checkpoint and the model in it.

    Raises ModelError, SourceInvalid, TrainingError; KeyboardInterrupt after writing a checkpoint.
    """
    device = Device(settings)
    pictures = gathered(home, settings.sources, held_out=settings.held_out, seed=settings.seed)
    reporter.say(
        f"{len(pictures.pictures):,} pictures to learn from, taught by "
        f"{', '.join(settings.teaching.models)}, on {device.description}"
    )
    bank = bank_of(home, pictures, settings, out / _BANK_FOLDER, watch)
    network = build_student(
        settings.network, dimension=settings.teaching.dimension, seed=settings.seed
    )
    course = Distillation(
        network,
        bank,
        settings,
        device,
        out,
        identity=hashlib.sha256(f"{settings.decisive()}\n{bank.identity}".encode()).hexdigest(),
        reporter=reporter,
    )
    student = course.run(resume=resume)
    side = settings.side
    told = {
        "name": name,
        "description": f"{settings.network.backbone} from nothing, taught by "
        f"{', '.join(settings.teaching.models)}, at {side} pixels",
        "licence": settings.licence,
        "source": f"taught by this program, seed {settings.seed}",
        "distilled": _record(home, settings, pictures, bank, course),
    }
    card = write_model(student, Square(side), out / MODEL_FOLDER, told)
    return Distilled(out / MODEL_FOLDER, card)


def _record(
    home: Home,
    settings: DistillationSettings,
    pictures: Pictures,
    bank: Bank,
    course: Distillation,
) -> NetworkDistilled:
    cards = [home.store.card(each) for each in settings.teaching.models]
    return NetworkDistilled(
        teachers=tuple(
            Teacher(name=each.name, licence=each.licence, fingerprint=each.fingerprint)
            for each in cards
        ),
        sources=tuple(
            TaughtOn(source=name, licence=source.licence, pictures=count)
            for (name, count), source in zip(pictures.of_source, settings.sources, strict=True)
        ),
        views=bank.count,
        settings_sha256=hashlib.sha256(settings.as_yaml().encode()).hexdigest(),
        seed=settings.seed,
        steps=course.steps,
        minutes=course.minutes,
        taught_at=datetime.now(UTC).replace(microsecond=0),
    )
