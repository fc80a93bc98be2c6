from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.preparing import prepared
from retrieval.settings import EngineSettings
from training.data.material import Material
from training.errors import SettingsInvalid
from training.fitting.teacher import teaching
from training.losses.settings import LossSettings
from training.settings import TeacherSettings


def test_says_of_every_picture_what_the_installed_model_says(
    material: Material, tmp_path: Path
) -> None:
    with Home(EngineSettings(home=tmp_path)) as home:
        found = teaching(
            home,
            TeacherSettings(model="classic", share=0.25),
            material.training,
            dimension=7,
            threads=1,
            watch=Unwatched(),
        )
        model = home.store.load("classic")
        last = material.training.pictures.pictures[-1].read()
        expected = model.embed_prepared([prepared(last, model, home.limits)])[0]

    assert found.share == 0.25
    assert len(found.vectors) == len(material.training.rows)
    assert np.array_equal(found.vectors[-1], expected)


def test_vectors_of_another_length_can_only_be_learnt_from_by_their_relations(
    material: Material, tmp_path: Path
) -> None:
    settings = TeacherSettings(model="classic", loss=LossSettings(name="cosine-distillation"))

    with (
        Home(EngineSettings(home=tmp_path)) as home,
        pytest.raises(SettingsInvalid, match="or take relational-distillation"),
    ):
        teaching(home, settings, material.training, dimension=7, threads=1, watch=Unwatched())
