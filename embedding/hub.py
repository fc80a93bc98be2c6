"""The model hub, asked without waiting long for one that cannot be reached."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import huggingface_hub

PATIENCE_S = 5.0
HUB_ERRORS = (OSError, RuntimeError, httpx.HTTPError)
"""What the hub's client and timm raise when weights cannot be fetched or do not fit."""


def hub_address() -> str:
    """Where pretrained weights are published."""
    return str(huggingface_hub.constants.ENDPOINT)


@contextmanager
def hub_without_long_waits() -> Iterator[None]:
    """Within it, the hub's client uses only its cache if the hub does not answer in PATIENCE_S.

    Left to itself, the client repeats each of its requests for most of a minute.
    """
    constants = huggingface_hub.constants
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or not _answers(hub_address())
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _answers(address: str) -> bool:
    """Whether anything answers there, through the same proxies the client will use."""
    try:
        httpx.head(address, timeout=PATIENCE_S)
    except httpx.HTTPError:
        return False
    return True
