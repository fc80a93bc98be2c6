"""Calibrated answers over HTTP: taken up while it serves, told, and refused before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.calibrations import FIRST, PAIRS, calibration
from tests.pictures import jpeg
from tests.service.running import Service, assert_problem, running, wait_until

PAIR = {"image_1": jpeg(1), "image_2": jpeg(2)}
LEGACY = "/cosine_similarity_score"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("home"), follow_interval_s=0.05) as service:
        for number in range(8):
            service.put(f"p{number}", number)
        yield service


@pytest.fixture
def calibrated(stocked: Service) -> Iterator[Service]:
    """By another process, while it serves; taken up by its keeper alone."""
    store = stocked.state.home.store
    store.calibrate(
        "classic",
        calibration(
            store.card("classic").fingerprint,
            collection="default",
            pairs_from=0.61,
            fitted_at=datetime.now(UTC),
        ),
    )
    wait_until(lambda: stocked.search(3)["hits"][0]["match_probability"] is not None)
    yield stocked
    store.calibrate("classic", None)
    wait_until(lambda: stocked.search(3)["hits"][0]["match_probability"] is None)


class TestSearch:
    def test_before(self, stocked: Service) -> None:
        hit = stocked.search(3)["hits"][0]
        assert (hit["match_probability"], hit["relevant"]) == (None, None)

        reply = stocked.client.post(
            "/v1/search", files={"image": jpeg(3)}, params={"min_probability": 0.5}
        )

        document = assert_problem(reply, 409, "not-calibrated")
        assert "likeness calibrate --collection default" in document["detail"]
        assert document["errors"][0]["field"] == "min_probability"

    def test_hits_say_how_probable_they_are(self, calibrated: Service) -> None:
        hits = calibrated.search(3)["hits"]

        assert hits[0]["match_probability"] == pytest.approx(FIRST(hits[0]["similarity"]), abs=1e-5)
        assert hits[0]["relevant"] is True
        assert {each["relevant"] for each in hits[1:]} == {False}

    def test_least_probability(self, calibrated: Service) -> None:
        assert calibrated.found(3, min_probability=0.9) == ["p3"]
        assert calibrated.found(3, min_probability=0.99) == []
        reply = calibrated.client.post(
            "/v1/search", json={"product_ids": ["p1", "p2"], "min_probability": 0.99}
        )
        assert [each["hits"] for each in reply.json()["results"]] == [[], []]
        similar = calibrated.client.get("/v1/products/p1/similar", params={"min_probability": 0.99})
        assert similar.json()["hits"] == []

    def test_refuses_what_is_no_probability(self, calibrated: Service) -> None:
        reply = calibrated.client.post(
            "/v1/search", files={"image": jpeg(3)}, params={"min_probability": 2}
        )

        assert assert_problem(reply, 422, "fields-invalid")["errors"][0]["field"] == (
            "min_probability"
        )


class TestCompare:
    def test_says_how_probable_a_match_is(self, calibrated: Service) -> None:
        answer = calibrated.client.post("/v1/compare", files=PAIR).json()

        assert answer["match_probability"] == pytest.approx(PAIRS(answer["similarity"]), abs=1e-5)
        assert answer["threshold"] == 0.61

    def test_the_older_call_takes_its_threshold_from_it(self, calibrated: Service) -> None:
        answer = calibrated.client.post(LEGACY, files=PAIR).json()

        assert 0.61 <= answer["Similarity Score"] < 0.8
        assert answer["Are the images similar?"] == "Yes"

    def test_of_the_older_call_a_setting_wins(self, tmp_path: Path) -> None:
        with running(tmp_path / "home", legacy_threshold=0.8) as service:
            store = service.state.home.store
            found = calibration(store.card("classic").fingerprint, pairs_from=0.61)
            store.calibrate("classic", found)

            answer = service.client.post(LEGACY, files=PAIR).json()

        assert answer["Are the images similar?"] == "No"


class TestTold:
    def test_of_models(self, calibrated: Service) -> None:
        _, classic = calibrated.client.get("/v1/models").json()["installed"]

        assert classic["calibration"]["pairs"]["cut"] == 0.61
        assert [each["collection"] for each in classic["calibration"]["hits"]] == ["default"]
        assert classic["calibration_ignored"] is None

    def test_of_collections(self, calibrated: Service) -> None:
        told = calibrated.client.get("/v1/collections/default").json()

        assert told["calibration"]["relation"] == "same product_id"
        assert told["uncalibrated_because"] is None

    def test_before(self, stocked: Service) -> None:
        _, classic = stocked.client.get("/v1/models").json()["installed"]
        told = stocked.client.get("/v1/collections/default").json()

        assert (classic["calibration"], told["calibration"]) == (None, None)
        assert told["uncalibrated_because"] == "is not calibrated"
