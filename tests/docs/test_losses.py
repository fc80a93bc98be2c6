"""docs/losses.md says what the code takes: every loss with its defaults, miner and setting."""

from pathlib import Path
from typing import get_args

import pytest

from training.losses.settings import DEFAULTS
from training.mining.settings import MinerName, MiningSettings
from training.networks.settings import NetworkSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "losses.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_loss_has_a_row_with_its_defaults(name: str) -> None:
    parameters = ", ".join(
        f"`{parameter}` {default:g}"
        for parameter, default in DEFAULTS[name].items()  # type: ignore[index]
    )
    assert f"| `{name}` | {parameters} |".replace("|  |", "| |") in PAGE


@pytest.mark.parametrize("name", get_args(MinerName))
def test_every_miner_has_a_row(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_the_parameters_of_miners_have_their_defaults() -> None:
    for parameter in ("gap", "share"):
        assert f"`{parameter}` {MiningSettings.model_fields[parameter].default:g}" in PAGE
    assert "`mining.noise_bound: 3`" in PAGE


def test_every_setting_of_networks_is_named() -> None:
    networks = PAGE.split("## Networks")[1]
    assert [name for name in NetworkSettings.model_fields if f"`{name}`" not in networks] == []
