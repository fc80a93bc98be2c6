from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from embedding.card import ModelCard, card_json

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
            {"format_version": 3},
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
