import importlib.util
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from embedding import adding, calibration
from embedding.backbones import KNOWN
from embedding.command import models_app
from embedding.errors import (
    CalibrationMissing,
    EmbeddingError,
    ModelBroken,
    ModelError,
    ModelExtraMissing,
    ModelNotInstalled,
    ModelUnknown,
    QuantisingFailed,
)
from embedding.model_folder import read_card
from embedding.model_names import BUILT_IN
from embedding.store import ModelStore
from tests.embedding.tiny_model import write_pictures, write_tiny_model

TERMINAL = {"COLUMNS": "200", "TERM": "dumb"}


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write_tiny_model(tmp_path / "built", source="a run [bold]of mine[/bold]")
    return tmp_path / "built"


def models(store: ModelStore, *arguments: object) -> Result:
    """Runs `models ...`; an EmbeddingError comes out, as it does for the program that mounts it."""
    app = models_app(lambda: store, lambda model: [], lambda: Path("no-pictures"))
    result = CliRunner().invoke(app, [str(word) for word in arguments], env=TERMINAL)
    if isinstance(result.exception, EmbeddingError):
        raise result.exception
    return result


class TestList:
    def test_shows_models_and_what_is_broken(
        self, store: ModelStore, built: Path, tmp_path: Path
    ) -> None:
        store.install(built)
        (tmp_path / "models" / "empty").mkdir()
        output = models(store, "list").output
        assert "classic" in output
        assert "a run [bold]of mine[/bold]" in output
        assert "Broken: empty." in output
        assert "resnet18" not in output

    def test_shows_what_could_be_added(self, store: ModelStore) -> None:
        output = models(store, "list", "--known").output
        assert [name for name in KNOWN if name not in output] == []

    def test_shortens_no_name(self, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(TERMINAL, "COLUMNS", "80")
        output = models(store, "list", "--known").output
        assert [name for name in KNOWN if name not in output] == []

    def test_for_scripts(self, store: ModelStore, built: Path, tmp_path: Path) -> None:
        store.install(built)
        (tmp_path / "models" / "empty").mkdir()
        listing = json.loads(models(store, "list", "--json", "--known").stdout)
        assert [card["name"] for card in listing["models"]] == [*BUILT_IN, "tiny"]
        assert [entry["name"] for entry in listing["broken"]] == ["empty"]
        assert [entry["name"] for entry in listing["known"]] == list(KNOWN)


class TestShow:
    def test_prints_the_card(self, store: ModelStore, built: Path) -> None:
        card = store.install(built)
        assert json.loads(models(store, "show", "tiny").stdout) == card.model_dump(mode="json")

    def test_of_what_is_not_there(self, store: ModelStore) -> None:
        with pytest.raises(ModelNotInstalled, match="likeness models add resnet18"):
            models(store, "show", "resnet18")
        with pytest.raises(ModelUnknown):
            models(store, "show", "../built")


class TestRemove:
    def test_removes(self, store: ModelStore, built: Path) -> None:
        store.install(built)
        assert models(store, "remove", "tiny").output == "Removed tiny.\n"
        assert [card.name for card in store.cards()] == [*BUILT_IN]

    def test_refuses_one_that_a_collection_needs(self, store: ModelStore, built: Path) -> None:
        store.install(built)
        app = models_app(lambda: store, lambda model: ["shoes"], lambda: Path("no-pictures"))

        result = CliRunner().invoke(app, ["remove", "tiny"])

        assert isinstance(result.exception, ModelError)
        assert "likeness reindex --collection shoes" in str(result.exception)
        assert [card.name for card in store.cards()] == [*BUILT_IN, "tiny"]


class TestAddFolder:
    def test_installs_it(self, store: ModelStore, built: Path) -> None:
        output = models(store, "add", built).output
        assert "Added tiny: 8 dimensions at 32 pixels" in output
        assert store.card("tiny").name == "tiny"

    def test_under_another_name(self, store: ModelStore, built: Path) -> None:
        models(store, "add", built, "--as", "mine")
        assert [card.name for card in store.cards()] == [*BUILT_IN, "mine"]

    def test_that_is_no_model(self, store: ModelStore, tmp_path: Path) -> None:
        with pytest.raises(ModelBroken, match="is not a model"):
            models(store, "add", tmp_path)
        with pytest.raises(ModelBroken, match="is not a model"):
            models(store, "add", tmp_path / "nowhere")


class TestPrecision:
    @pytest.fixture
    def pictures(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder with just enough of them."""
        monkeypatch.setattr(calibration, "FEWEST_PICTURES", 40)
        write_pictures(tmp_path / "pictures", 40)
        return tmp_path / "pictures"

    @pytest.fixture
    def nncf(self) -> None:
        pytest.importorskip("nncf", reason="NNCF is in the optional extra `models`")

    def test_is_fp32_without_pictures_and_the_card_says_how_to_change_that(
        self, store: ModelStore, built: Path, nncf: None
    ) -> None:
        output = models(store, "add", built).output
        card = store.card("tiny")
        assert card.precision == "fp32"
        for text in (card.precision_reason, output):
            assert "There is no folder no-pictures" in text
            assert "--calibrate-on FOLDER" in text
            assert "likeness models quantise tiny" in text
        assert card.fingerprint == read_card(built).fingerprint

    def test_is_fp32_untried_on_request(self, store: ModelStore, built: Path) -> None:
        models(store, "add", built, "--precision", "fp32")
        card = store.card("tiny")
        assert (card.precision, card.precision_reason, card.int8) == ("fp32", "", None)

    def test_is_int8_when_forced(
        self, store: ModelStore, built: Path, pictures: Path, nncf: None
    ) -> None:
        result = models(store, "add", built, "--precision", "int8", "--calibrate-on", pictures)
        card = store.card("tiny")
        assert card.precision == "int8"
        assert card.int8 is not None
        assert "runs in  int8: int8 was forced" in result.output
        assert f"recall@10 {card.int8.recall_at_10:.4f} on 20 pictures" in result.output
        assert "int8" in models(store, "list").output
        listed = json.loads(models(store, "list", "--json").stdout)["models"][-1]
        assert listed["int8"]["measured_on"] == 20
        again = models(store, "add", built, "--precision", "int8", "--calibrate-on", pictures)
        assert again.exit_code == 0
        assert store.card("tiny") == card

    @pytest.mark.parametrize(("first", "then"), [("fp32", "int8"), ("int8", "fp32")])
    def test_other_than_installed_is_refused_not_passed_over(
        self, store: ModelStore, built: Path, pictures: Path, nncf: None, first: str, then: str
    ) -> None:
        """Else a model would be told as added that runs in another precision than asked for."""

        def add(precision: str, *more: str) -> Result:
            named = ("--calibrate-on", pictures) if precision == "int8" else ()
            return models(store, "add", built, "--precision", precision, *named, *more)

        add(first)
        with pytest.raises(ModelError, match=f"'tiny' is installed already, in {first}"):
            add(then)
        assert store.card("tiny").precision == first
        add(then, "--overwrite")
        assert store.card("tiny").precision == then

    def test_of_a_folder_gives_way_to_the_one_asked_for(
        self, store: ModelStore, built: Path, pictures: Path, tmp_path: Path, nncf: None
    ) -> None:
        models(store, "add", built, "--precision", "int8", "--calibrate-on", pictures)
        in_int8 = tmp_path / "models" / "tiny"
        models(store, "add", in_int8, "--as", "as-it-is")
        models(store, "add", in_int8, "--as", "plain", "--precision", "fp32")
        assert store.card("as-it-is").fingerprint == store.card("tiny").fingerprint
        assert store.card("plain").fingerprint == read_card(built).fingerprint

    def test_is_chosen_with_the_catalogues_own_pictures(
        self, store: ModelStore, built: Path, pictures: Path, nncf: None
    ) -> None:
        app = models_app(lambda: store, lambda model: [], lambda: pictures)
        result = CliRunner().invoke(app, ["add", str(built)])
        assert result.exit_code == 0
        measured = store.card("tiny").int8
        assert measured is not None
        assert (measured.calibrated_on, measured.measured_on, measured.forced) == (20, 20, False)

    def test_is_fp32_with_the_reason_where_the_network_cannot_be_made_int8(
        self,
        store: ModelStore,
        built: Path,
        pictures: Path,
        nncf: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from embedding import quantising

        def refuse(*arguments: object, **options: object) -> None:
            raise quantising.nncf.UnsupportedModelError("no scale for Loop\nand more")

        monkeypatch.setattr(quantising.nncf, "quantize", refuse)
        models(store, "add", built, "--calibrate-on", pictures)
        card = store.card("tiny")
        assert card.precision == "fp32"
        assert "int8 failed" in card.precision_reason
        assert "(no scale for Loop)" in card.precision_reason
        with pytest.raises(QuantisingFailed, match="--precision fp32"):
            models(store, "quantise", "tiny", "--calibrate-on", pictures)

    def test_named_pictures_that_are_too_few_are_an_error(
        self, store: ModelStore, built: Path, tmp_path: Path, nncf: None
    ) -> None:
        write_pictures(tmp_path / "few", 3)
        with pytest.raises(CalibrationMissing, match="holds 3 different pictures"):
            models(store, "add", built, "--calibrate-on", tmp_path / "few")
        with pytest.raises(CalibrationMissing, match="There is no folder"):
            models(store, "add", built, "--calibrate-on", tmp_path / "nowhere")
        assert [card.name for card in store.cards()] == [*BUILT_IN]

    def test_without_nncf_is_fp32_or_tells_what_to_install(
        self, store: ModelStore, built: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def find_spec(name: str) -> object:
            return None if name == "nncf" else importlib.util.find_spec(name)

        monkeypatch.setattr(adding, "find_spec", find_spec)
        with pytest.raises(ModelExtraMissing, match="pip install nncf"):
            models(store, "add", built, "--precision", "int8", "--calibrate-on", pictures)
        models(store, "add", built)
        assert "pip install nncf" in store.card("tiny").precision_reason

    def test_fp32_and_pictures_to_calibrate_on_exclude_each_other(
        self, store: ModelStore, built: Path
    ) -> None:
        result = models(store, "add", built, "--precision", "fp32", "--calibrate-on", ".")
        assert result.exit_code == 2
        assert "calibrates nothing" in result.output


class TestQuantise:
    @pytest.fixture
    def pictures(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        pytest.importorskip("nncf", reason="NNCF is in the optional extra `models`")
        monkeypatch.setattr(calibration, "FEWEST_PICTURES", 40)
        write_pictures(tmp_path / "pictures", 40)
        return tmp_path / "pictures"

    def test_makes_a_model_of_its_own_and_leaves_the_old_one(
        self, store: ModelStore, built: Path, pictures: Path
    ) -> None:
        models(store, "add", built)
        before = store.card("tiny")
        output = models(store, "quantise", "tiny", "--calibrate-on", pictures, "--force").output
        made = store.card("tiny-int8")
        assert (made.precision, made.fingerprint == before.fingerprint) == ("int8", False)
        assert store.card("tiny") == before
        assert "likeness reindex --collection COLLECTION --model tiny-int8" in output

    def test_refuses_a_name_that_is_taken_before_the_long_work(
        self, store: ModelStore, built: Path, pictures: Path
    ) -> None:
        models(store, "add", built)
        store.install(built, name="tiny-int8")
        for path in pictures.iterdir():
            path.unlink()
        with pytest.raises(ModelError, match=r"installed as 'tiny-int8'\..*--overwrite"):
            models(store, "quantise", "tiny", "--calibrate-on", pictures)

    def test_installs_nothing_that_is_not_worth_it(
        self, store: ModelStore, built: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from embedding import int8

        monkeypatch.setattr(int8, "LEAST_SPEED_UP", 1000.0)
        models(store, "add", built)
        with pytest.raises(ModelError, match=r"No int8 variant .* times that of fp32"):
            models(store, "quantise", "tiny", "--calibrate-on", pictures)
        assert [card.name for card in store.cards()] == [*BUILT_IN, "tiny"]

    def test_replaces_nothing_that_a_collection_needs(
        self, store: ModelStore, built: Path, pictures: Path
    ) -> None:
        store.install(built, name="mine")
        app = models_app(lambda: store, lambda model: ["shoes"], lambda: pictures)
        words = ["quantise", "mine", "--as", "mine", "--force"]
        result = CliRunner().invoke(app, [*words, "--overwrite"])
        assert "what collection shoes is searched with" in str(result.exception)
        result = CliRunner().invoke(app, words)
        assert "Another model is already installed as 'mine'" in str(result.exception)

    def test_of_the_built_in_model(self, store: ModelStore, pictures: Path) -> None:
        with pytest.raises(ModelError, match="built in"):
            models(store, "quantise", "classic", "--calibrate-on", pictures)


class TestAddBackbone:
    def test_exports_and_installs(self, store: ModelStore) -> None:
        for package in ("torch", "timm", "onnx", "onnxscript"):
            pytest.importorskip(package, reason="exporting needs the optional extra `models`")
        result = models(
            store,
            *("add", "test_resnet", "--random-weights", "--as", "mine", "--fit", "letterbox"),
            *("--mean", "0.5", "--std", "0.2,0.3,0.4", "--model-arg", "drop_rate=0.1"),
        )
        assert "Added mine" in result.output
        card = store.card("mine")
        assert (card.fit, card.mean, card.std) == ("letterbox", (0.5,) * 3, (0.2, 0.3, 0.4))
        assert "drop_rate=0.1" in card.source

    def test_without_the_extra_tells_what_to_install(
        self, store: ModelStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def find_spec(name: str) -> object:
            return None if name in ("torch", "timm") else importlib.util.find_spec(name)

        monkeypatch.setattr(adding, "find_spec", find_spec)
        with pytest.raises(ModelExtraMissing, match="pip install torch timm onnx onnxscript"):
            models(store, "add", "resnet18")

    def test_refuses_names_before_the_long_work(self, store: ModelStore) -> None:
        with pytest.raises(ModelError, match="cannot be a model's name"):
            models(store, "add", "resnet18", "--as", "../up")
        with pytest.raises(ModelError, match="built in"):
            models(store, "add", "classic")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--mean", "half"], "one number or three"),
            (["--std", "1,2"], "one number or three"),
            (["--std", "0"], "above 0"),
            (["--model-arg", "pad_type"], "KEY=VALUE"),
            (["--size", "300"], "300"),
            (["--fit", "squash"], "squash"),
            (["--weights", "w.pth", "--random-weights"], "exclude each other"),
        ],
    )
    def test_refuses_impossible_options(
        self, store: ModelStore, options: list[str], message: str
    ) -> None:
        result = models(store, "add", "resnet18", *options)
        assert result.exit_code == 2
        assert message in result.output
