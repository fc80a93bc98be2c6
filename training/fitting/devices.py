"""Where a network is trained, and in which arithmetic."""

import os
from contextlib import AbstractContextManager
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embedding.card import PerChannel
from training.errors import SettingsInvalid


class Computing(Protocol):
    """What a person may choose about it; every kind of training has these settings."""

    @property
    def device(self) -> Literal["auto", "cpu", "cuda"]: ...
    @property
    def precision(self) -> Literal["auto", "fp32", "bf16"]: ...
    @property
    def threads(self) -> int: ...


class Device:
    """A processor or a graphics card. Raises SettingsInvalid for a card that is not there."""

    def __init__(self, settings: Computing) -> None:
        has_card = torch.cuda.is_available()
        if settings.device == "cuda" and not has_card:
            raise SettingsInvalid(
                "device is cuda, and torch finds no graphics card. Choose cpu or auto, or install "
                "a torch that knows the card."
            )
        self.name = "cuda" if has_card and settings.device != "cpu" else "cpu"
        self.threads = settings.threads or os.cpu_count() or 1
        torch.set_num_threads(self.threads)
        wish = settings.precision
        self._bf16 = wish == "bf16" or (wish == "auto" and self.name == "cuda")

    @property
    def description(self) -> str:
        if self.name == "cuda":
            where = torch.cuda.get_device_name()
        else:
            where = f"{self.threads} processor thread{'s' * (self.threads > 1)}"
        return f"{where}, {'bf16' if self._bf16 else 'fp32'}"

    def autocast(self) -> AbstractContextManager[object]:
        """For the network alone: losses are always worked out in fp32."""
        context: AbstractContextManager[object] = torch.autocast(
            self.name, dtype=torch.bfloat16, enabled=self._bf16
        )
        return context

    def normalised(self, pixels: NDArray[np.uint8], mean: PerChannel, std: PerChannel) -> Tensor:
        """uint8 (n, side, side, 3) -> float32 (n, 3, side, side) on the device: (x/255 - mean)/std.

        In memory the channels stay last, which convolutions take faster.
        """
        shown = torch.from_numpy(pixels).to(self.name).permute(0, 3, 1, 2).float()
        means, stds = (
            torch.tensor(each, device=self.name).view(1, 3, 1, 1) * 255.0 for each in (mean, std)
        )
        return (shown - means) / stds
