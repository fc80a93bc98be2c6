"""A training on disk: all that is needed to go on as if it had not been interrupted."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embedding.whole_files import replacing
from training.errors import CheckpointInvalid
from training.fitting.run_folder import CHECKPOINT_FILE

_FORMAT = 1


@dataclass
class Standing:
    """Where a training stands. `epoch` epochs are done and `batch` batches of the next one, `steps`
    batches in all, in `seconds` of wall time; validation recall was best after `best_epoch`."""

    epoch: int = 0
    batch: int = 0
    steps: int = 0
    seconds: float = 0.0
    best_recall: float = -1.0
    best_epoch: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """`identity`: what must be the same for the training to be the same; `states`: tensors by the
    name of what they belong to."""

    identity: str
    standing: Standing
    states: dict[str, Any]

    def write(self, folder: Path) -> None:
        """The old checkpoint stays whole until the new one is. Raises CheckpointInvalid."""
        held = {
            "format": _FORMAT,
            "identity": self.identity,
            "standing": asdict(self.standing),
            "states": self.states,
            "chance": _chance(),
        }
        try:
            with replacing(folder / CHECKPOINT_FILE) as written:
                torch.save(held, written)
        except (OSError, RuntimeError) as error:  # torch names a full disk by the latter
            raise CheckpointInvalid(
                f"The checkpoint cannot be written to {folder} ({_reason(error)}). Make room, and "
                "go on from the last one with --resume."
            ) from error

    @classmethod
    def read(cls, folder: Path, identity: str) -> "Checkpoint":
        """Sets the generators of chance to where they were. Raises CheckpointInvalid."""
        path = folder / CHECKPOINT_FILE
        try:
            held = torch.load(path, map_location="cpu", weights_only=True)
        except FileNotFoundError as error:
            raise CheckpointInvalid(
                f"{folder} holds no {CHECKPOINT_FILE}: nothing was interrupted there. Start anew, "
                "without --resume."
            ) from error
        except Exception as error:  # zip, pickle and the system each raise their own
            raise CheckpointInvalid(
                f"{path} is damaged ({_reason(error)}). Remove {folder} and start anew."
            ) from error
        if not isinstance(held, dict) or held.get("format") != _FORMAT:
            raise CheckpointInvalid(f"{path} is no checkpoint of this version. Start anew.")
        if held["identity"] != identity:
            raise CheckpointInvalid(
                f"The training in {folder} is another one: its settings, its pictures or their "
                "labels have changed since. Give what it was started with (only the budget may "
                "change), or start anew in another folder."
            )
        _set_chance(held["chance"])
        return cls(identity, Standing(**held["standing"]), held["states"])


def _chance() -> dict[str, Any]:
    """Of torch and of numpy's old global generator, which miners use."""
    kind, keys, *rest = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "numpy": [str(kind), torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest],
    }


def _set_chance(held: dict[str, Any]) -> None:
    kind, keys, position, has_gauss, cached = held["numpy"]
    torch.set_rng_state(held["torch"])
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, cached))


def _reason(error: BaseException) -> str:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return (error.strerror or told) if isinstance(error, OSError) else told.rstrip(".")
