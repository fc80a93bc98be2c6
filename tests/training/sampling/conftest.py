"""Skipped without the packages that train networks."""

import pytest

for package in ("torch", "timm", "pytorch_metric_learning"):
    pytest.importorskip(package, reason="the extra `training` is not installed")
