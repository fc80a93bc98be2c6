"""Searching a fused model under other weights than it was made with: exact, everywhere alike."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer import Typer
from typer.testing import CliRunner

from catalog.collections import Collections
from catalog.embeddings import Embeddings
from embedding.errors import WeightsInvalid
from embedding.fused.balance import Balance
from embedding.fused.built_in import BuiltInParts
from embedding.fused.making import fuse
from embedding.fused.weights import parsed_weights
from embedding.images import decode
from retrieval.answers import Answer
from retrieval.assembly import Engine, assemble
from retrieval.balance_command import balance
from retrieval.balancing import set_balance
from retrieval.command import search
from retrieval.errors import NotCalibrated
from retrieval.home import Home, open_store
from retrieval.queries import PictureQuery, ProductQuery
from retrieval.settings import EngineSettings
from tests.calibrations import calibration
from tests.embedding.tiny_model import write_tiny_model
from tests.pictures import jpeg
from vector_index.recipes import build_index

MADE_WITH = {"tiny": 0.5, "colour": 0.4, "texture": 0.1}
OTHERS = [
    {"tiny": 0.2, "colour": 0.2, "texture": 0.6},
    {"texture": 1.0, "tiny": 0.0, "colour": 0.0},
    {"colour": 0.75, "tiny": 0.25, "texture": 0.0},
]
PRODUCTS = 16
# Of half-precision vectors, at the most remote of these balances.
HALF = 1e-3


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Its default collection is on `mix`, a tiny network with colour and texture."""
    settings = EngineSettings(home=tmp_path / "home", model="mix", threads=1)
    store = open_store(settings)
    write_tiny_model(tmp_path / "tiny")
    store.install(tmp_path / "tiny")
    fuse(store, "mix", MADE_WITH, overwrite=False)
    with Home(settings) as opened:
        opened.ensure_collection("default")
        yield opened


@pytest.fixture
def stocked(engine: Engine, put) -> Engine:
    """Product p<n> has the pictures n and 100 + n."""
    for number in range(PRODUCTS):
        put(f"p{number}", jpeg(number), jpeg(100 + number))
    return engine


def found(engine: Engine, **asked: object) -> dict[str, float]:
    """Product -> cosine, in the order found, for picture 3 made smaller."""
    return of(engine.searching.search("default", [PictureQuery(QUERY)], limit=100, **asked))


def of(answer: Answer) -> dict[str, float]:
    return {hit.product.external_id: hit.cosine for hit in answer.hits[0]}


QUERY = jpeg(3, size=(300, 225), quality=60)


def naive(home: Home, weights: Mapping[str, float], queries: list[bytes]) -> dict[str, float]:
    """Product -> the best weighted mean of the parts' cosines between any two pictures."""
    asked = [parts_of(home, each) for each in queries]
    return {
        f"p{number}": max(
            sum(weight * float(mine[part] @ theirs[part]) for part, weight in weights.items())
            for mine in asked
            for theirs in (parts_of(home, jpeg(number)), parts_of(home, jpeg(100 + number)))
        )
        for number in range(PRODUCTS)
    }


def parts_of(home: Home, content: bytes) -> dict[str, NDArray[np.float32]]:
    if content not in _KNOWN:
        image = decode(content).image
        _KNOWN[content] = {
            "tiny": home.models.get("tiny").embed([image])[0],
            **_BUILT_IN.describe(image, ("colour", "texture")),
        }
    return _KNOWN[content]


_BUILT_IN = BuiltInParts()
_KNOWN: dict[bytes, dict[str, NDArray[np.float32]]] = {}


