"""Runs in the peer's environment: takes orders as JSON lines, answers with JSON lines.

Everything is the peer's own: its loader, its transforms, its index, its threads. `pretrained=False`
is an option of its `Search_Setup`, so nothing is downloaded and nothing patched. It has a second
entrance, `SearchEngine`, which always wants pretrained weights and writes one more file; embedding
and search are the same code under both.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from DeepImageSearch import Search_Setup

Answer = dict[str, Any]


class Runner:
    """One model, loaded; `folder` is where the peer writes its index."""

    def __init__(self, model: str, folder: str) -> None:
        # It wants a list at once; which pictures are indexed is said later.
        self._setup = Search_Setup(
            image_list=["none yet"], model_name=model, pretrained=False, metadata_dir=folder
        )

    def index(self, files: Sequence[str]) -> Answer:
        """All of `files` into a new index, which is saved."""
        self._setup.image_list = list(files)
        start = time.perf_counter()
        self._setup.run_index(force_reindex=True)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "indexed": self._setup.vector_store.count()}

    def fill(self, count: int) -> Answer:
        """The index brought to `count` vectors: its exact search costs the same whichever."""
        store = self._setup.vector_store
        chance = np.random.default_rng(0)
        while (missing := count - store.count()) > 0:
            vectors = chance.standard_normal((min(missing, 10_000), store.dimension), np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            ids = [f"filled-{store.count() + n}" for n in range(len(vectors))]
            store.add(ids, vectors, [{"image_path": each} for each in ids])
        return {"vectors": store.count(), "dimension": store.dimension}

    def query(self, files: Sequence[str]) -> Answer:
        """One search a file, one after the other; milliseconds of each."""
        took = []
        for path in files:
            start = time.perf_counter()
            found = self._setup.get_similar_images(path, 10)
            took.append((time.perf_counter() - start) * 1000.0)
            if not found:
                raise RuntimeError(f"nothing was found for {path}")
        return {"milliseconds": took}


def main() -> None:
    # Whatever the packages print goes to stderr; only answers go out.
    out, sys.stdout = sys.stdout, sys.stderr
    runner = Runner(*sys.argv[1:])
    orders: Mapping[str, Callable[..., Answer]] = {
        "index": runner.index,
        "fill": runner.fill,
        "query": runner.query,
    }
    for line in sys.stdin:
        order = json.loads(line)
        answer = orders[order.pop("do")](**order)
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
