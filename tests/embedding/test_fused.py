"""Fused models: what their vectors promise, and how they are made, kept and refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner, Result

from embedding.card import ModelCard
from embedding.command import models_app
from embedding.embedder import Embedder, Hint
from embedding.errors import EmbeddingError, ModelBroken, ModelError, WeightsInvalid
from embedding.fused.balance import Balance, fits
from embedding.fused.built_in import BUILT_IN, BuiltInParts
from embedding.fused.embedder import network_threads
from embedding.fused.making import fuse
from embedding.fused.weights import parsed_weights
from embedding.store import ModelStore
from tests.embedding.tiny_model import tiny_weights, write_tiny_model
from tests.pictures import drawn

WEIGHTS = {"tiny": 0.5, "colour": 0.3, "texture": 0.2}
PICTURES = [drawn(number) for number in range(6)]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """With the networks `tiny` and `other`."""
    store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)
    for seed, name in enumerate(("tiny", "other")):
        write_tiny_model(tmp_path / name, name=name, weights=tiny_weights(seed), licence="MIT")
        store.install(tmp_path / name)
    return store


@pytest.fixture
def fused(store: ModelStore) -> Embedder:
    fuse(store, "mix", WEIGHTS, overwrite=False)
    return store.load("mix")


def parts_of(store: ModelStore, pictures: list[Image.Image]) -> dict[str, NDArray[np.float32]]:
    """Part -> unit vectors, each made by itself."""
    built_in = [BuiltInParts().describe(each, ("colour", "texture")) for each in pictures]
    return {
        "tiny": store.load("tiny").embed(pictures),
        "other": store.load("other").embed(pictures),
        "colour": np.stack([each["colour"] for each in built_in]),
        "texture": np.stack([each["texture"] for each in built_in]),
    }


def mean_cosines(
    weights: dict[str, float], parts: dict[str, NDArray[np.float32]]
) -> NDArray[np.float64]:
    """Weighted mean of the parts' cosines, picture by picture: (n, n)."""
    return sum(  # type: ignore[return-value]
        weight * (parts[name].astype(np.float64) @ parts[name].T.astype(np.float64))
        for name, weight in weights.items()
    )


class TestVectors:
    def test_inner_products_are_weighted_means_of_the_parts_cosines(
        self, store: ModelStore, fused: Embedder
    ) -> None:
        vectors = fused.embed(PICTURES)

        assert vectors.dtype == np.float32
        assert vectors.shape == (6, fused.card.dimension) == (6, 8 + 304 + 336)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
        expected = mean_cosines(WEIGHTS, parts_of(store, PICTURES))
        np.testing.assert_allclose(vectors @ vectors.T, expected, atol=5e-6)

    def test_do_not_depend_on_the_batch(self, fused: Embedder) -> None:
        alone = np.concatenate([fused.embed([each]) for each in PICTURES])
        np.testing.assert_array_equal(fused.embed(PICTURES), alone)

    def test_may_be_of_networks_or_of_built_in_parts_alone(self, store: ModelStore) -> None:
        for name, weights in {
            "networks": {"tiny": 0.6, "other": 0.4},
            "built-in": {"texture": 0.6, "colour": 0.4},
        }.items():
            fuse(store, name, weights, overwrite=False)
            embedder = store.load(name)
            vectors = embedder.embed(PICTURES)
            expected = mean_cosines(weights, parts_of(store, PICTURES))
            np.testing.assert_allclose(vectors @ vectors.T, expected, atol=5e-6)
        assert embedder.target_side == 128

    def test_a_part_is_prepared_from_as_many_pixels_as_the_largest_needs(
        self, store: ModelStore, tmp_path: Path
    ) -> None:
        large = write_tiny_model(
            tmp_path / "large", name="large", input_size=200, fit="crop", crop_fraction=0.8
        )
        store.install(tmp_path / "large")
        card = fuse(store, "mix", {"large": 1, "tiny": 1, "colour": 1}, overwrite=False)
        assert (card.input_size, store.load("mix").target_side) == (large.input_size, 250)

    def test_parts_of_one_square_share_its_pixels(self, store: ModelStore, tmp_path: Path) -> None:
        same = {"input_size": 128, "fit": "stretch", "interpolation": "bilinear"}
        write_tiny_model(tmp_path / "same", name="same", **same)
        store.install(tmp_path / "same")
        fuse(store, "mix", {"same": 0.7, "shades": 0.3}, overwrite=False)
        embedder = store.load("mix")

        assert embedder.prepare(PICTURES[0]).shape == (3 * 128 * 128,)
        vectors = embedder.embed(PICTURES)
        network = store.load("same").embed(PICTURES)
        shades = np.stack(
            [BuiltInParts().describe(each, ("shades",))["shades"] for each in PICTURES]
        )
        expected = 0.7 * network @ network.T + 0.3 * shades @ shades.T
        np.testing.assert_allclose(vectors @ vectors.T, expected, atol=5e-6)

    @pytest.mark.parametrize(
        ("input_size", "threads", "beside", "hint", "expected"),
        [
            (128, 4, True, "latency", 3),
            (128, 1, True, "latency", 1),
            (224, 4, True, "latency", 4),
            (128, 4, False, "latency", 4),
            (128, 0, True, "throughput", 0),
        ],
    )
    def test_a_small_network_leaves_a_processor_to_what_is_described_beside_it(
        self,
        store: ModelStore,
        input_size: int,
        threads: int,
        beside: bool,
        hint: Hint,
        expected: int,
    ) -> None:
        card = store.card("tiny").model_copy(update={"input_size": input_size})
        assert network_threads(card, threads, beside=beside, hint=hint) == expected

    def test_what_another_model_prepared_is_refused(
        self, store: ModelStore, fused: Embedder
    ) -> None:
        with pytest.raises(ValueError, match="input 0 was not prepared for 'mix'"):
            fused.embed_prepared([store.load("tiny").prepare(PICTURES[0])])
        with pytest.raises(ValueError, match="inputs is empty"):
            fused.embed_prepared([])


