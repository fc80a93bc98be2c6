from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from embedding.runtime import OnnxEmbedder
from evaluation.watching import Unwatched
from retrieval.home import Home
from tests.training.distillation.conftest import TEACHERS
from training.distillation.bank import Bank, bank_of
from training.distillation.distilling import Distilled, distil
from training.distillation.loop import Distillation
from training.distillation.pictures import gathered
from training.distillation.settings import DistillationSettings
from training.distillation.student import build_student, maps_of
from training.errors import CheckpointInvalid
from training.fitting.devices import Device
from training.fitting.reporting import Reporter

Course = Callable[..., Distillation]


def _distil(home: Home, settings: DistillationSettings, out: Path) -> Distilled:
    out.mkdir()
    return distil(
        home,
        settings,
        out,
        resume=False,
        name="pupil",
        reporter=Reporter(),
        watch=Unwatched(),
    )


def test_a_model_comes_out_that_can_be_installed_and_says_who_taught_it(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    found = _distil(home, settings, tmp_path / "run")

    card = home.store.install(found.folder)
    assert (card.name, card.dimension, card.input_size) == ("pupil", 6, 64)
    told = card.distilled
    assert told is not None
    assert [each.name for each in told.teachers] == list(TEACHERS)
    assert told.teachers[0].fingerprint == home.store.card("near").fingerprint
    (source,) = told.sources
    assert (source.licence, 2 * source.pictures) == ("mine", told.views)
    assert told.steps == 3 * (told.views // 16)
    assert card.taught_by == (source.source,)
    vectors = OnnxEmbedder(found.folder, card, cache_folder=None).embed_prepared(
        [np.zeros((64, 64, 3), dtype=np.uint8)]
    )
    assert np.linalg.norm(vectors) == pytest.approx(1.0, abs=1e-5)


@pytest.fixture
def bank(home: Home, settings: DistillationSettings, tmp_path: Path) -> Bank:
    pictures = gathered(home, settings.sources, held_out=settings.held_out, seed=settings.seed)
    return bank_of(home, pictures, settings, tmp_path / "bank", Unwatched())


@pytest.fixture
def course(bank: Bank, tmp_path: Path) -> Course:
    def made(
        settings: DistillationSettings, folder: str, *, identity: str = "same"
    ) -> Distillation:
        (tmp_path / folder).mkdir(exist_ok=True)
        return Distillation(
            build_student(settings.network, dimension=6, seed=settings.seed),
            bank,
            settings,
            Device(settings),
            tmp_path / folder,
            identity=identity,
            reporter=Reporter(),
        )

    return made


def test_learns_what_the_teachers_say(
    course: Course, bank: Bank, settings: DistillationSettings
) -> None:
    before = build_student(settings.network, dimension=6, seed=settings.seed)
    longer = settings.model_copy(update={"epochs": 30})

    after = course(longer, "run").run(resume=False)

    assert _agreement(after, bank) > _agreement(before, bank) + 0.3


def _agreement(network: torch.nn.Module, bank: Bank) -> float:
    """Mean cosine between what the student and its teachers say of whole pictures."""
    pixels = torch.from_numpy(np.array(bank.views[:32])).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (network.mean, network.std))
    with torch.inference_mode():
        said = network.eval()((pixels - mean) / std)
    told = torch.from_numpy(np.array(bank.targets[:32])).float().mean(dim=(1, 2))
    return float(torch.nn.functional.cosine_similarity(said, told).mean())


def test_an_interrupted_training_ends_as_if_it_had_not_been(
    course: Course, settings: DistillationSettings
) -> None:
    whole = course(settings, "whole").run(resume=False).state_dict()
    begun = course(settings, "cut")
    begun._save()  # as every two minutes
    interrupted = course(settings.model_copy(update={"epochs": 3}), "cut")
    _stop_after(interrupted, steps=5)

    with pytest.raises(KeyboardInterrupt):
        interrupted.run(resume=True)
    rest = course(settings, "cut").run(resume=True).state_dict()

    assert all(torch.equal(rest[name], value) for name, value in whole.items())


def _stop_after(course: Distillation, *, steps: int) -> None:
    """Ctrl-C while that step is done, by the handler that hears it."""
    import signal

    step = course._step

    def counted(batch: object) -> None:
        step(batch)  # type: ignore[arg-type]
        if course.steps == steps:
            handler = signal.getsignal(signal.SIGINT)
            assert callable(handler)
            handler(signal.SIGINT, None)

    course._step = counted  # type: ignore[method-assign]


def test_another_training_is_not_gone_on_with(
    course: Course, settings: DistillationSettings
) -> None:
    course(settings, "run")._save()

    with pytest.raises(CheckpointInvalid, match="another one"):
        course(settings, "run", identity="other").run(resume=True)


def test_the_mean_of_the_maps_is_the_vector(settings: DistillationSettings) -> None:
    network = build_student(settings.network, dimension=6, seed=0).eval()
    pixels = torch.randn(3, 3, 64, 64)

    with torch.inference_mode():
        own = network.features.forward_features(pixels).shape[2:]
        maps = maps_of(network, pixels, tuple(own))
        vectors = network(pixels)

    means = torch.nn.functional.normalize(maps.mean(dim=1), dim=1)
    assert torch.allclose(means, vectors, atol=1e-5)
