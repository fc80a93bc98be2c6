"""A shop with a real home: database, pictures, snapshots; jobs run in this process or their own."""

import io
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from catalog.collections import Collections
from catalog.embeddings import Embeddings
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import Failure, JobRecord, ProductRecord
from indexer.claiming import claimed
from indexer.failure_report import failures_of
from indexer.identity import own_identity
from indexer.job import Watch
from indexer.running import JobEnd, JobRunner
from indexer.settings import IndexerSettings
from indexer.stopping import Stop
from retrieval.home import Home
from tests.embedding.tiny_model import tiny_weights, write_tiny_model

REPO_ROOT = Path(__file__).resolve().parents[2]


def picture_bytes(seed: int, *, side: int = 48, form: str = "JPEG") -> bytes:
    """A picture unlike those of other seeds."""
    blocks = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(blocks).resize((side, side), Image.Resampling.NEAREST).save(file, form)
    return file.getvalue()


@dataclass
class Shop:
    """A home with the tools to run jobs in it and to look at what came of them."""

    home: Home
    settings: IndexerSettings

    def index(
        self,
        source: Path | str,
        *,
        collection: str = "default",
        stop: Stop | None = None,
        watch: Watch | None = None,
        **options: Any,
    ) -> JobEnd:
        """Run an index job to its end."""
        return self.run(
            self.claimed(source, collection=collection, **options), stop=stop, watch=watch
        )

    def claimed(
        self, source: Path | str, *, collection: str = "default", **options: Any
    ) -> JobRecord:
        """An index job that nobody has run yet."""
        return claimed(
            self.home.database,
            "index",
            self.home.ensure_collection(collection),
            source=str(source),
            options={"origin": "cli"} | options,
            worker=own_identity(),
        )

    def reindex(
        self,
        collection: str = "default",
        *,
        stop: Stop | None = None,
        watch: Watch | None = None,
        **options: Any,
    ) -> JobEnd:
        """Run a reindex job to its end."""
        return self.run(
            claimed(
                self.home.database,
                "reindex",
                self.home.ensure_collection(collection),
                source=None,
                options=options,
                worker=own_identity(),
            ),
            stop=stop,
            watch=watch,
        )

    def run(
        self, job: JobRecord, *, stop: Stop | None = None, watch: Watch | None = None
    ) -> JobEnd:
        assert job.worker is not None
        runner = JobRunner(
            self.home, self.settings, worker=job.worker, stop=stop or Stop(), watch=watch
        )
        return runner.run(job)

    def products(self, collection: str = "default") -> dict[str, ProductRecord]:
        with self.home.database.read() as connection:
            found = Collections(connection).get(collection)
            page = Products(connection).page(found.id, limit=100_000)
        return {product.external_id: product for product in page}

    def embeddings(self, collection: str = "default") -> dict[int, bytes]:
        """image id -> vector, of the collection's present model."""
        with self.home.database.read() as connection:
            found = Collections(connection).get(collection)
            ids, vectors = Embeddings(connection).all(
                found.id, found.model_fingerprint, found.dimension
            )
        return {int(i): v.tobytes() for i, v in zip(ids, vectors, strict=True)}

    def failures(self, end: JobEnd) -> list[Failure]:
        return list(failures_of(self.home.database, end.job.id))

    def jobs(self) -> list[JobRecord]:
        with self.home.database.read() as connection:
            return Jobs(connection).recent(limit=100)


def open_shop(root: Path, **settings: Any) -> Shop:
    chosen = IndexerSettings(
        home=root, index_batch_size=8, index_fetch_threads=4, index_decode_threads=2, **settings
    )
    return Shop(Home(chosen), chosen)


@dataclass
class Web:
    """A server whose pages are `pages`; a page in `held` waits until it is let go."""

    address: str
    pages: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@dataclass
class Program:
    """`likeness …` as a process of its own, with a home."""

    home: Path
    env: Mapping[str, str]

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "likeness", *map(str, arguments)],
            cwd=REPO_ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(
            [*map(str, arguments)], process.returncode, output, errors
        )


def install_tiny_model(shop: Shop, built: Path, *, seed: int = 0) -> str:
    """Puts a very small network into the shop's store; its name."""
    write_tiny_model(built, weights=tiny_weights(seed))
    return shop.home.store.install(built).name
