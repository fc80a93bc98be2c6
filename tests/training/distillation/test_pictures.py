from pathlib import Path

import numpy as np

from retrieval.home import Home
from tests.training.making import write_catalogue
from training.distillation.pictures import gathered, is_held_out, opened
from training.distillation.settings import SourceSettings


def _source(path: Path, **told: str) -> SourceSettings:
    return SourceSettings(catalogue=path, licence="mine", **told)


def test_whole_labels_are_held_out_and_nothing_of_them_is_learnt_from(
    home: Home, tmp_path: Path
) -> None:
    source = _source(
        write_catalogue(tmp_path / "a", products=40), alike="product_id", together="style"
    )
    pictures = opened(home, source)

    aside = is_held_out(pictures, "style", 0.3, seed=0)
    learnt = gathered(home, [source], held_out=0.3, seed=0)

    styles = np.array(pictures.labels["style"])
    assert not set(styles[aside]) & set(styles[~aside])
    assert 0.1 < aside.mean() < 0.5
    kept = {each.content_sha256 for each in learnt.pictures}
    assert kept == {
        each.content_sha256
        for each, is_aside in zip(pictures.pictures, aside, strict=True)
        if not is_aside
    }
    assert learnt.of_source == (("a/catalogue.csv", int((~aside).sum())),)
    assert set(np.unique(learnt.labels, return_counts=True)[1]) == {3}


def test_a_picture_held_out_in_one_source_is_not_learnt_from_in_another(
    home: Home, tmp_path: Path
) -> None:
    path = write_catalogue(tmp_path / "a", products=40)
    by_style = _source(path, together="style")
    one_by_one = _source(path)
    pictures = opened(home, by_style)
    aside = is_held_out(pictures, "style", 0.3, seed=0)

    learnt = gathered(home, [by_style, one_by_one], held_out=0.3, seed=0)

    refused = {
        each.content_sha256
        for each, is_aside in zip(pictures.pictures, aside, strict=True)
        if is_aside
    }
    assert refused
    assert not refused & {each.content_sha256 for each in learnt.pictures}
    assert (learnt.labels == -1).all()


def test_labels_of_two_sources_never_meet(home: Home, tmp_path: Path) -> None:
    first = _source(write_catalogue(tmp_path / "a", products=4), alike="product_id")
    second = _source(write_catalogue(tmp_path / "b", products=4, size=(80, 80)), alike="product_id")

    learnt = gathered(home, [first, second], held_out=0.0, seed=0)

    assert len(np.unique(learnt.labels)) == 8
