"""Comparing two pictures: the modern call and the older predictor's."""

import base64
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, jpeg
from tests.service.running import Service, assert_problem, running

PAIR = {"image_1": ("a.jpg", jpeg(1)), "image_2": ("b.jpg", jpeg(2))}


def in_base64(number: int) -> str:
    return base64.b64encode(jpeg(number)).decode()


def noisy(number: int, turned: float = 0.0) -> bytes:
    """A picture full of local features."""
    cells = np.random.default_rng(number).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    return encoded(Image.fromarray(cells).resize((300, 300)).rotate(turned), "JPEG")


class TestCompare:
    def test_by_upload(self, stocked: Service) -> None:
        answer = stocked.client.post("/v1/compare", files=PAIR).json()

        assert set(answer) == {
            "cosine",
            "similarity",
            "match_probability",
            "similar",
            "threshold",
            "model",
            "took_ms",
        }
        assert answer["match_probability"] is None
        assert answer["similarity"] == pytest.approx((answer["cosine"] + 1) / 2, abs=1e-5)
        assert answer["similar"] == (answer["similarity"] >= answer["threshold"])
        assert answer["model"] == "classic"

    def test_every_way_gives_the_same(self, stocked: Service) -> None:
        answers = [
            stocked.client.post("/v1/compare", files=PAIR),
            stocked.client.post(
                "/v1/compare", json={"image_1": in_base64(1), "image_2": in_base64(2)}
            ),
            stocked.client.post(
                "/v1/compare", json={"image_1": in_base64(2), "product_id_2": "p1"}
            ),
            stocked.client.post("/v1/compare?product_id_1=p1&product_id_2=p2"),
            stocked.client.post(
                "/v1/compare", files={"image_1": jpeg(1)}, data={"product_id_2": "p2"}
            ),
        ]

        similarities = [answer.json()["similarity"] for answer in answers]
        # Products are compared by their kept copies, which are compressed once more.
        assert similarities == pytest.approx([similarities[0]] * 5, abs=5e-3)

    def test_threshold_decides(self, stocked: Service) -> None:
        low, high = (
            stocked.client.post(f"/v1/compare?threshold={threshold}", files=PAIR).json()
            for threshold in (0, 1)
        )

        assert (low["similar"], low["threshold"]) == (True, 0)
        assert (high["similar"], high["threshold"]) == (False, 1)

    @pytest.mark.parametrize(
        ("document", "status", "code"),
        [
            ({}, 422, "fields-invalid"),
            ({"product_id_1": "p1"}, 422, "fields-invalid"),
            ({"product_id_1": "p1", "image_1": "", "product_id_2": "p2"}, 422, "fields-invalid"),
            ({"product_id_1": "p1", "product_id_2": "no"}, 404, "product-unknown"),
            ({"product_id_1": "p1", "product_id_2": "p2", "threshold": 2}, 422, "fields-invalid"),
            ({"product_id_1": "p1", "product_id_2": "p2", "model": "no"}, 404, "model-unknown"),
            (
                {"product_id_1": "p1", "product_id_2": "p2", "model": "../x"},
                404,
                "model-unknown",
            ),
            (
                {"product_id_1": "p1", "product_id_2": "p2", "collection": "no"},
                404,
                "collection-unknown",
            ),
            ({"image_1": "~", "product_id_2": "p2"}, 422, "picture-unreadable"),
        ],
    )
    def test_refused(
        self, stocked: Service, document: dict[str, Any], status: int, code: str
    ) -> None:
        assert_problem(stocked.client.post("/v1/compare", json=document), status, code)

    def test_a_known_model_that_is_not_installed(self, stocked: Service) -> None:
        reply = stocked.client.post("/v1/compare?model=resnet18", files=PAIR)

        detail = assert_problem(reply, 409, "model-not-installed")["detail"]
        assert "likeness models add resnet18" in detail


