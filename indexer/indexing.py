"""The index job: a source into its collection, then a release."""

from catalog.collections import Collections
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import ReleaseRecord
from catalog.releases import Releases
from indexer.counts import Counts
from indexer.errors import PruneRefused, SourceEmpty
from indexer.job import Job
from indexer.models import BulkModels
from indexer.pipeline import Pipeline
from indexer.preparing import Preparation
from indexer.reading import PictureReader
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.sources.source import Source
from indexer.sweeping import sweep_copies
from retrieval.home import Home
from retrieval.releases import ReleasePublisher

_AT_ONCE = 500


class IndexJob:
    """One run of an index job.

    Its options: `origin` ("cli" or "http"), `prune`, `allow_empty`, `category_from_folders`.
    A product that was met before the job was interrupted counts as met.
    """

    def __init__(self, home: Home, settings: IndexerSettings, job: Job) -> None:
        self._home = home
        self._settings = settings
        self._job = job
        self._models = BulkModels(home)

    def run(self) -> int | None:
        """The id of the release that serves at the end; None when there is nothing to serve.

        Raises what the sources, the pipeline and the publisher raise, and Stopped.
        """
        job = self._job
        job.enter("opening")
        with open_source(self._settings, job.record) as source:
            job.watch.on_hints(source.hints)
            counts = self._starting_point(source)
            job.enter("indexing")
            job.watch.on_progress(counts)
            counts = self._take_in(source, counts)
            job.notes += source.notes()
        self._check_not_empty(counts)
        if job.option("prune"):
            self._prune()
        return self._published()

    def _starting_point(self, source: Source) -> Counts:
        """Where the job stood, if its source is exactly the same; else the beginning."""
        record = self._job.record
        if source.version is not None and source.version == record.source_version:
            self._job.write(total=source.total)
            return Counts.of(record, source.total)
        with self._home.database.write() as connection:
            jobs = Jobs(connection)
            jobs.clear_failures(record.id)
            jobs.beat(
                record.id,
                self._job.worker,
                source_version=source.version,
                total=source.total,
                cursor=0,
                indexed=0,
                unchanged=0,
                failed=0,
                pruned=0,
            )
        return Counts(source.total)

    def _take_in(self, source: Source, counts: Counts) -> Counts:
        with (
            self._home.fetcher() as fetcher,
            Preparation(
                self._home,
                PictureReader(fetcher, max_bytes=self._settings.picture_max_bytes),
                fetch_threads=self._settings.index_fetch_threads,
                decode_threads=self._settings.decode_threads,
            ) as preparation,
        ):
            pipeline = Pipeline(
                self._home,
                preparation,
                self._models.of_collection,
                job=self._job,
                counts=counts,
                batch_size=self._settings.index_batch_size,
            )
            return pipeline.run(source.items(after=counts.cursor))

    def _check_not_empty(self, counts: Counts) -> None:
        if counts.cursor or self._job.option("allow_empty"):
            return
        source, passed_over = self._job.record.source, " ".join(self._job.notes)
        if self._job.option("prune"):
            raise PruneRefused(
                f"{source} yielded nothing, so --prune would remove every product. Nothing was "
                "removed. Check the source; if it is empty on purpose, add --allow-empty. "
                f"{passed_over}".rstrip()
            )
        raise SourceEmpty(
            f"There is nothing to index in {source}. Check that it is the right place. "
            f"{passed_over}".rstrip()
        )

    def _prune(self) -> None:
        unnamed = self._failures_without_id()
        if unnamed:
            self._job.notes.append(
                f"Nothing was pruned: {unnamed} item{'s' * (unnamed != 1)} of the source could not "
                "even be named, so nobody knows which products are gone. Correct what "
                f"`likeness jobs failures {self._job.record.id}` lists and index again."
            )
            return
        self._job.enter("pruning")
        pruned = 0
        while removed := self._prune_some(pruned):
            pruned += removed
            self._job.stop.check()
        sweep_copies(self._home)

    def _prune_some(self, before: int) -> int:
        with self._home.database.write() as connection:
            collection = Collections(connection).locked(self._job.record.collection)
            products = Products(connection)
            unseen = products.unseen(collection.id, self._job.record.id, _AT_ONCE)
            if not unseen:
                return 0
            removed = products.delete(collection, unseen)
            Jobs(connection).beat(self._job.record.id, self._job.worker, pruned=before + removed)
        return removed

    def _failures_without_id(self) -> int:
        count = offset = 0
        with self._home.database.read() as connection:
            while page := Jobs(connection).failures(
                self._job.record.id, limit=_AT_ONCE, offset=offset
            ):
                count += sum(failure.item_id is None for failure in page)
                offset += len(page)
        return count

    def _published(self) -> int | None:
        """A new release, unless the one that serves already covers everything."""
        collection, embedder = self._models.of_collection(self._job.record.collection)
        with self._home.database.read() as connection:
            serving: ReleaseRecord | None = Releases(connection).find(collection.release_id)
            _, images = Collections(connection).counts(collection.id)
        if serving is not None and serving.sequence >= collection.last_sequence:
            return serving.id
        if serving is None and images == 0:
            return None
        publisher = ReleasePublisher(self._home.database, self._home.snapshots)
        return publisher.publish(collection.name, embedder.card, on_stage=self._job.enter).id
