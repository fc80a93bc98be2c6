"""Models with a linear head: what their vectors are, and how they are made, kept and refused."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.typing import NDArray

from embedding.card import BASE_FOLDER, HEAD_FILE, ModelCard, card_json
from embedding.errors import ModelBroken, ModelError, WeightsInvalid
from embedding.fused.balance import Balance
from embedding.fused.making import fuse
from embedding.linear_head.linear_map import LinearMap
from embedding.linear_head.making import build_linear
from embedding.model_folder import CARD_FILE, read_card, sha256_of
from embedding.model_names import CLASSIC, SMALL
from embedding.store import ModelStore
from tests.embedding.tiny_model import tiny_weights, write_tiny_model
from tests.pictures import drawn

PICTURES = [drawn(number) for number in range(5)]
BASES = ("tiny", "mix", "built-in", CLASSIC)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """With a network, a fused model of it, and one of built-in parts alone."""
    store = ModelStore(tmp_path / "models", cache_folder=tmp_path / "cache", threads=1)
    write_tiny_model(tmp_path / "tiny", name="tiny", weights=tiny_weights(0), licence="MIT")
    store.install(tmp_path / "tiny")
    fuse(store, "mix", {"tiny": 0.6, "colour": 0.4}, overwrite=False)
    fuse(store, "built-in", {"texture": 0.5, "shades": 0.5}, overwrite=False)
    return store


def any_map(taken: int, given: int = 6, seed: int = 0) -> LinearMap:
    random = np.random.default_rng(seed)
    return LinearMap(
        (random.normal(size=taken) / 10).astype(np.float32),
        random.normal(size=(taken, given)).astype(np.float32),
    )


def built(store: ModelStore, folder: Path, base: str, head: LinearMap | None = None) -> ModelCard:
    """A model `headed` in `folder`, on an installed base."""
    folder.mkdir()
    card = store.card(base)
    base_folder = None
    if base != CLASSIC:
        base_folder = folder.with_name(f"{folder.name}-base")
        base_folder.mkdir()
        store.copy(base, base_folder)
    return build_linear(
        folder, "headed", card, base_folder, head or any_map(card.dimension), learnt=None
    )


def naive(vectors: NDArray[np.float32], head: LinearMap) -> NDArray[np.float64]:
    rows = []
    for vector in vectors.astype(np.float64):
        mapped = sum(
            (number - mean) * row
            for number, mean, row in zip(
                vector, head.mean.astype(np.float64), head.matrix.astype(np.float64), strict=True
            )
        )
        rows.append(mapped / np.sqrt((mapped**2).sum()))
    return np.stack(rows)


@pytest.mark.parametrize("base", BASES)
def test_vectors_are_those_of_the_base_mapped_and_made_unit(
    store: ModelStore, tmp_path: Path, base: str
) -> None:
    head = any_map(store.card(base).dimension)
    built(store, tmp_path / "built", base, head)
    card = store.install(tmp_path / "built")
    headed = store.load("headed")
    vectors = headed.embed(PICTURES)
    assert (card.kind, card.dimension, vectors.dtype.name) == ("linear", 6, "float32")
    assert np.allclose(vectors, naive(store.load(base).embed(PICTURES), head), atol=1e-5)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_vector_does_not_depend_on_its_batch(store: ModelStore, tmp_path: Path) -> None:
    built(store, tmp_path / "built", "mix")
    store.install(tmp_path / "built")
    headed = store.load("headed")
    inputs = [headed.prepare(each) for each in PICTURES]
    alone = np.concatenate([headed.embed_prepared([each]) for each in inputs])
    assert np.array_equal(alone, headed.embed_prepared(inputs))


def test_it_needs_its_base_no_more_and_can_be_copied_to_another_store(
    store: ModelStore, tmp_path: Path
) -> None:
    built(store, tmp_path / "built", "mix")
    store.install(tmp_path / "built")
    expected = store.load("headed").embed(PICTURES)
    store.remove("mix")
    store.remove("tiny")
    (tmp_path / "copied").mkdir()
    store.copy("headed", tmp_path / "copied")
    other = ModelStore(tmp_path / "others", cache_folder=tmp_path / "cache", threads=1)
    other.install(tmp_path / "copied", name="elsewhere")
    assert np.array_equal(other.load("elsewhere").embed(PICTURES), expected)
    assert other.card("elsewhere").fingerprint == store.card("headed").fingerprint
    assert [each.name for each in other.card("elsewhere").networks] == ["tiny"]


def test_its_fingerprint_is_of_the_base_and_of_the_map(store: ModelStore, tmp_path: Path) -> None:
    length = store.card("tiny").dimension
    write_tiny_model(tmp_path / "other", name="other", weights=tiny_weights(1))
    store.install(tmp_path / "other")
    made = [
        built(store, tmp_path / "one", "tiny", any_map(length)),
        built(store, tmp_path / "again", "tiny", any_map(length)),
        built(store, tmp_path / "two", "tiny", any_map(length, seed=1)),
        built(store, tmp_path / "three", "other", any_map(length)),
    ]
    same, again, *others = [each.fingerprint for each in made]
    assert same == again
    assert len({same, *others}) == 3


@pytest.mark.parametrize("first", ["tiny", SMALL])
def test_a_head_may_follow_a_head(store: ModelStore, tmp_path: Path, first: str) -> None:
    built(store, tmp_path / "below", first)
    store.install(tmp_path / "below")
    above = any_map(6, 4, seed=1)
    built(store, tmp_path / "above", "headed", above)
    store.install(tmp_path / "above", name="above")

    found = store.load("above").embed(PICTURES)

    assert found == pytest.approx(naive(store.load("headed").embed(PICTURES), above), abs=1e-5)
    assert store.card("above").networks == store.card(first).networks


def test_what_lies_at_the_mean_is_given_a_direction_and_no_nan() -> None:
    head = any_map(8)
    vectors = head(np.stack([head.mean, head.mean + 1]))
    assert vectors[0].tolist() == [1, 0, 0, 0, 0, 0]
    assert np.isfinite(vectors).all()


def test_quantising_fusing_and_weighing_are_refused_with_the_way_that_works(
    store: ModelStore, tmp_path: Path
) -> None:
    built(store, tmp_path / "built", "tiny")
    card = store.install(tmp_path / "built")
    with pytest.raises(ModelError, match="quantise tiny, then likeness train --head linear"):
        store.copy_fp32("headed", tmp_path)
    with pytest.raises(ModelError, match=r"has a linear head.*Fuse first"):
        fuse(store, "more", {"headed": 0.5, "shades": 0.5}, overwrite=False)
    with pytest.raises(WeightsInvalid, match="has no parts to weigh"):
        Balance(card, {"tiny": 1.0})


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_map_is_read_as_it_was_written(tmp_path: Path, order: Literal["C", "F"]) -> None:
    """By rows or by columns, as the algebra that made it left it."""
    written = any_map(7, 5)
    made = LinearMap(written.mean, np.asarray(written.matrix, order=order))
    made.write(tmp_path / "head.npz")
    read = LinearMap.read(tmp_path / "head.npz", taken=7, given=5)
    assert np.array_equal(read.matrix, made.matrix)
    assert np.array_equal(read.mean, made.mean)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"mean": np.zeros(8, np.float32)}, "no item named 'matrix.npy'"),
        ({"mean": np.zeros(8, np.float32), "matrix": np.zeros((8, 5), np.float32)}, r"\(8, 5\)"),
        ({"mean": np.zeros(8), "matrix": np.ones((8, 6))}, "float64"),
        (
            {"mean": np.zeros(8, np.float32), "matrix": np.full((8, 6), np.nan, np.float32)},
            "no num",
        ),
        (
            {"mean": np.zeros(8, np.float32), "matrix": np.full((8, 6), 1e25, np.float32)},
            "longer than numbers reach",
        ),
        ({"mean": np.array([None]), "matrix": np.array([None])}, "no linear map"),
        (b"no archive", "no linear map"),
    ],
)
def test_a_map_that_does_not_fit_its_card_is_refused(
    store: ModelStore, tmp_path: Path, content: dict[str, Any] | bytes, problem: str
) -> None:
    card = built(store, tmp_path / "built", "tiny")
    file = tmp_path / "built" / HEAD_FILE
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.savez(file, **content)
    resign(card, file)
    with pytest.raises(ModelBroken, match=problem):
        store.install(tmp_path / "built")
    assert [each.name for each in store.cards()].count("headed") == 0


def test_an_array_that_promises_more_than_its_card_is_not_read(
    store: ModelStore, tmp_path: Path
) -> None:
    """A few bytes that would ask for 4 TiB, and zeros that were packed a thousandfold."""
    card = built(store, tmp_path / "built", "tiny")
    file = tmp_path / "built" / HEAD_FILE
    header = BytesIO()
    promised = {"descr": "<f4", "fortran_order": False, "shape": (2**20, 2**20)}
    np.lib.format.write_array_header_1_0(header, promised)
    mean = BytesIO()
    np.save(mean, np.zeros(8, np.float32))
    with ZipFile(file, "w") as kept:
        kept.writestr("mean.npy", mean.getvalue())
        kept.writestr("matrix.npy", header.getvalue())
    resign(card, file)
    with pytest.raises(ModelBroken, match=r"float32 \(1048576, 1048576\)"):
        store.install(tmp_path / "built")
    np.savez_compressed(file, mean=np.zeros(8, np.float32), matrix=np.zeros((8, 6), np.float32))
    resign(card, file)
    with pytest.raises(ModelBroken, match="compressed"):
        store.install(tmp_path / "built")


def resign(card: ModelCard, file: Path) -> None:
    """The card, with the checksum that the map's file has now."""
    signed = card.model_copy(update={"files": {HEAD_FILE: sha256_of(file)}})
    file.with_name(CARD_FILE).write_text(card_json(signed))