class TestBuiltInParts:
    @pytest.mark.parametrize(
        "picture",
        [*PICTURES[:2], Image.new("RGB", (30, 40), "white"), Image.new("RGB", (9, 9), "black")],
    )
    def test_are_of_unit_length_whatever_the_picture(self, picture: Image.Image) -> None:
        for vector in BuiltInParts().describe(picture, BUILT_IN).values():
            assert vector.dtype == np.float32
            assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)

    def test_shades_are_the_roots_of_shares_of_pixels(self) -> None:
        picture = Image.new("RGB", (128, 128), (200, 30, 30))
        picture.paste((30, 30, 200), (0, 0, 32, 128))

        vector = BuiltInParts().describe(picture, ("shades",))["shades"]

        # Hue 0 and 170 of 256 in steps of 16, saturation 216 and value 200 in steps of 32.
        red, blue = (0 * 8 + 6) * 8 + 6, (10 * 8 + 6) * 8 + 6
        assert {place: float(vector[place]) ** 2 for place in np.flatnonzero(vector)} == {
            red: pytest.approx(0.75),
            blue: pytest.approx(0.25),
        }

    def test_shades_of_a_model_name_their_own_code(self, store: ModelStore) -> None:
        """So that models without them stay as they are when it changes."""
        card = fuse(store, "mix", {"tiny": 1, "shades": 1}, overwrite=False)
        other = fuse(store, "other-mix", {"tiny": 1, "colour": 1}, overwrite=False)

        assert "shades" in card.revision
        assert "shades" not in other.revision
        assert card.parts[1].stop - card.parts[1].start == 1024

    def test_plain_pictures_agree_in_texture_and_with_nothing_else(self) -> None:
        plain = [Image.new("RGB", (40, 40), shade) for shade in ("white", "navy")]
        first, second, other = (
            BuiltInParts().describe(each, ("texture",))["texture"] for each in (*plain, drawn(1))
        )
        assert first @ second == pytest.approx(1.0, abs=1e-3)
        assert first @ other == pytest.approx(0.0, abs=1e-3)


