import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedding.backbones import KNOWN
from embedding.check_pictures import check_pictures
from embedding.errors import ModelBroken, ModelError, ModelNotInstalled, ModelUnknown
from embedding.model_names import BUILT_IN, SMALL
from embedding.shipped import SHIPPED
from embedding.store import ModelStore
from tests.embedding.tiny_model import tiny_weights, write_tiny_model

PICTURE = Image.linear_gradient("L").convert("RGB")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A model trained elsewhere, ready to install."""
    write_tiny_model(tmp_path / "built")
    return tmp_path / "built"


def names(store: ModelStore) -> list[str]:
    return [card.name for card in store.cards()]


class TestCards:
    def test_of_an_empty_store_are_the_built_in_ones(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        assert names(store) == [*BUILT_IN]
        assert store.broken() == []
        assert not (tmp_path / "models").exists()

    def test_are_sorted_after_the_built_in_ones(self, store: ModelStore, built: Path) -> None:
        for name in ("zebra", "alpha"):
            store.install(built, name=name)
        assert names(store) == [*BUILT_IN, "alpha", "zebra"]

    def test_leave_out_broken_models_which_are_reported(
        self, store: ModelStore, built: Path, tmp_path: Path
    ) -> None:
        store.install(built)
        (tmp_path / "models" / "empty").mkdir()
        (tmp_path / "models" / ".hidden").mkdir()
        (tmp_path / "models" / "a-file").write_text("")
        assert names(store) == [*BUILT_IN, "tiny"]
        assert [name for name, _ in store.broken()] == ["empty"]
        assert "card.json cannot be read" in str(store.broken()[0][1])


def _change_card(folder: Path, **fields: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **fields}))


def _cut(folder: Path) -> None:
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content[:-10])


def _exchange(folder: Path) -> None:
    write_tiny_model(folder / "other", weights=tiny_weights(seed=9))
    (folder / "other" / "model.onnx").rename(folder / "model.onnx")


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no card": (lambda folder: (folder / "card.json").unlink(), "card.json cannot be read"),
    "no weights": (lambda folder: (folder / "model.onnx").unlink(), "model.onnx is missing"),
    "truncated weights": (_cut, "damaged or was exchanged"),
    "other weights": (_exchange, "damaged or was exchanged"),
    "card is no JSON": (lambda f: (f / "card.json").write_text("{"), "not a valid card"),
    "card is no text": (lambda f: (f / "card.json").write_bytes(b"\xff\xfe"), "not UTF-8"),
    "brackets without end": (
        lambda f: (f / "card.json").write_text("[" * 10**5),
        "not a valid card",
    ),
    "digits without end": (
        lambda f: (f / "card.json").write_text('{"dimension": ' + "9" * 5000 + "}"),
        "not a valid card",
    ),
    "card is a list": (lambda f: (f / "card.json").write_text("[]"), "not a valid card"),
    "impossible value": (lambda f: _change_card(f, dimension=-1), "dimension"),
    "unknown field": (lambda f: _change_card(f, colour="red"), "colour"),
    "newer format": (lambda f: _change_card(f, format_version=99), "Upgrade likeness"),
    "other name": (lambda f: _change_card(f, name="renamed"), "Rename the folder"),
}


class TestLoad:
    def test_gives_a_working_embedder(self, store: ModelStore, built: Path) -> None:
        card = store.install(built)
        embedder = store.load("tiny")
        assert embedder.card == card == store.card("tiny")
        assert embedder.embed([PICTURE]).shape == (1, card.dimension)

    def test_the_small_network_is_part_of_the_program(self, store: ModelStore) -> None:
        card = store.card(SMALL)
        vectors = store.load(SMALL).embed(check_pictures())

        assert vectors.shape == (len(check_pictures()), card.dimension)
        assert sum(file.stat().st_size for file in (SHIPPED / SMALL).rglob("*")) < 12_000_000

    def test_classic_is_always_there(self, store: ModelStore) -> None:
        embedder = store.load("classic")
        assert embedder.card == store.card("classic")
        assert embedder.embed([PICTURE]).shape == (1, embedder.card.dimension)

    @pytest.mark.parametrize("case", BROKEN)
    def test_refuses_a_broken_model_and_the_others_go_on(
        self, store: ModelStore, built: Path, tmp_path: Path, case: str
    ) -> None:
        damage, message = BROKEN[case]
        store.install(built)
        store.install(built, name="whole")
        damage(tmp_path / "models" / "tiny")
        with pytest.raises(ModelBroken, match=message):
            store.load("tiny")
        assert "whole" in names(store)
        assert store.load("whole").embed([PICTURE]).shape[0] == 1
        store.remove("tiny")  # broken models can be removed

    def test_of_a_known_backbone_tells_the_command(self, store: ModelStore) -> None:
        with pytest.raises(ModelNotInstalled, match="`likeness models add resnet18`"):
            store.load("resnet18")

    def test_of_an_unknown_name_suggests_the_nearest(self, store: ModelStore) -> None:
        with pytest.raises(ModelUnknown, match="Did you mean resnet18"):
            store.load("resnet-18")

    @pytest.mark.parametrize(
        "name",
        ["../built", "..", ".", "", "/etc", "a/b", "a\\b", ".hidden", "tiny\n", "Tiny", "a\0b"],
    )
    def test_never_leaves_the_store(
        self, store: ModelStore, built: Path, tmp_path: Path, name: str
    ) -> None:
        store.install(built)
        write_tiny_model(tmp_path / "models" / ".hidden")
        with pytest.raises(ModelUnknown):
            store.load(name)
        with pytest.raises(ModelUnknown):
            store.remove(name)
        assert (built / "model.onnx").is_file()


class TestInstall:
    def test_keeps_the_card_and_leaves_the_source(self, store: ModelStore, built: Path) -> None:
        before = sorted(built.iterdir())
        card = store.install(built)
        assert names(store) == [*BUILT_IN, "tiny"]
        assert store.load("tiny").card.fingerprint == card.fingerprint
        assert sorted(built.iterdir()) == before

    def test_under_another_name_gives_the_same_vectors(
        self, store: ModelStore, built: Path
    ) -> None:
        first, second = store.install(built), store.install(built, name="second")
        assert (first.fingerprint, second.name) == (second.fingerprint, "second")
        np.testing.assert_array_equal(
            store.load("tiny").embed([PICTURE]), store.load("second").embed([PICTURE])
        )

    def test_of_the_same_model_twice_is_no_error(self, store: ModelStore, built: Path) -> None:
        assert store.install(built) == store.install(built)

    def test_of_another_model_needs_overwrite(
        self, store: ModelStore, built: Path, tmp_path: Path
    ) -> None:
        first = store.install(built)
        write_tiny_model(tmp_path / "new", weights=tiny_weights(seed=5))
        with pytest.raises(ModelError, match="--overwrite"):
            store.install(tmp_path / "new")
        assert store.card("tiny") == first
        second = store.install(tmp_path / "new", overwrite=True)
        assert store.card("tiny") == second != first
        assert _visible_and_hidden(tmp_path / "models") == ["tiny"]

    @pytest.mark.parametrize("case", [case for case in BROKEN if case != "other name"])
    def test_of_a_broken_folder_changes_nothing(
        self, store: ModelStore, built: Path, tmp_path: Path, case: str
    ) -> None:
        damage, message = BROKEN[case]
        damage(built)
        with pytest.raises(ModelBroken, match=message):
            store.install(built)
        assert names(store) == [*BUILT_IN]
        assert _visible_and_hidden(tmp_path / "models") == []

    def test_of_a_network_that_does_not_fit_its_card_changes_nothing(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        write_tiny_model(tmp_path / "built", dimension=9)
        with pytest.raises(ModelBroken, match="Correct dimension"):
            store.install(tmp_path / "built")
        assert _visible_and_hidden(tmp_path / "models") == []

    def test_of_a_network_that_sees_nothing_is_refused(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        write_tiny_model(tmp_path / "built", weights=np.zeros_like(tiny_weights()))
        with pytest.raises(ModelBroken, match="same vector for every picture"):
            store.install(tmp_path / "built")

    @pytest.mark.parametrize("name", ["../up", "", "UP", ".x", "a" * 101])
    def test_refuses_impossible_names(self, store: ModelStore, built: Path, name: str) -> None:
        with pytest.raises(ModelError, match="cannot be a model's name"):
            store.install(built, name=name)

    @pytest.mark.parametrize("name", BUILT_IN)
    def test_refuses_to_replace_a_built_in_one(
        self, store: ModelStore, built: Path, name: str
    ) -> None:
        with pytest.raises(ModelError, match="built in"):
            store.install(built, name=name, overwrite=True)

    def test_where_the_store_cannot_be_written_says_so(self, built: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        store = ModelStore(tmp_path / "file" / "models", cache_folder=tmp_path / "cache")
        with pytest.raises(ModelError, match="could not be stored"):
            store.install(built)


class TestRemove:
    def test_takes_one_model_away(self, store: ModelStore, built: Path, tmp_path: Path) -> None:
        store.install(built)
        store.install(built, name="other")
        store.remove("tiny")
        assert names(store) == [*BUILT_IN, "other"]
        assert _visible_and_hidden(tmp_path / "models") == ["other"]

    def test_of_what_is_not_there(self, store: ModelStore) -> None:
        with pytest.raises(ModelUnknown):
            store.remove("tiny")
        with pytest.raises(ModelNotInstalled):
            store.remove(next(iter(KNOWN)))
        with pytest.raises(ModelError, match="built in"):
            store.remove("classic")


def _visible_and_hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