class TestCompareByPoints:
    def test_a_copy_and_a_stranger(self, stocked: Service) -> None:
        pictures = noisy(1), noisy(1, turned=20), noisy(2)
        same, other = (
            stocked.client.post(
                "/v1/compare?method=points", files={"image_1": pictures[0], "image_2": second}
            ).json()
            for second in pictures[1:]
        )

        assert set(same) == {
            "method", "similarity", "similar", "threshold", "inliers", "matches", "features",
            "reason", "took_ms",
        }  # fmt: skip
        assert (same["method"], same["threshold"], same["reason"]) == ("points", 0.5, None)
        assert (same["similar"], other["similar"]) == (True, False)
        assert same["inliers"] <= same["matches"] <= min(same["features"])

    def test_plain_pictures_score_nothing_and_say_why(self, stocked: Service) -> None:
        plain = encoded(Image.new("RGB", (90, 90), "white"), "PNG")

        answer = stocked.client.post(
            "/v1/compare", files={"image_1": plain, "image_2": plain}, data={"method": "points"}
        ).json()

        assert (answer["similarity"], answer["similar"]) == (0.0, False)
        assert "too plain" in answer["reason"]

    def test_products_by_json(self, stocked: Service) -> None:
        answer = stocked.client.post(
            "/v1/compare", json={"product_id_1": "p1", "product_id_2": "p1", "method": "points"}
        ).json()

        assert answer["inliers"] == answer["matches"] > 0

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({"method": "points", "model": "classic"}, "model"),
            ({"method": "lines"}, "method"),
        ],
    )
    def test_refused(self, stocked: Service, document: dict[str, Any], field: str) -> None:
        reply = stocked.client.post(
            "/v1/compare", json={"product_id_1": "p1", "product_id_2": "p2", **document}
        )

        errors = assert_problem(reply, 422, "fields-invalid")["errors"]
        assert [each["field"] for each in errors] == [field]

    def test_a_picture_that_cannot_be_read_is_named(self, stocked: Service) -> None:
        reply = stocked.client.post(
            "/v1/compare?method=points", files={"image_1": noisy(1), "image_2": noisy(2)[:200]}
        )

        errors = assert_problem(reply, 422, "picture-unreadable")["errors"]
        assert [each["field"] for each in errors] == ["image_2"]


class TestOlderCall:
    def test_key_for_key(self, stocked: Service) -> None:
        reply = stocked.client.post("/cosine_similarity_score?model_name=classic", files=PAIR)

        answer = reply.json()
        assert list(answer) == [
            "Similarity Score",
            "Are the images similar?",
            "Time taken in milliseconds",
        ]
        assert 0 <= answer["Similarity Score"] <= 1
        assert answer["Time taken in milliseconds"] > 0

    def test_yes_and_no(self, stocked: Service) -> None:
        same = {"image_1": jpeg(1), "image_2": jpeg(1, quality=80)}

        answers = [
            stocked.client.post("/cosine_similarity_score", files=files).json()
            for files in (same, PAIR)
        ]

        assert [answer["Are the images similar?"] for answer in answers] == [
            "Yes",
            "Yes" if answers[1]["Similarity Score"] >= 0.8 else "No",
        ]

    def test_threshold_is_configurable(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with running(tmp_path_factory.mktemp("home"), legacy_threshold=0.0) as service:
            answer = service.client.post("/cosine_similarity_score", files=PAIR).json()

        assert answer["Are the images similar?"] == "Yes"

    def test_a_model_that_is_not_installed(self, stocked: Service) -> None:
        reply = stocked.client.post("/cosine_similarity_score?model_name=vgg16", files=PAIR)

        document = assert_problem(reply, 409, "model-not-installed")
        assert "likeness models add vgg16" in document["detail"]

    def test_a_missing_picture(self, stocked: Service) -> None:
        reply = stocked.client.post("/cosine_similarity_score", files={"image_1": jpeg(1)})

        errors = assert_problem(reply, 422, "fields-invalid")["errors"]
        assert [each["field"] for each in errors] == ["image_2"]

    def test_no_form(self, stocked: Service) -> None:
        reply = stocked.client.post("/cosine_similarity_score", json={})

        assert_problem(reply, 415, "media-type-unsupported")

    def test_models_are_a_drop_down(self, stocked: Service) -> None:
        document = stocked.client.get("/openapi.json").json()
        (parameter,) = document["paths"]["/cosine_similarity_score"]["post"]["parameters"]

        assert parameter["name"] == "model_name"
        assert {"classic", "resnet18", "vgg16", "cspdarknet53"} <= set(parameter["schema"]["enum"])
