import csv
from pathlib import Path

from retrieval.home import Home
from training.distillation.parts import write_parts
from training.distillation.pictures import gathered, opened
from training.distillation.settings import DistillationSettings, SourceSettings


def test_the_parts_are_what_was_learnt_from_and_the_rest(
    home: Home, settings: DistillationSettings, tmp_path: Path
) -> None:
    settings = settings.model_copy(update={"held_out": 0.5})

    learnt, held_out = write_parts(home, settings, tmp_path / "parts")

    told = {
        path: opened(home, SourceSettings(catalogue=path, licence="mine"))
        for path in (learnt, held_out)
    }
    contents = [{each.content_sha256 for each in one.pictures} for one in told.values()]
    taught = gathered(home, settings.sources, held_out=settings.held_out, seed=settings.seed)
    assert contents[0] == {each.content_sha256 for each in taught.pictures}
    assert not contents[0] & contents[1]
    assert len(contents[0] | contents[1]) == 24 * 3
    with held_out.open(newline="") as file:
        styles = {row["style"] for row in csv.DictReader(file)}
    assert styles == set(told[held_out].labels["style"])
    assert not styles & set(told[learnt].labels["style"])
