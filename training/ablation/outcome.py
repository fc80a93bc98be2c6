"""What one training of one variant came to, kept on disk so that it is not done twice."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embedding.whole_files import write_whole
from evaluation.metrics import Values
from training.errors import CheckpointInvalid

OUTCOME_FILE = "outcome.json"


@dataclass(frozen=True)
class Outcome:
    """`hits`: by each distance, float64 (queries,), 1 or 0, of the held-out products; `dimension`
    of the vectors; `steps` and `seconds` of training, 0 where there was none; `best_epoch`: after
    how many epochs the weights were taken, 0 for those that it started with; why it `ended`."""

    hits: dict[str, Values]
    dimension: int
    steps: int
    seconds: float
    best_epoch: int
    ended: str

    def write(self, folder: Path) -> None:
        told = {
            "dimension": self.dimension,
            "steps": self.steps,
            "seconds": round(self.seconds, 1),
            "best_epoch": self.best_epoch,
            "ended": self.ended,
            "hits": {name: values.astype(int).tolist() for name, values in self.hits.items()},
        }
        write_whole(folder / OUTCOME_FILE, json.dumps(told))

    @classmethod
    def read(cls, folder: Path) -> "Outcome | None":
        """None where the variant is not finished. Raises CheckpointInvalid for a damaged file."""
        path = folder / OUTCOME_FILE
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                {name: np.array(values, float) for name, values in told["hits"].items()},
                told["dimension"],
                told["steps"],
                told["seconds"],
                told["best_epoch"],
                told["ended"],
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointInvalid(
                f"{path} is damaged. Remove it, and the variant will be trained again."
            ) from error
