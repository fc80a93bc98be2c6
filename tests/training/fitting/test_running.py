import csv
import json
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the extra `training` is not installed")

from embedding.errors import ModelError
from embedding.model_folder import read_card
from evaluation.description_cache import DescriptionCache
from evaluation.evaluating import Options, evaluate
from evaluation.models import EmbeddingModel
from evaluation.relations import Relation
from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.training.fitting.making import INPUT_SIZE, TINY
from tests.training.making import write_hard_catalogue
from training.data.joining import PRODUCT, TOGETHER
from training.data.material import gather, open_sources
from training.errors import SettingsInvalid
from training.fitting.running import run_training
from training.settings import TrainingSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running")


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIKENESS_HOME", str(folder / "home"))


@pytest.fixture(scope="module")
def run(folder: Path) -> Path:
    """The folder of a training that is over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIKENESS_HOME", str(folder / "home"))
        shop = write_hard_catalogue(folder / "shop", products=32)
        run_training(
            None,
            {**TINY, "sources": [shop], "budget.epochs": 13},
            out=folder / "run",
            resume=False,
            as_name="shop-net",
            overwrite=False,
            force=True,
            as_json=False,
        )
    return folder / "run"


class TestTraining:
    def test_leaves_a_model_whose_card_tells_how_it_was_trained(self, run: Path) -> None:
        card = read_card(run / "model")

        assert card.name == "shop-net"
        assert card.verified_cosine is not None
        assert card.verified_cosine > 0.9999
        assert card.trained is not None
        assert (card.trained.products, card.trained.pictures) == (16, 64)
        assert card.trained.loss == "multi-similarity"
        assert card.licence.startswith("none: random weights; trained further on pictures of")

    def test_what_it_says_was_found_is_what_the_installed_model_finds(self, run: Path) -> None:
        """By the ordinary evaluation, from picture files to ranks."""
        said = json.loads((run / "result.json").read_text())
        settings = TrainingSettings.read(run / "settings.yaml", {})
        with Home(EngineSettings.read()) as home:
            material = gather(
                home,
                open_sources(home, settings.sources, None),
                settings.data,
                input_size=INPUT_SIZE,
                seed=settings.seed,
                watch=Unwatched(),
            )
            found = evaluate(
                material.held_out.pictures,
                [EmbeddingModel(home.store.load("shop-net"), home.limits)],
                Options(relations=(Relation((PRODUCT,)),), resample_by=TOGETHER),
                cache=DescriptionCache(home.root / "cache" / "evaluation"),
                threads=1,
                watch=Unwatched(),
            )

        interval = found.results[0].outcomes[0].whole.intervals["R@1"]
        assert said["held_out"]["queries"] == 32
        assert said["held_out"]["after"]["mean"] == pytest.approx(interval.mean)
        # Products are drawn by other chances.
        assert said["held_out"]["after"] == pytest.approx(asdict(interval), abs=0.08)
        assert said["held_out"]["gain"]["mean"] == pytest.approx(
            interval.mean - said["held_out"]["before"]["mean"]
        )

    def test_writes_its_settings_and_its_history(self, run: Path) -> None:
        with (run / "epochs.csv").open(newline="") as file:
            epochs = list(csv.DictReader(file))

        assert [int(each["epoch"]) for each in epochs] == list(range(14))
        assert "backbone: test_efficientnet" in (run / "settings.yaml").read_text()


def test_a_result_is_kept_where_installing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file lies where the store's folder should be made."""
    monkeypatch.setenv("LIKENESS_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").write_text("")
    shop = write_hard_catalogue(tmp_path / "shop", products=32)
    with pytest.raises(ModelError, match="could not be stored"):
        run_training(
            None,
            {**TINY, "sources": [shop], "budget.epochs": 1},
            out=tmp_path / "run",
            resume=False,
            as_name="shop-net",
            overwrite=False,
            force=True,
            as_json=False,
        )
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert (result["steps"], result["installed_as"]) == (2, None)


def again(out: Path, told: dict[str, object], *, resume: bool, as_name: str | None = None) -> None:
    run_training(
        None,
        told,
        out=out,
        resume=resume,
        as_name=as_name,
        overwrite=False,
        force=False,
        as_json=False,
    )


def test_where_nothing_is_gained_it_says_so_and_installs_nothing(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One epoch at no rate at all, and in words of one."""
    shop = run.parent / "shop" / "catalogue.csv"
    told = {**TINY, "sources": [shop], "budget.epochs": 1, "optimiser.lr": 1e-12}
    is_made = run_training(
        None,
        told,
        out=tmp_path / "run",
        resume=False,
        as_name="poor",
        overwrite=False,
        force=False,
        as_json=False,
    )
    said, progress = capsys.readouterr()
    assert not is_made
    assert "the budget of 1 epoch is spent" in said
    assert "Nothing was gained" in said or "chance alone may explain" in said
    assert "not installed (exit code 3; --force installs it all the same)" in said
    assert "epoch 1: loss" in progress


class TestRefusing:
    def test_a_folder_that_holds_a_training(self, run: Path) -> None:
        with pytest.raises(SettingsInvalid, match=r"holds a training already. Go on with it"):
            again(run, TINY, resume=False)

    def test_a_name_that_is_taken_before_hours_are_spent(self, run: Path) -> None:
        with pytest.raises(ModelError, match="already installed as 'shop-net'"):
            again(run, {}, resume=True, as_name="shop-net")

    def test_more_dimensions_than_its_pictures_have_leave_nothing_behind(
        self, run: Path, tmp_path: Path
    ) -> None:
        told = {**TINY, "sources": [run.parent / "shop" / "catalogue.csv"], "network.dimension": 64}
        with pytest.raises(SettingsInvalid, match=r"64 of them have at most 63. Choose 63 or less"):
            again(tmp_path / "new", told, resume=False)
        assert not (tmp_path / "new").exists()

    def test_to_go_on_where_nothing_began(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsInvalid, match="no training began there"):
            again(tmp_path, {}, resume=True)

    def test_to_go_on_with_other_settings(self, run: Path) -> None:
        before = (run / "settings.yaml").read_text()

        with pytest.raises(SettingsInvalid, match="only the budget and the threads may change"):
            again(run, {"optimiser.lr": 0.5}, resume=True)
        assert (run / "settings.yaml").read_text() == before
