import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from training import extra
from training.errors import TrainingExtraMissing


def test_what_is_installed_is_not_missed() -> None:
    extra.require_extra()


def test_what_is_missing_is_named_as_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_torch(module: str) -> ModuleSpec | None:
        return importlib.util.find_spec(module) if module == "torch" else None

    monkeypatch.setattr(extra, "find_spec", only_torch)
    with pytest.raises(TrainingExtraMissing, match="needs timm, pytorch-metric-learning, onnx"):
        extra.require_extra()
