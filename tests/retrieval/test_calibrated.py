"""What a calibration changes about answers, and when it is taken up."""

import json
from datetime import UTC, datetime

import pytest
from typer import Typer
from typer.testing import CliRunner

from catalog.collections import Collections
from embedding.match_probability import Calibration, ProbabilityMap
from retrieval.answers import Answer
from retrieval.assembly import Engine
from retrieval.command import compare, search
from retrieval.errors import NotCalibrated, QueryInvalid
from retrieval.queries import PictureQuery, ProductQuery
from tests.calibrations import FIRST, LATER, PAIRS, calibration, fitted
from tests.pictures import jpeg

PRODUCTS = 12


@pytest.fixture
def stocked(engine: Engine, put) -> Engine:
    for number in range(PRODUCTS):
        put(f"p{number}", jpeg(number))
    return engine


def store(engine: Engine, found: Calibration | None) -> None:
    """As another process would; the keeper's next round takes it up."""
    engine.home.store.calibrate("classic", found)
    engine.follower.refresh()


def of_classic(engine: Engine, **how: object) -> Calibration:
    return calibration(engine.home.store.card("classic").fingerprint, **how)


def asked(engine: Engine, **how: object) -> Answer:
    return engine.searching.search("default", [PictureQuery(jpeg(3, quality=60))], **how)


class TestFormerCollections:
    def test_leave_nothing_to_another_of_their_name(self, stocked: Engine) -> None:
        calibrated = of_classic(stocked, collection="default", fitted_at=datetime.now(UTC))
        store(stocked, calibrated)
        assert asked(stocked).hits[0][0].match_probability is not None

        with stocked.home.database.write() as connection:
            Collections(connection).delete("default")
        stocked.home.ensure_collection("default")
        stocked.follower.refresh()

        with pytest.raises(NotCalibrated, match="for a former collection of that name only"):
            asked(stocked, min_probability=0.5)

    def test_a_file_that_cannot_be_looked_at_is_a_trouble_until_it_is_mended(
        self, stocked: Engine
    ) -> None:
        asked(stocked)
        file = stocked.home.root / "models" / "classic.calibration.json"
        file.parent.mkdir(exist_ok=True)
        file.symlink_to(file)
        stocked.follower.refresh()
        assert "cannot be looked at" in stocked.follower.troubles()["default"]
        assert asked(stocked).hits[0]

        file.unlink()
        stocked.follower.refresh()

        assert stocked.follower.troubles() == {}


class TestSearch:
    def test_knows_nothing_until_calibrated(self, stocked: Engine) -> None:
        hits = asked(stocked).hits[0]

        assert {(each.match_probability, each.relevant) for each in hits} == {(None, None)}
        with pytest.raises(NotCalibrated, match="'classic' of collection 'default' is not calibr"):
            asked(stocked, min_probability=0.5)

    def test_takes_a_calibration_up_without_a_restart(self, stocked: Engine) -> None:
        asked(stocked)
        store(stocked, of_classic(stocked))

        first, *later = asked(stocked).hits[0]

        assert first.match_probability == FIRST(first.similarity)
        assert [each.match_probability for each in later] == [LATER(e.similarity) for e in later]
        assert first.relevant
        assert [each.relevant for each in later] == [LATER(e.similarity) >= 0.5 for e in later]

        store(stocked, None)
        assert asked(stocked).hits[0][0].match_probability is None

    def test_least_probability_cuts_and_may_leave_nothing(self, stocked: Engine) -> None:
        store(stocked, of_classic(stocked))
        everything = asked(stocked).hits[0]

        for least in (0.0, 0.1, 0.3, 0.7, 0.94):
            kept = asked(stocked, min_probability=least).hits[0]
            expected = [each for each in everything if each.match_probability >= least]
            assert [e.product.external_id for e in kept] == [
                e.product.external_id for e in expected
            ]
        assert asked(stocked, min_probability=0.96).hits == ((),)

    def test_pages_agree(self, stocked: Engine) -> None:
        store(stocked, of_classic(stocked))
        whole = asked(stocked, limit=10).hits[0]

        pages = [
            hit
            for offset in range(0, 10, 3)
            for hit in asked(stocked, limit=3, offset=offset).hits[0]
        ]

        assert [each.match_probability for each in pages[:10]] == [
            each.match_probability for each in whole
        ]

    def test_pages_are_filled_where_only_the_first_falls_short(self, stocked: Engine) -> None:
        found = of_classic(stocked)
        (hits,) = found.hits
        doubted = fitted(ProbabilityMap(similarities=(0.5,), probabilities=(0.001,)))
        store(
            stocked,
            found.model_copy(update={"hits": (hits.model_copy(update={"first": doubted}),)}),
        )
        whole = [each.product.external_id for each in asked(stocked, limit=PRODUCTS).hits[0]]

        pages = [
            [
                each.product.external_id
                for each in asked(stocked, limit=3, offset=offset, min_probability=0.005).hits[0]
            ]
            for offset in (0, 3, 6)
        ]

        assert pages == [whole[1:4], whole[4:7], whole[7:10]]

    def test_of_a_product_the_first_other_one_is_first(self, stocked: Engine) -> None:
        store(stocked, of_classic(stocked))

        first = stocked.searching.search("default", [ProductQuery("p3")]).hits[0][0]

        assert first.match_probability == FIRST(first.similarity)

    def test_reranking_changes_no_probability(self, stocked: Engine) -> None:
        store(stocked, of_classic(stocked))

        def probabilities(answer: Answer) -> dict[str, float | None]:
            return {e.product.external_id: e.match_probability for e in answer.hits[0]}

        assert probabilities(asked(stocked, rerank="points")) == probabilities(asked(stocked))

    def test_of_another_collection_is_not_used(self, stocked: Engine) -> None:
        store(stocked, of_classic(stocked, collection="shoes"))

        assert asked(stocked).hits[0][0].match_probability is None
        with pytest.raises(NotCalibrated, match="other collections only \\('shoes'\\)"):
            asked(stocked, min_probability=0.5)

    def test_of_other_vectors_is_not_used(self, stocked: Engine) -> None:
        asked(stocked)
        folder = stocked.home.root / "models"
        folder.mkdir(exist_ok=True)
        (folder / "classic.calibration.json").write_text(calibration("0" * 64).model_dump_json())
        stocked.follower.refresh()

        assert asked(stocked).hits[0][0].match_probability is None
        with pytest.raises(NotCalibrated, match="has a calibration of other vectors"):
            asked(stocked, min_probability=0.5)

    def test_a_damaged_one_is_told_and_the_last_one_goes_on(self, stocked: Engine) -> None:
        asked(stocked)
        store(stocked, of_classic(stocked))
        (stocked.home.root / "models" / "classic.calibration.json").write_text("{}")
        stocked.follower.refresh()

        assert "cannot be read" in stocked.follower.troubles()["default"]
        assert asked(stocked).hits[0][0].match_probability is not None

    @pytest.mark.parametrize("least", [-0.1, 1.1, float("nan")])
    def test_refuses_what_is_no_probability(self, stocked: Engine, least: float) -> None:
        store(stocked, of_classic(stocked))

        with pytest.raises(QueryInvalid, match="least probability of"):
            asked(stocked, min_probability=least)


