from importlib.machinery import ModuleSpec

import pytest

from training import extra
from training.errors import TrainingExtraMissing

TORCH = ModuleSpec("torch", None)


def test_what_is_installed_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda _: TORCH)
    extra.require_extra()


def test_what_is_missing_is_named_as_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda module: TORCH if module == "torch" else None)
    with pytest.raises(TrainingExtraMissing, match="needs timm, pytorch-metric-learning, onnx"):
        extra.require_extra()
