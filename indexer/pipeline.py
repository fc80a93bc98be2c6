"""The bulk pipeline: prepare some batches ahead, commit each in its turn.

While the pictures of the next batches are read, decoded and embedded, the one before is written.
All that a batch means (products, vectors, failures, the position in the source, counts) is one
transaction, so that a job may be killed anywhere.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from catalog.collections import Collections
from catalog.errors import ModelChanged, PicturesChanged
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import CollectionRecord
from embedding.embedder import Embedder
from indexer.counts import Counts
from indexer.items import BrokenItem, Item
from indexer.job import Job
from indexer.preparing import PendingBatch, Preparation, Prepared
from ingestion.products import ATTEMPTS
from retrieval.home import Home

# Batches begun beside the one that is waited for: enough to ride out a slow picture, little to
# hold.
_AHEAD = 2


@dataclass(frozen=True)
class _Work:
    """A batch that is embedded and waits to be committed."""

    items: Sequence[Item | BrokenItem]
    prepared: Sequence[Prepared]
    model_fingerprint: str


class Pipeline:
    """Brings items into a collection, for one job.

    `model_of(collection name)` gives collection and embedder as they are now; it is asked again
    when the collection flips to another model meanwhile.
    """

    def __init__(
        self,
        home: Home,
        preparation: Preparation,
        model_of: Callable[[str], tuple[CollectionRecord, Embedder]],
        *,
        job: Job,
        counts: Counts,
        batch_size: int,
    ) -> None:
        self._home = home
        self._preparation = preparation
        self._model_of = model_of
        self._job = job
        self._stop = job.stop
        self._counts = counts
        self._marks_seen = bool(job.option("prune"))
        self._batch_size = batch_size
        self._collection, self._embedder = model_of(job.record.collection)

    def run(self, items: Iterable[Item | BrokenItem]) -> Counts:
        """Take in all items; what was committed last when it raises stays.

        Raises Stopped, JobLost, CollectionUnknown, StorageFull, DatabaseError, SourceError.
        """
        with ThreadPoolExecutor(1, "commit") as writer:
            writing: tuple[_Work, Future[None]] | None = None
            for pending in self._ahead(items):
                work = self._collected(pending)
                self._settle(writing)
                writing = (work, writer.submit(self._commit, work))
            self._settle(writing)
        return self._counts

    def _ahead(self, items: Iterable[Item | BrokenItem]) -> Iterator[PendingBatch]:
        started: deque[PendingBatch] = deque()
        for batch in _batches(items, self._batch_size):
            self._stop.check()
            started.append(self._preparation.start(batch, self._collection, self._embedder))
            if len(started) > _AHEAD:
                yield started.popleft()
        while started:
            yield started.popleft()

    def _collected(self, pending: PendingBatch) -> _Work:
        return _Work(pending.items, pending.collect(self._stop), pending.model_fingerprint)

    def _settle(self, writing: "tuple[_Work, Future[None]] | None") -> None:
        """Wait for a commit; one that met a change of model or pictures is made again."""
        if writing is None:
            return
        work, future = writing
        try:
            future.result()
        except (ModelChanged, PicturesChanged):
            self._commit_again(work)

    def _commit_again(self, work: _Work) -> None:
        for attempt in range(ATTEMPTS):
            self._collection, self._embedder = self._model_of(self._job.record.collection)
            pending = self._preparation.start(work.items, self._collection, self._embedder)
            try:
                return self._commit(self._collected(pending))
            except (ModelChanged, PicturesChanged):
                if attempt == ATTEMPTS - 1:
                    raise
        return None

    def _commit(self, work: _Work) -> None:
        counts = _after(self._counts, work)
        with self._home.database.write() as connection:
            collection = Collections(connection).locked(
                self._job.record.collection, model_fingerprint=work.model_fingerprint
            )
            products = Products(connection)
            ready = [item.product for item in work.prepared if item.product is not None]
            if ready:
                products.upsert(
                    collection,
                    ready,
                    seen_job_id=self._job.record.id if self._marks_seen else None,
                )
            if self._marks_seen:
                products.mark_seen(collection.id, _met_only(work.prepared), self._job.record.id)
            jobs = Jobs(connection)
            jobs.add_failures(
                self._job.record.id,
                [failure for item in work.prepared for failure in item.failures],
            )
            is_cancelled = jobs.beat(
                self._job.record.id,
                self._job.worker,
                cursor=counts.cursor,
                indexed=counts.indexed,
                unchanged=counts.unchanged,
                failed=counts.failed,
            )
        self._counts = counts
        self._job.watch.on_progress(counts)
        if is_cancelled:
            self._stop.request("cancelled")


def _batches(items: Iterable[Item | BrokenItem], size: int) -> Iterator[list[Item | BrokenItem]]:
    """Items that hold `size` pictures or just above together; never more than that many items."""
    batch: list[Item | BrokenItem] = []
    pictures = 0
    for item in items:
        batch.append(item)
        pictures += max(1, len(item.references)) if isinstance(item, Item) else 1
        if pictures >= size:
            yield batch
            batch, pictures = [], 0
    if batch:
        yield batch


def _met_only(prepared: Sequence[Prepared]) -> list[str]:
    """Ids that were met in the source without being written: unchanged, or failed."""
    return [
        item.external_id
        for item in prepared
        if item.product is None and item.external_id is not None
    ]


def _after(counts: Counts, work: _Work) -> Counts:
    failed = sum(item.has_failed for item in work.prepared)
    indexed = sum(item.product is not None and not item.has_failed for item in work.prepared)
    return counts.after(
        work.prepared[-1].position,
        indexed=indexed,
        unchanged=len(work.prepared) - failed - indexed,
        failed=failed,
        pictures=_picture_count(work.items),
    )


def _picture_count(items: Sequence[Item | BrokenItem]) -> int:
    return sum(len(item.references) for item in items if isinstance(item, Item))
