"""What OASIS knows of a model, kept between runs: judgements that arrive later go on from here."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.whole_files import replacing
from training.adapters.oasis import Oasis, Triplets
from training.errors import CheckpointInvalid

AGGRESSIVENESSES = (0.02, 0.1, 0.5)
"""All are learnt side by side; judgements held out say which serves."""

CHOOSING, MEASURING = 0, 1
"""What a judgement is held out for, as its query's content decides: a tenth each. Whatever has the
same query is held out together."""

_TENTHS = 10
_MOST_HELD_OUT = 4000


@dataclass(frozen=True)
class State:
    """`learners`: one for each aggressiveness. `seen`: digests of all judgements so far, (n, 32)
    uint8. `held_out`: the last few thousand, with the `role` of each and a number of its `query`.
    """

    learners: tuple[Oasis, ...]
    seen: NDArray[np.uint8]
    held_out: Triplets
    role: NDArray[np.int64]
    query: NDArray[np.int64]

    @classmethod
    def begun(cls, length: int) -> "State":
        """Before any judgement, of vectors of that length."""
        none = np.zeros(0, dtype=np.int64)
        return cls(
            tuple(Oasis.begun(length, each) for each in AGGRESSIVENESSES),
            np.zeros((0, 32), np.uint8),
            np.zeros((0, 3, length), np.float32),
            none,
            none,
        )

    @property
    def taught(self) -> int:
        """Judgements that taught; those held out are none of them."""
        return int((_tenth(self.seen[:, :8]) > MEASURING).sum())

    def fresh(self, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(n, 32) -> (n,): the judgements that it has not seen, each once."""
        seen = {each.tobytes() for each in self.seen}
        new = np.zeros(len(digests), dtype=np.bool_)
        for place, each in enumerate(digests):
            new[place] = each.tobytes() not in seen
            seen.add(each.tobytes())
        return new

    def after(self, triplets: Triplets, digests: NDArray[np.uint8]) -> "State":
        """Having learnt from new judgements, in their order, but for those held out."""
        tenth = _tenth(digests[:, :8])
        teaches = tenth > MEASURING
        vectors = triplets[teaches].reshape(-1, triplets.shape[2])
        kept = slice(-_MOST_HELD_OUT, None)
        first = self.learners[0].extended(vectors)
        learners = tuple(
            replace(
                each,
                directions=first.directions,
                moved=_padded(each.moved, first.directions.shape[1]),
            ).taught(triplets[teaches])
            for each in self.learners
        )
        queries = np.ascontiguousarray(digests[:, :8]).view(np.int64)[:, 0]
        return State(
            learners,
            np.concatenate([self.seen, digests]),
            np.concatenate([self.held_out, triplets[~teaches]])[kept],
            np.concatenate([self.role, tenth[~teaches]])[kept],
            np.concatenate([self.query, queries[~teaches]])[kept],
        )

    def write(self, file: Path) -> None:
        """Whole or not at all. Raises OSError."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as written:
            np.savez(
                written,
                directions=self.learners[0].directions,
                moved=np.stack([each.moved for each in self.learners]),
                aggressiveness=np.array([each.aggressiveness for each in self.learners]),
                seen=self.seen,
                held_out=self.held_out,
                role=self.role,
                query=self.query,
            )

    @classmethod
    def read(cls, file: Path, length: int) -> "State":
        """Raises CheckpointInvalid."""
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files}
            learners = tuple(
                Oasis(found["directions"], moved, float(aggressiveness))
                for moved, aggressiveness in zip(
                    found["moved"], found["aggressiveness"], strict=True
                )
            )
            state = cls(learners, found["seen"], found["held_out"], found["role"], found["query"])
            _check_whole(found)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CheckpointInvalid(
                f"{file} is damaged ({error}), and with it what was learnt from judgements so "
                "far. Remove it, and give all judgements again."
            ) from error
        if found["directions"].shape[0] != length:
            raise CheckpointInvalid(f"{file} is of vectors of another length. Remove it.")
        return state


def _check_whole(found: Mapping[str, NDArray[np.generic]]) -> None:
    """Raises ValueError for arrays that do not fit each other, and for what is no number."""
    length, directions = found["directions"].shape
    learners, judgements, held_out = (
        len(found[name]) for name in ("aggressiveness", "seen", "role")
    )
    for name, dtype, shape in (
        ("directions", np.float32, (length, directions)),
        ("moved", np.float32, (learners, directions, directions)),
        ("aggressiveness", np.float64, (len(AGGRESSIVENESSES),)),
        ("seen", np.uint8, (judgements, 32)),
        ("held_out", np.float32, (held_out, 3, length)),
        ("role", np.int64, (held_out,)),
        ("query", np.int64, (held_out,)),
    ):
        array = found[name]
        if array.dtype != dtype or array.shape != shape:
            raise ValueError(f"{name} is {array.dtype} {array.shape}")
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise ValueError(f"{name} holds what is no number")


def _tenth(queries: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n, 8), the beginning of the query's content -> which tenth of all it is of."""
    numbers = np.ascontiguousarray(queries).view(np.uint64)[:, 0]
    return (numbers % np.uint64(_TENTHS)).astype(np.int64)


def _padded(moved: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    padded = np.zeros((count, count), dtype=np.float32)
    padded[: len(moved), : len(moved)] = moved
    return padded
