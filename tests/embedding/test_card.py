from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from embedding.card import CARD_FORMAT, INT8_FILES, ModelCard, card_json
from embedding.int8_measured import Int8Measured

FIELDS = {
    "name": "resnet18",
    "kind": "onnx",
    "licence": "apache-2.0",
    "source": "somewhere",
    "created_at": datetime(2025, 1, 1, tzinfo=UTC),
    "dimension": 512,
    "input_size": 224,
    "fit": "crop",
    "crop_fraction": 0.9,
    "files": {"model.onnx": "a" * 64},
}


MEASURED = Int8Measured(
    mean_cosine=0.99, recall_at_10=0.97, speed_up=2.0, calibrated_on=300, measured_on=500
)


def card(**changed: object) -> ModelCard:
    return ModelCard.model_validate({**FIELDS, **changed})


class TestFingerprint:
    @pytest.mark.parametrize(
        "changed",
        [
            {"files": {"model.onnx": "b" * 64}},
            {"files": {"model.onnx": "a" * 64, "model.onnx.data": "b" * 64}},
            {"dimension": 513},
            {"input_size": 416},
            {"fit": "letterbox"},
            {"crop_fraction": 0.8},
            {"interpolation": "bilinear"},
            {"mean": (0.5, 0.5, 0.5)},
            {"std": (0.5, 0.5, 0.5)},
            {"revision": "2"},
        ],
    )
    def test_changes_with_everything_that_changes_vectors(self, changed: dict[str, object]) -> None:
        assert card(**changed).fingerprint != card().fingerprint

    @pytest.mark.parametrize(
        "changed",
        [
            {"name": "another"},
            {"licence": "mit"},
            {"source": "elsewhere"},
            {"description": "better words"},
            {"threshold": 0.7},
            {"verified_cosine": 0.99999},
            {"created_at": datetime(2026, 1, 1, tzinfo=UTC)},
        ],
    )
    def test_does_not_change_with_anything_else(self, changed: dict[str, object]) -> None:
        assert card(**changed).fingerprint == card().fingerprint

    def test_ignores_the_crop_fraction_where_nothing_is_cropped(self) -> None:
        assert (
            card(fit="stretch", crop_fraction=0.9).fingerprint
            == card(fit="stretch", crop_fraction=0.8).fingerprint
        )

    def test_is_recomputed_and_never_believed(self) -> None:
        assert card(fingerprint="0" * 64).fingerprint == card().fingerprint


class TestOlderCards:
    def test_load_as_fp32_with_the_fingerprint_they_had(self) -> None:
        """Text and fingerprint as the first format wrote them."""
        old = ModelCard.model_validate_json(
            """{"format_version": 1, "name": "tiny", "kind": "onnx", "description": "",
            "licence": "mit", "source": "here", "created_at": "2025-01-01T00:00:00Z",
            "dimension": 8, "input_size": 32, "fit": "stretch", "crop_fraction": 1.0,
            "interpolation": "bicubic", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4],
            "threshold": 0.8, "verified_cosine": null, "revision": "",
            "files": {"model.onnx": "<a>", "model.onnx.data": "<b>"}}""".replace(
                "<a>", "a" * 64
            ).replace("<b>", "b" * 64)
        )
        assert (old.precision, old.int8, old.format_version) == ("fp32", None, 1)
        assert old.fingerprint == "e8565aac6fe7c340565b12f5dff8d9934a35a32c4876a705cf6efd79dab75dc7"


class TestPrecision:
    def test_of_int8_needs_its_files_and_figures(self) -> None:
        both = dict.fromkeys(("model.onnx", *INT8_FILES), "c" * 64)
        for incomplete in ({"files": both}, {"int8": MEASURED}):
            with pytest.raises(ValidationError, match=r"must hold|must say"):
                card(precision="int8", **incomplete)
        served = card(precision="int8", files=both, int8=MEASURED)
        assert served.serving_files == INT8_FILES
        assert served.as_fp32() == card(files={"model.onnx": "c" * 64})

    def test_figures_change_no_fingerprint(self) -> None:
        tried = card(int8=MEASURED, precision_reason="fp32 serves, because ...")
        assert tried.fingerprint == card().fingerprint


class TestValidation:
    def test_survives_being_written_and_read(self) -> None:
        assert ModelCard.model_validate_json(card_json(card())) == card()

    @pytest.mark.parametrize(
        "changed",
        [
            {"name": "../escape"},
            {"name": ".hidden"},
            {"name": "Upper"},
            {"name": "new\nline"},
            {"name": "line\n"},
            {"name": ""},
            {"name": "a" * 101},
            {"files": {}},
            {"files": {"../model.onnx": "a" * 64, "model.onnx": "a" * 64}},
            {"files": {"model.onnx": "short"}},
            {"dimension": 0},
            {"std": (0.0, 1.0, 1.0)},
            {"mean": (float("nan"), 0.0, 0.0)},
            {"crop_fraction": 0.0},
            {"threshold": 1.5},
            {"fit": "squash"},
            {"format_version": CARD_FORMAT + 1},
            {"surprise": 1},
            {"kind": "classic", "files": {}},
            {"created_at": datetime(2025, 1, 1)},
        ],
    )
    def test_refuses(self, changed: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            card(**changed)

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            card().dimension = 3  # type: ignore[misc]
