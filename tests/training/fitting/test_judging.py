import csv
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as functional

from evaluation.pictures import Picture
from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.training.fitting.making import tiny_fit, tiny_settings
from training.data.augmentation import Augmentation
from training.data.judged import JudgedPictures, gather_judged
from training.data.material import Material
from training.data.settings import DataSettings
from training.errors import DataInvalid
from training.fitting.history import STEPS_FILE
from training.fitting.judging import JudgedBatches
from training.settings import JudgementSettings


def written(folder: Path, *triplets: tuple[Picture, Picture, Picture]) -> Path:
    """A CSV about copies of those pictures."""
    lines = ["query,closer,farther"]
    for triplet in triplets:
        for each in triplet:
            (folder / f"{each.content_sha256[:12]}.png").write_bytes(each.read())
        lines.append(",".join(f"{each.content_sha256[:12]}.png" for each in triplet))
    path = folder / "judgements.csv"
    path.write_text("\n".join(lines))
    return path


def gathered(material: Material, folder: Path, path: Path) -> JudgedPictures:
    with Home(EngineSettings(home=folder / "home")) as home:
        return gather_judged(home, path, material, DataSettings(), watch=Unwatched())


@pytest.fixture
def judged(material: Material, tmp_path: Path) -> JudgedPictures:
    """That pictures of odd numbers are closer to the one before than the one after it is."""
    pictures = material.training.pictures.pictures
    told = [(pictures[each], pictures[each + 1], pictures[each + 2]) for each in range(0, 20, 2)]
    return gathered(material, tmp_path, written(tmp_path, *told))


def batches(judged: JudgedPictures, **told: float) -> JudgedBatches:
    settings = JudgementSettings(file=Path("judgements.csv"), triplets=4, **told)
    return JudgedBatches(judged, settings, Augmentation({}, side=32, seed=0), seed=0)


class TestGathering:
    def test_nothing_that_is_kept_aside_is_learnt_from(
        self, material: Material, tmp_path: Path
    ) -> None:
        learnt, kept_aside = (
            material.training.pictures.pictures,
            material.held_out.pictures.pictures,
        )
        path = written(
            tmp_path, (learnt[0], learnt[1], learnt[2]), (learnt[0], learnt[1], kept_aside[0])
        )

        found = gathered(material, tmp_path, path)

        assert (found.triplets.tolist(), found.left_out) == ([[0, 1, 2]], 1)

    def test_says_when_no_judgement_is_left(self, material: Material, tmp_path: Path) -> None:
        aside = material.validation.pictures.pictures

        with pytest.raises(DataInvalid, match="no judgement is left to learn from"):
            gathered(material, tmp_path, written(tmp_path, (aside[0], aside[1], aside[2])))


class TestLoss:
    def test_is_the_hinge_over_what_was_judged(self, judged: JudgedPictures) -> None:
        torch.manual_seed(0)
        beside = batches(judged, gap=0.3, weight=2.0)
        count = len(beside.pixels(1))
        embeddings = functional.normalize(torch.randn(count, 8), dim=1)

        found = beside.loss(embeddings, 1)

        pictures = beside._pictures(1)
        place = {picture: embeddings[at] for at, picture in enumerate(pictures)}
        hinges = [
            max(0.0, 0.3 + float((place[q] - place[p]).norm() - (place[q] - place[n]).norm()))
            for q, p, n in judged.triplets.tolist()
            if {q, p, n} <= place.keys()
        ]
        costly = [each for each in hinges if each > 0]
        assert found.item() == pytest.approx(2.0 * np.mean(costly), abs=1e-4)

    def test_every_judgement_is_shown_once_in_a_turn(self, judged: JudgedPictures) -> None:
        beside = batches(judged)

        shown = {picture for step in range(3, 6) for picture in beside._pictures(step)}

        assert shown == set(judged.triplets.ravel().tolist())


def test_a_network_learns_what_was_judged(
    material: Material, judged: JudgedPictures, run_folder: Path
) -> None:
    settings = tiny_settings(budget__epochs=10, loss__name="contrastive")

    tiny_fit(settings, material, run_folder, judged=batches(judged, weight=20.0)).run(resume=False)

    with (run_folder / STEPS_FILE).open(newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    # Of such a weight that it is nearly the whole of the loss; judgements take turns in 3 steps.
    assert np.mean(losses[-3:]) < 0.5 * np.mean(losses[:3])