class TestCard:
    def test_lists_the_parts_and_joins_the_licences(
        self, store: ModelStore, fused: Embedder
    ) -> None:
        card = fused.card
        assert card.weights == WEIGHTS
        assert [(part.start, part.stop) for part in card.parts] == [(0, 8), (8, 312), (312, 648)]
        assert card.parts[0].model == store.card("tiny")
        assert card.licence == "MIT AND Apache-2.0"
        assert store.card("mix") == card
        assert ModelCard.model_validate_json(card.model_dump_json()) == card

    def test_the_fingerprint_changes_with_whatever_changes_the_vector(
        self, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fingerprint(**weights: float) -> str:
            return fuse(store, "mix", weights, overwrite=True).fingerprint

        first = fingerprint(tiny=0.5, colour=0.5)
        assert fingerprint(tiny=2, colour=2) == first
        others = [
            fingerprint(tiny=0.6, colour=0.4),
            fingerprint(tiny=0.5, texture=0.5),
            fingerprint(colour=0.5, tiny=0.5),
            fingerprint(other=0.5, colour=0.5),
        ]
        monkeypatch.setattr("embedding.fused.cards.revision", lambda _: "2")
        others.append(fingerprint(tiny=0.5, colour=0.5))
        assert len({first, *others}) == 6
        store.install(tmp_path / "tiny", name="renamed")
        assert fingerprint(renamed=0.5, colour=0.5) == others[-1]

    def test_an_installed_one_follows_the_code_of_its_parts(
        self, store: ModelStore, fused: Embedder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After an upgrade it is another version, like the classic model itself."""
        monkeypatch.setattr("embedding.fused.cards.revision", lambda _: "2")
        assert store.card("mix").fingerprint != fused.card.fingerprint
        assert store.load("mix").card == store.card("mix")
        networks = fuse(store, "networks", {"tiny": 1, "other": 1}, overwrite=False)
        monkeypatch.undo()
        assert store.card("networks").fingerprint == networks.fingerprint

    @pytest.mark.parametrize(
        "change",
        [
            {"dimension": 640},
            {"parts": []},
            {"revision": ""},
            {"files": {"model.onnx": "a" * 64}},
            {"kind": "classic"},
        ],
    )
    def test_a_card_that_contradicts_itself_is_refused(
        self, store: ModelStore, fused: Embedder, tmp_path: Path, change: dict[str, object]
    ) -> None:
        path = tmp_path / "models" / "mix" / "card.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        with pytest.raises(ModelBroken, match="not a valid card"):
            store.card("mix")
        assert [name for name, _ in store.broken()] == ["mix"]


class TestKeeping:
    def test_it_needs_its_sources_no_more_and_moves_as_a_folder(
        self, store: ModelStore, fused: Embedder, tmp_path: Path
    ) -> None:
        before = fused.embed(PICTURES)
        for name in ("tiny", "other"):
            store.remove(name)
        np.testing.assert_array_equal(store.load("mix").embed(PICTURES), before)
        shutil.copytree(tmp_path / "models" / "mix", tmp_path / "sent")
        elsewhere = ModelStore(tmp_path / "elsewhere", cache_folder=tmp_path / "cache")
        models(elsewhere, "add", tmp_path / "sent", "--as", "theirs")
        np.testing.assert_array_equal(elsewhere.load("theirs").embed(PICTURES), before)

    def test_a_damaged_part_is_told(
        self, store: ModelStore, fused: Embedder, tmp_path: Path
    ) -> None:
        network = tmp_path / "models" / "mix" / "tiny" / "model.onnx"
        network.write_bytes(network.read_bytes()[:-10])
        with pytest.raises(ModelBroken, match=r"tiny/model\.onnx is damaged"):
            store.load("mix")
        network.unlink()
        with pytest.raises(ModelBroken, match=r"tiny/model\.onnx is missing"):
            store.load("mix")

    def test_is_not_quantised_but_its_parts_are(
        self, store: ModelStore, fused: Embedder, tmp_path: Path
    ) -> None:
        with pytest.raises(ModelError, match=r"Quantise its networks first \(tiny\)"):
            store.copy_fp32("mix", tmp_path)


class TestFuse:
    @pytest.mark.parametrize(
        ("weights", "error", "message"),
        [
            ({"tiny": 1.0}, WeightsInvalid, "two or more parts"),
            ({"tiny": 0.99, "colour": 0.01}, WeightsInvalid, r"share of 0\.01; 0\.02 is the least"),
            ({"tiny": 1.0, "colour": 0.0}, WeightsInvalid, "Leave it out"),
            ({"classic": 0.5, "tiny": 0.5}, ModelError, "by its parts.*colour and texture"),
            ({"mix": 0.5, "colour": 0.5}, ModelError, "Name its parts instead: tiny, colour"),
            ({"nothing": 0.5, "colour": 0.5}, ModelError, "no model 'nothing'"),
            ({"resnet18": 0.5, "colour": 0.5}, ModelError, "likeness models add resnet18"),
        ],
    )
    def test_refuses(
        self,
        store: ModelStore,
        fused: Embedder,
        weights: dict[str, float],
        error: type[EmbeddingError],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            fuse(store, "new", weights, overwrite=False)
        assert "new" not in [card.name for card in store.cards()]


class TestCommand:
    def test_fuses_shows_and_lists(self, store: ModelStore) -> None:
        output = models(store, "fuse", "mix", "--part", "tiny=3", "--part", "colour=1").output
        assert "tiny=0.75,colour=0.25" in output
        shown = json.loads(models(store, "show", "mix").stdout)
        assert [part["weight"] for part in shown["parts"]] == [0.75, 0.25]
        assert "fused here of tiny, colour" in models(store, "list").output

    def test_replaces_only_when_told_to_and_not_what_is_searched_with(
        self, store: ModelStore, fused: Embedder
    ) -> None:
        again = ("fuse", "mix", "--part", "tiny=0.5,colour=0.5")
        with pytest.raises(ModelError, match="Another model is already installed"):
            models(store, *again)
        with pytest.raises(ModelError, match="collection shoes is searched with"):
            models(store, *again, "--overwrite", searched=["shoes"])
        assert store.card("mix") == fused.card
        models(store, *again, "--overwrite")
        assert store.card("mix").weights == {"tiny": 0.5, "colour": 0.5}


class TestWeights:
    def test_are_divided_by_their_sum(self) -> None:
        expected = {"a": 0.2, "b.c-d": 0.8}
        for text in ("a=1,b.c-d=4", " a = 0.1 , b.c-d=.4", '{"a": 1, "b.c-d": 4}'):
            assert parsed_weights(text) == pytest.approx(expected)

    @pytest.mark.parametrize(
        "weights",
        [
            "", "colour", "colour=", "=1", "colour=x", "colour=nan", "colour=-1", "colour=inf",
            "colour=1,colour=2", "colour=0", "{", '{"colour": true}', '{"colour": "1"}',
            '{"colour": 1' + "0" * 400 + "}", "{}", {"colour": None}, "[" * 5000, "{" * 100_000,
        ],
    )  # fmt: skip
    def test_others_are_refused(self, weights: str | dict[str, object]) -> None:
        with pytest.raises(WeightsInvalid):
            parsed_weights(weights)


class TestBalance:
    @pytest.mark.parametrize(
        "given",
        [
            {"tiny": 0.1, "colour": 0.2, "texture": 0.7},
            {"texture": 1.0},
            {"colour": 3, "tiny": 1},
        ],
    )
    def test_scaled_queries_give_the_mean_under_other_weights(
        self, store: ModelStore, fused: Embedder, given: dict[str, float]
    ) -> None:
        vectors = fused.embed(PICTURES)
        balance = Balance(fused.card, given)

        queries = balance.queries(vectors)
        cosines = balance.cosines(queries @ vectors.T)

        np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1.0, atol=1e-5)
        expected = mean_cosines(parsed_weights(given), parts_of(store, PICTURES))
        np.testing.assert_allclose(cosines, expected, atol=1e-5)
        assert balance.weights.keys() == WEIGHTS.keys()

    def test_of_the_model_itself_changes_no_bit(self, fused: Embedder) -> None:
        vectors = fused.embed(PICTURES)
        balance = Balance(fused.card)
        assert balance.queries(vectors) is vectors
        assert (balance.weights, balance.shift) == (fused.card.weights, 1.0)

    def test_names_the_parts_there_are(self, store: ModelStore, fused: Embedder) -> None:
        with pytest.raises(WeightsInvalid, match="no part 'color'; its parts are tiny, colour"):
            Balance(fused.card, {"color": 1.0})
        with pytest.raises(WeightsInvalid, match="'tiny' has no parts to weigh"):
            Balance(store.card("tiny"), {"colour": 1.0})
        assert fits({"colour": 1.0}, fused.card)
        assert not fits({"color": 1.0}, fused.card)
        assert not fits({}, store.card("tiny"))


def models(store: ModelStore, *arguments: object, searched: list[str] | None = None) -> Result:
    """Runs `models ...`; an EmbeddingError comes out."""
    app = models_app(lambda: store, lambda model: searched or [], lambda: Path("no-pictures"))
    environment = {"COLUMNS": "200", "TERM": "dumb"}
    result = CliRunner().invoke(app, [str(word) for word in arguments], env=environment)
    if isinstance(result.exception, EmbeddingError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result