class TestWeightsOfAQuery:
    @pytest.mark.parametrize("weights", OTHERS)
    def test_score_by_the_weighted_mean_of_the_parts_cosines(
        self, stocked: Engine, weights: dict[str, float]
    ) -> None:
        for answer, expected in (
            (found(stocked, weights=weights), naive(stocked.home, weights, [QUERY])),
            (
                of(
                    stocked.searching.search(
                        "default", [ProductQuery("p7")], limit=100, weights=weights
                    )
                ),
                naive(stocked.home, weights, [jpeg(7), jpeg(107)]),
            ),
        ):
            assert len(answer) >= PRODUCTS - 1
            assert answer == pytest.approx({each: expected[each] for each in answer}, abs=HALF)
            assert list(answer.values()) == sorted(answer.values(), reverse=True)

    def test_rank_as_a_model_made_with_them(self, stocked: Engine, put) -> None:
        weights = OTHERS[0]
        fuse(stocked.home.store, "other", weights, overwrite=False)
        stocked.home.ensure_collection("scratch", "other")
        for number in range(PRODUCTS):
            put(f"p{number}", jpeg(number), jpeg(100 + number), collection="scratch")

        for query in (PictureQuery(QUERY), ProductQuery("p9")):
            made = of(stocked.searching.search("scratch", [query], limit=100))
            weighed = of(stocked.searching.search("default", [query], limit=100, weights=weights))
            assert weighed == pytest.approx(made, abs=HALF)
            gaps = -np.diff(list(made.values()))
            clear = [name for name, gap in zip(made, gaps, strict=False) if gap > HALF]
            # Whatever is clearly ahead of the next one stands where it stood.
            assert len(clear) > PRODUCTS / 2
            assert all(list(made).index(each) == list(weighed).index(each) for each in clear)

    def test_min_score_cuts_by_the_score_that_is_told(self, stocked: Engine) -> None:
        for weights in OTHERS:
            whole = list(found(stocked, weights=weights).values())
            cut = (whole[4] + whole[5]) / 2
            kept = found(stocked, weights=weights, min_similarity=(cut + 1) / 2)
            assert list(kept.values()) == whole[:5]

    def test_are_the_same_in_delta_snapshot_and_clusters(
        self, stocked: Engine, put, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        live = [found(stocked, weights=weights) for weights in OTHERS]
        card = stocked.follower.served("default").embedder.card
        stocked.publisher.publish("default", card)
        stocked.follower.refresh()
        assert [found(stocked, weights=weights) for weights in OTHERS] == live

        early = partial(build_index, exact_up_to=1, fewest_clustered=1)
        monkeypatch.setattr("retrieval.releases.build_index", early)
        monkeypatch.setattr("vector_index.plan.MOST_WORTHWHILE", 1.0)
        assert "ivf" in stocked.publisher.publish("default", card).recipe
        stocked.follower.refresh()
        assert [found(stocked, weights=weights) for weights in OTHERS] == live

    def test_that_name_no_parts_are_refused(self, stocked: Engine) -> None:
        with pytest.raises(WeightsInvalid, match="its parts are tiny, colour, texture"):
            found(stocked, weights={"shape": 1.0})
        stocked.home.ensure_collection("plain", "classic")
        with pytest.raises(WeightsInvalid, match="no parts to weigh"):
            stocked.searching.search("plain", [PictureQuery(QUERY)], weights={"colour": 1.0})


class TestBalanceOfACollection:
    def test_is_followed_by_every_process_until_cleared(self, stocked: Engine, home: Home) -> None:
        with Home(home.settings) as elsewhere:
            other = assemble(elsewhere)
            before = found(other)
            answer = other.searching.search("default", [PictureQuery(QUERY)])
            assert answer.balance == MADE_WITH

            set_balance(home, "default", {"texture": 6, "colour": 2, "tiny": 2})
            other.follower.refresh()

            assert found(other) == found(stocked, weights=OTHERS[0]) != before
            answer = other.searching.search("default", [PictureQuery(QUERY)])
            assert answer.balance == pytest.approx(OTHERS[0])
            assert found(other, weights=MADE_WITH) == pytest.approx(before, abs=1e-6)

            set_balance(home, "default", None)
            other.follower.refresh()
            assert found(other) == before

    def test_stays_with_a_model_of_the_same_parts_and_is_forgotten_with_others(
        self, stocked: Engine, home: Home, caplog: pytest.LogCaptureFixture
    ) -> None:
        def publish(name: str) -> Mapping[str, float] | None:
            embedder = home.models.get(name)
            with home.database.read() as connection:
                collection = Collections(connection).get("default")
            move(home, collection.id, name)
            stocked.publisher.publish("default", embedder.card, flip_model=True)
            with home.database.read() as connection:
                return Collections(connection).get("default").balance

        set_balance(home, "default", {"colour": 1.0})
        fuse(home.store, "again", {"texture": 0.5, "colour": 0.3, "tiny": 0.2}, overwrite=False)
        assert publish("again") == {"tiny": 0.0, "colour": 1.0, "texture": 0.0}
        assert not caplog.records
        stocked.follower.refresh()
        assert found(stocked) == pytest.approx(naive(home, {"colour": 1.0}, [QUERY]), abs=HALF)

        assert publish("classic") is None
        assert "balance tiny=0,colour=1,texture=0 is forgotten" in caplog.text
        stocked.follower.refresh()
        assert stocked.follower.troubles() == {}
        assert len(found(stocked)) == PRODUCTS


class TestCommands:
    def test_set_show_search_and_clear(
        self, stocked: Engine, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIKENESS_HOME", str(home.root))
        app = Typer()
        app.command("balance")(balance)
        app.command("search")(search)
        (tmp_path / "query.jpg").write_bytes(QUERY)

        def told(*arguments: str) -> str:
            result = CliRunner().invoke(app, arguments)
            assert result.exit_code == 0, result.output
            return result.stdout

        def balance_of_a_search(*arguments: str) -> dict[str, float]:
            document = json.loads(told("search", str(tmp_path / "query.jpg"), "--json", *arguments))
            return document["balance"]

        assert "tiny=0.5,colour=0.4,texture=0.1 (as the model was made)" in told("balance")
        assert "tiny=0,colour=0.75,texture=0.25 (its own balance)" in told(
            "balance", "colour=3,texture=1"
        )
        assert balance_of_a_search() == {"tiny": 0.0, "colour": 0.75, "texture": 0.25}
        assert balance_of_a_search("--weights", "texture=1")["texture"] == 1.0
        assert json.loads(told("balance", "--clear", "--json"))["balance"] is None
        assert balance_of_a_search() == MADE_WITH
        refused = CliRunner().invoke(app, ["balance", "colour=1", "--clear"])
        assert refused.exit_code == 2

    def test_says_that_a_calibration_does_not_hold_any_more(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIKENESS_HOME", str(home.root))
        fingerprint = home.store.card("mix").fingerprint
        home.store.calibrate("mix", calibration(fingerprint, weights=MADE_WITH))
        app = Typer()
        app.command("balance")(balance)

        shown, moved = (
            CliRunner().invoke(app, arguments).stdout for arguments in ([], ["colour=1"])
        )

        assert "calibrat" not in shown
        assert "is calibrated under other weights" in moved
        assert "likeness calibrate --collection default" in moved


def move(home: Home, collection_id: int, model: str) -> None:
    """Embeds what the model has not, as a reindex does before it flips."""
    embedder = home.models.get(model)
    with home.database.write() as connection:
        missing = Embeddings(connection).missing(
            collection_id, embedder.card.fingerprint, limit=1000
        )
        vectors = {
            image_id: embedder.embed([decode(home.pictures.read(content)).image])[0]
            for image_id, content in missing
        }
        Embeddings(connection).add(embedder.card.fingerprint, vectors)


def test_what_a_query_of_other_weights_lacks_is_told_as_it_must_be_typed(stocked: Engine) -> None:
    card = stocked.home.store.card("mix")
    stocked.home.store.calibrate("mix", calibration(card.fingerprint, weights=MADE_WITH))
    stocked.follower.refresh()
    weights = parsed_weights("colour=1,texture=2")
    ask = partial(
        stocked.searching.search,
        "default",
        [PictureQuery(jpeg(3))],
        weights=weights,
        min_probability=0.0,
    )

    with pytest.raises(NotCalibrated, match="leave the weights out") as refused:
        ask()

    told = str(refused.value).partition("--weights ")[2].partition("`")[0]
    as_typed = Balance(card, parsed_weights(told)).weights
    stocked.home.store.calibrate("mix", calibration(card.fingerprint, weights=as_typed))
    stocked.follower.refresh()
    assert ask().hits[0][0].match_probability is not None
