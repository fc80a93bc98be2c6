from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evaluation.watching import Unwatched
from retrieval.home import Home
from tests.training.making import write_catalogue
from training.distillation.bank import Bank, bank_of
from training.distillation.batches import ViewBatches
from training.distillation.pictures import gathered
from training.distillation.settings import DistillationSettings
from training.distillation.teachers import Teachers
from training.distillation.teaching_map import TeachingMap
from training.errors import DataInvalid, SettingsInvalid


def _bank(home: Home, settings: DistillationSettings, folder: Path) -> Bank:
    pictures = gathered(home, settings.sources, held_out=settings.held_out, seed=settings.seed)
    return bank_of(home, pictures, settings, folder, Unwatched())


def test_holds_every_view_and_what_the_teachers_say_of_it(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    bank = _bank(home, settings, tmp_path / "bank")

    pictures = gathered(home, settings.sources, held_out=settings.held_out, seed=0).pictures
    assert bank.count == 2 * len(pictures)
    assert bank.views.shape[1:] == (64, 64, 3)
    # The teachers are of stride 4 at 32 pixels.
    assert bank.targets.shape[1:] == (8, 8, 6)
    whole = Image.open(tmp_path / "shop" / pictures[0].name).convert("RGB").resize((256, 256))
    taught = TeachingMap.read(tmp_path / "bank" / "map.npz")
    teachers = Teachers(home.store, settings.teaching.models, threads=1)
    assert bank.targets[0] == pytest.approx(taught(teachers.maps([whole]))[0], abs=0.05)


def test_an_interrupted_one_is_finished_and_is_the_same(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    whole = _bank(home, settings, tmp_path / "whole")
    views, targets = np.array(whole.views), np.array(whole.targets)
    cut = tmp_path / "whole"
    for name, length in (("views.bin", 40 * 64 * 64 * 3 + 17), ("targets.bin", 41 * 8 * 8 * 6 * 2)):
        with (cut / name).open("r+b") as file:
            file.truncate(length)

    again = _bank(home, settings, cut)

    assert np.array_equal(again.views, views)
    assert np.array_equal(again.targets, targets)


def test_more_cuts_are_added_to_those_there_are(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    few = _bank(home, settings, tmp_path / "bank")
    views, identity = np.array(few.views), few.identity
    more = settings.model_copy(update={"views": settings.views.model_copy(update={"cuts": 2})})

    grown = _bank(home, more, tmp_path / "bank")

    assert grown.identity == identity
    assert 2 * grown.count == 3 * len(views)
    assert np.array_equal(grown.views[: len(views)], views)


def test_fewer_cuts_leave_those_there_are_for_later(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    whole = _bank(home, settings, tmp_path / "bank")
    views = np.array(whole.views)
    fewer = settings.model_copy(update={"views": settings.views.model_copy(update={"cuts": 0})})

    assert _bank(home, fewer, tmp_path / "bank").count == len(views) // 2
    again = _bank(home, settings, tmp_path / "bank")

    assert np.array_equal(again.views, views)


@pytest.mark.parametrize("cuts", [(3, 1), (1, 2), (0, 2)])
def test_each_source_has_its_own_number_of_cuts(
    home: Home, settings: DistillationSettings, tmp_path: Path, cuts: tuple[int, int]
) -> None:
    write_catalogue(tmp_path / "other", products=24, size=(80, 80))
    other = settings.sources[0].model_copy(
        update={"catalogue": tmp_path / "other" / "catalogue.csv"}
    )

    def with_cuts(first: int, second: int) -> DistillationSettings:
        sources = (
            settings.sources[0].model_copy(update={"cuts": first}),
            other.model_copy(update={"cuts": second}),
        )
        return settings.model_copy(update={"sources": sources})

    fresh = _bank(home, with_cuts(*cuts), tmp_path / "fresh")
    _bank(home, with_cuts(1, 2), tmp_path / "grown")
    grown = _bank(home, with_cuts(*cuts), tmp_path / "grown")

    of = gathered(home, with_cuts(*cuts).sources, held_out=settings.held_out, seed=0).sources
    assert fresh.count == ((1 + cuts[0]) * (of == 0) + (1 + cuts[1]) * (of == 1)).sum()
    assert np.array_equal(grown.views, fresh.views)
    assert grown.targets == pytest.approx(fresh.targets, abs=0.05)


def test_other_pictures_make_another_bank(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    first = _bank(home, settings, tmp_path / "bank").identity
    fewer = settings.model_copy(update={"held_out": 0.5})

    assert _bank(home, fewer, tmp_path / "bank").identity != first


def test_an_epoch_shows_every_view_once_and_mirrors_targets_with_their_views(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    bank = _bank(home, settings, tmp_path / "bank")
    batches = ViewBatches(bank, 8, seed=3)
    known = {bank.views[number].tobytes(): number for number in range(bank.count)}

    shown, mirrored = [], 0
    for batch in batches.of_epoch(0, first=0):
        for pixels, targets in zip(batch.pixels, batch.targets, strict=True):
            flipped = pixels.tobytes() not in known
            number = known[(pixels[:, ::-1] if flipped else pixels).tobytes()]
            expected = bank.targets[number]
            assert np.array_equal(targets, expected[:, ::-1] if flipped else expected)
            shown.append(number)
            mirrored += flipped

    assert len(shown) == len(set(shown)) == 8 * len(batches)
    assert 0.3 < mirrored / len(shown) < 0.7


def test_the_rest_of_an_epoch_is_as_if_nothing_had_been_passed_over(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    batches = ViewBatches(_bank(home, settings, tmp_path / "bank"), 8, seed=3)

    whole = [each.pixels.tobytes() for each in batches.of_epoch(1, first=0)]
    rest = [each.pixels.tobytes() for each in batches.of_epoch(1, first=4)]

    assert rest == whole[4:]
    assert list(batches.of_epoch(1, first=len(batches))) == []


def test_a_batch_larger_than_all_views_is_refused(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    bank = _bank(home, settings, tmp_path / "bank")

    with pytest.raises(SettingsInvalid, match=f"there are {bank.count} views"):
        ViewBatches(bank, bank.count + 1, seed=0)


def test_where_nothing_is_left_to_learn_from_says_so(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    with pytest.raises(DataInvalid, match="none is left by held_out"):
        _bank(home, settings.model_copy(update={"held_out": 0.999999}), tmp_path / "bank")


def test_a_disk_that_refuses_is_told(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(DataInvalid, match="cannot be kept"):
        _bank(home, settings, tmp_path / "file" / "bank")