def test_a_damaged_file_of_the_base_is_found(store: ModelStore, tmp_path: Path) -> None:
    built(store, tmp_path / "built", "mix")
    store.install(tmp_path / "built")
    network = tmp_path / "models" / "headed" / BASE_FOLDER / "tiny" / "model.onnx"
    network.write_bytes(network.read_bytes() + b"!")
    with pytest.raises(ModelBroken, match=r"base/tiny/model\.onnx is damaged"):
        store.load("headed")
    network.unlink()
    with pytest.raises(ModelBroken, match=r"base/tiny/model\.onnx is missing"):
        store.card("headed")


def test_a_head_learnt_on_vectors_of_older_code_is_refused(
    store: ModelStore, tmp_path: Path
) -> None:
    card = built(store, tmp_path / "built", "mix")
    stored = json.loads(card_json(card))
    stored["head"]["base"]["revision"] += "-of-the-past"
    (tmp_path / "built" / CARD_FILE).write_text(json.dumps(stored))
    with pytest.raises(ModelBroken, match=r"no longer makes.*likeness train"):
        store.install(tmp_path / "built")


def test_a_card_must_say_all_of_it(store: ModelStore, tmp_path: Path) -> None:
    card = built(store, tmp_path / "built", "tiny")
    fields = json.loads(card_json(card))
    for change, problem in (
        ({"head": None}, "a linear model has a head"),
        ({"kind": "classic"}, "no other model has"),
        ({"files": {}}, "must be head.npz alone"),
    ):
        (tmp_path / CARD_FILE).write_text(json.dumps(fields | change))
        with pytest.raises(ModelBroken, match=problem):
            read_card(tmp_path)
