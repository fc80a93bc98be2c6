"""The packages of the extra `training`, missed before any work begins."""

from importlib.util import find_spec

from training.errors import TrainingExtraMissing

_PACKAGES = {
    "torch": "torch",
    "timm": "timm",
    "pytorch_metric_learning": "pytorch-metric-learning",
    "onnx": "onnx",
    "onnxscript": "onnxscript",
}
"""Module -> what it is installed as."""


def require_extra() -> None:
    """Importable without any of them. Raises TrainingExtraMissing, which says what to install."""
    missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise TrainingExtraMissing(
            f"Training networks needs {', '.join(missing)}, which this installation does not "
            f"have. Run `pip install -e '.[training]'` and repeat; the linear head of `likeness "
            f"train` needs none of it."
        )