class TestCompare:
    def test_probability_and_threshold(self, stocked: Engine) -> None:
        pair = PictureQuery(jpeg(1)), PictureQuery(jpeg(2))

        def compared(**how: object):
            return stocked.comparing.compare(*pair, model="classic", collection="default", **how)

        before = compared()
        assert (before.match_probability, before.threshold) == (None, 0.8)

        store(stocked, of_classic(stocked, pairs_from=0.61))

        after = compared()
        assert after.match_probability == PAIRS(after.similarity)
        assert (after.threshold, after.similarity) == (0.61, before.similarity)
        assert compared(threshold=0.9).threshold == 0.9


class TestCommandLine:
    @pytest.fixture
    def run(self, stocked: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path):
        monkeypatch.setenv("LIKENESS_HOME", str(stocked.home.root))
        monkeypatch.setenv("COLUMNS", "120")
        (tmp_path / "query.jpg").write_bytes(jpeg(3, quality=60))
        (tmp_path / "other.jpg").write_bytes(jpeg(4))
        app = Typer()
        app.command("search")(search)
        app.command("compare")(compare)

        def run(*arguments: str):
            return CliRunner().invoke(
                app, [each.replace("@", f"{tmp_path}/") for each in arguments]
            )

        return run

    def test_search(self, stocked: Engine, run) -> None:
        assert isinstance(
            run("search", "@query.jpg", "--min-probability", "0.5").exception, (NotCalibrated)
        )
        store(stocked, of_classic(stocked))

        (hit,) = json.loads(
            run("search", "@query.jpg", "--min-probability", "0.9", "--json").stdout
        )["hits"]
        assert (hit["product_id"], hit["relevant"]) == ("p3", True)
        assert hit["match_probability"] == pytest.approx(FIRST(hit["similarity"]), abs=1e-5)
        assert " %" in run("search", "@query.jpg").stdout
        nothing = run("search", "@query.jpg", "--min-probability", "0.99").stdout
        assert (
            "No product of collection 'default' is found that passes --min-probability." in nothing
        )

    def test_compare(self, stocked: Engine, run) -> None:
        store(stocked, of_classic(stocked, pairs_from=0.99))

        document = json.loads(run("compare", "@query.jpg", "@other.jpg", "--json").stdout)

        assert document["match_probability"] == pytest.approx(
            PAIRS(document["similarity"]), abs=1e-5
        )
        assert (document["threshold"], document["similar"]) == (0.99, False)
        assert "a match by" in run("compare", "@query.jpg", "@other.jpg").stdout
