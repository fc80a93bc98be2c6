"""From learnt maps to models: the vectors are those that were measured, whatever the base."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from embedding.errors import ModelBroken, ModelError
from embedding.fused.built_in import BuiltInParts
from embedding.fused.making import fuse
from embedding.linear_head.learnt import HeadLearnt
from embedding.linear_head.linear_map import LinearMap
from embedding.store import ModelStore
from evaluation.errors import SourceInvalid
from evaluation.relations import Relation
from evaluation.watching import Unwatched
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.embedding.tiny_model import tiny_weights, write_tiny_model
from tests.evaluation.making import picture_set, write_catalogue
from tests.pictures import drawn
from training.errors import DataInvalid, SettingsInvalid
from training.linear.publishing import check_place, publish
from training.linear.sources import beside, described, opened, with_relations

PICTURES = [drawn(number) for number in range(4)]
LEARNT = HeadLearnt(
    method="whitening",
    settings={"shrinkage": 0.3},
    sources=("the test",),
    products=20,
    pictures=60,
    measure=("R@1, same product_id",),
    units=20,
    found=0.8,
    gain=0.1,
    gain_bounds=(0.05, 0.15),
    learnt_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home", threads=1)) as home:
        yield home


@pytest.fixture
def store(home: Home, tmp_path: Path) -> ModelStore:
    store = home.store
    write_tiny_model(tmp_path / "tiny", name="tiny", weights=tiny_weights(0), licence="MIT")
    store.install(tmp_path / "tiny")
    fuse(store, "mix", {"tiny": 0.5, "texture": 0.5}, overwrite=False)
    return store


def any_map(taken: int) -> LinearMap:
    random = np.random.default_rng(0)
    mean = (random.normal(size=taken) / 10).astype(np.float32)
    return LinearMap(mean, random.normal(size=(taken, 6)).astype(np.float32))


@pytest.mark.parametrize(
    "shares",
    [{"tiny": 1.0}, {"mix": 1.0}, {"classic": 1.0}, {"tiny": 0.7, "shades": 0.3},
     {"mix": 0.6, "shades": 0.2, "colour": 0.2}],
    ids=lambda shares: "+".join(shares),
)  # fmt: skip
def test_the_installed_model_gives_the_vectors_that_were_measured(
    store: ModelStore, shares: dict[str, float]
) -> None:
    """Recomputed from the blocks side by side, as learning has them."""
    model, *parts = shares
    built_in = [BuiltInParts().describe(each, parts) for each in PICTURES]
    blocks = {model: store.load(model).embed(PICTURES)} | {
        part: np.stack([each[part] for each in built_in]) for part in parts
    }
    joined = np.concatenate([share**0.5 * blocks[name] for name, share in shares.items()], axis=1)
    head = any_map(joined.shape[1])
    publish(store, "made", model, shares, head, LEARNT, out=None)
    mapped = (joined - head.mean) @ head.matrix
    expected = mapped / np.linalg.norm(mapped, axis=1, keepdims=True)
    assert np.allclose(store.load("made").embed(PICTURES), expected, atol=1e-4)
    card = store.card("made")
    assert card.head is not None
    assert card.head.learnt == LEARNT
    assert card.fit == card.head.base.fit


def test_names_and_folders_are_checked_before_the_work(
    home: Home, store: ModelStore, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="--as, or replace it with --overwrite"):
        check_place(home, "tiny", None, overwrite=False)
    with pytest.raises(SettingsInvalid, match="not an empty folder"):
        check_place(home, "new", tmp_path, overwrite=False)
    check_place(home, "tiny", tmp_path / "new", overwrite=False)
    check_place(home, "tiny", None, overwrite=True)


def test_a_damaged_model_has_its_name_too(home: Home, store: ModelStore) -> None:
    (home.root / "models" / "tiny" / "card.json").write_text("{}")
    with pytest.raises(ModelError, match="--overwrite"):
        check_place(home, "tiny", None, overwrite=False)
    check_place(home, "tiny", None, overwrite=True)


def test_a_model_that_is_searched_with_is_never_replaced(home: Home, store: ModelStore) -> None:
    home.ensure_collection("shoes", "tiny")
    with pytest.raises(ModelError, match=r"--as tiny-2.*reindex --collection shoes --model tiny-2"):
        check_place(home, "tiny", None, overwrite=True)


def test_a_model_stays_until_what_replaces_it_works(store: ModelStore) -> None:
    before = publish(store, "made", "tiny", {"tiny": 1.0}, any_map(8), LEARNT, out=None)
    broken = LinearMap(np.zeros(8, np.float32), np.full((8, 6), np.nan, np.float32))
    with pytest.raises(ModelBroken, match="no number"):
        publish(store, "made", "tiny", {"tiny": 1.0}, broken, LEARNT, out=None, overwrite=True)
    assert store.card("made") == before
    other = LinearMap(np.ones(8, np.float32), any_map(8).matrix)
    publish(store, "made", "tiny", {"tiny": 1.0}, other, LEARNT, out=None, overwrite=True)
    assert store.card("made").fingerprint != before.fingerprint


def test_only_what_can_be_joined_is(store: ModelStore) -> None:
    assert beside(store.card("tiny"), []) == ["shades"]
    assert beside(store.card("tiny"), ["none"]) == []
    assert beside(store.card("mix"), []) == []
    publish(store, "made", "tiny", {"tiny": 1.0}, any_map(8), LEARNT, out=None)
    assert beside(store.card("made"), []) == []
    for model, parts, problem in (
        ("made", ["shades"], "learnt for its whole vector.*--model tiny"),
        ("classic", ["shades"], "joined with others by its parts"),
        ("tiny", ["none", "texture"], "--with none and --with texture exclude each other"),
        ("tiny", ["smell"], "--with takes colour, texture, shades or none"),
        ("mix", ["texture"], "'mix' has texture already"),
    ):
        with pytest.raises(SettingsInvalid, match=problem):
            beside(store.card(model), parts)


def test_sources_are_opened_with_the_selections_of_their_columns(tmp_path: Path) -> None:
    one, other = (write_catalogue(tmp_path / name, products=3) for name in ("one", "other"))
    other.write_text(other.read_text().replace("view", "side"))
    with Home(EngineSettings(home=tmp_path / "home")) as home:

        def open_both(*queries: str) -> list[int]:
            found = opened((one, other), queries=queries, gallery=[], collection=None, home=home)
            return [int(each.queries.sum()) for each in found]

        assert open_both("view=0", "side=1") == [3, 3]
        assert open_both("view=0") == [3, 6]
        with pytest.raises(SourceInvalid, match="No source has the column of 'angle=0'"):
            open_both("angle=0")
        with pytest.raises(SourceInvalid, match="select from the same source"):
            open_both("view=0", "view=1")
        pairs = tmp_path / "one" / "pairs.csv"
        pairs.write_text("left,right,same\n0-0.jpg,0-1.jpg,1")
        with pytest.raises(DataInvalid, match="CSV of pairs"):
            opened([pairs], queries=[], gallery=[], collection=None, home=home)


def test_relations_go_to_the_sources_that_have_their_columns() -> None:
    luma = picture_set({"product_id": ["a", "a"], "style": ["s", "s"]})
    grocery = picture_set({"product_id": ["a", "a"]})
    style, product = Relation(("style",)), Relation(("product_id",))
    asked = with_relations([luma, grocery], [style, product])
    assert [relations for _, relations in asked] == [[style, product], [product]]
    with pytest.raises(SourceInvalid, match="has the columns of no relation"):
        with_relations([luma, grocery], [style])
    with pytest.raises(SourceInvalid, match="no column 'size'"):
        with_relations([luma, grocery], [Relation(("size",))])


def test_unreadable_pictures_are_left_out_of_all_blocks(tmp_path: Path) -> None:
    source = write_catalogue(tmp_path / "one", products=3)
    (tmp_path / "one" / "1-0.jpg").write_bytes(b"no picture")
    with Home(EngineSettings(home=tmp_path / "home")) as home:
        found = opened([source], queries=[], gallery=[], collection=None, home=home)
        readable, blocks = described(home, found, "classic", [], Unwatched())
    assert (len(readable[0].pictures), blocks["classic"].shape) == (5, (5, 640))
    assert list(readable[0].unreadable) == ["1-0.jpg"]
