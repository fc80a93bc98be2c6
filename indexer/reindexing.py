"""The reindex job: every picture under another model, made beside, then one flip.

The old release serves meanwhile, and products may come and go: what came in without the new
model's embedding is embedded in the next round, until a release could flip.
"""

from collections.abc import Iterator, Sequence

from catalog.collections import Collections
from catalog.embeddings import Embeddings
from catalog.errors import EmbeddingsMissing, PictureMissing
from catalog.jobs import Jobs
from catalog.products import Products
from catalog.records import CollectionRecord, Failure, ProductFields, ProductInput, StoredImage
from embedding.embedder import Embedder, Prepared
from embedding.errors import PictureError
from embedding.images import decode
from indexer.counts import Counts
from indexer.errors import FlipOvertaken, PicturesNotEmbedded
from indexer.job import Job
from indexer.models import BulkModels
from indexer.parallel import in_order
from indexer.settings import IndexerSettings
from indexer.sweeping import sweep_copies
from retrieval.home import Home
from retrieval.releases import ReleasePublisher

_PAGE = 10_000
# Each round embeds only what came in during the one before.
_ROUNDS = 50

_Missing = tuple[int, str]
_Made = tuple[_Missing, Prepared | PictureMissing | PictureError]


class ReindexJob:
    """One run of a reindex job.

    Its options: `model`, a name, or None for the collection's present one (which writes its
    release anew, and embeds what another version of the model had embedded); `drop_missing`.
    """

    def __init__(self, home: Home, settings: IndexerSettings, job: Job) -> None:
        self._home = home
        self._settings = settings
        self._job = job
        self._hopeless: set[int] = set()

    def run(self) -> int:
        """The id of the release that serves from now on; raises Stopped.

        Raises:
            PicturesNotEmbedded: some pictures have no usable copy; all others are embedded.
            FlipOvertaken, ModelError, StorageFull, DatabaseError, VectorIndexError.
        """
        job = self._job
        job.enter("opening")
        collection = self._collection()
        embedder = BulkModels(self._home).load(job.option("model") or collection.model_name)
        counts = self._start(collection, embedder)
        publisher = ReleasePublisher(self._home.database, self._home.snapshots)
        for _ in range(_ROUNDS):
            job.enter("embedding")
            counts = self._embed_missing(collection, embedder, counts)
            self._settle_hopeless(embedder)
            try:
                release = publisher.publish(
                    collection.name, embedder.card, flip_model=True, on_stage=job.enter
                )
            except EmbeddingsMissing:
                continue
            # Here too: a shop that only puts and deletes over HTTP never prunes.
            sweep_copies(self._home)
            return release.id
        raise FlipOvertaken(
            f"Pictures kept coming into collection {collection.name!r} faster than it could flip "
            f"to {embedder.card.name!r}. Nothing is lost: repeat `likeness reindex --model "
            f"{embedder.card.name}` when fewer products are being written."
        )

    def _collection(self) -> CollectionRecord:
        with self._home.database.read() as connection:
            return Collections(connection).get(self._job.record.collection)

    def _start(self, collection: CollectionRecord, embedder: Embedder) -> Counts:
        """Count what is to be done, and forget what failed in an earlier run of this job."""
        missing = sum(len(page) for page in self._missing(collection, embedder, _PAGE))
        with self._home.database.write() as connection:
            jobs = Jobs(connection)
            jobs.clear_failures(self._job.record.id)
            jobs.beat(
                self._job.record.id,
                self._job.worker,
                total=missing,
                cursor=0,
                indexed=0,
                failed=0,
            )
        return Counts(missing)

    def _missing(
        self, collection: CollectionRecord, embedder: Embedder, page_size: int
    ) -> Iterator[list[_Missing]]:
        """Pages of the images without an embedding of the model, hopeless ones left out."""
        after = 0
        while True:
            with self._home.database.read() as connection:
                page = Embeddings(connection).missing(
                    collection.id, embedder.card.fingerprint, limit=page_size, after=after
                )
            if not page:
                return
            after = page[-1][0]
            yield [missing for missing in page if missing[0] not in self._hopeless]

    def _embed_missing(
        self, collection: CollectionRecord, embedder: Embedder, counts: Counts
    ) -> Counts:
        pages = self._missing(collection, embedder, self._settings.index_batch_size)
        for batch in in_order(
            pages,
            lambda missing: self._made(missing, embedder),
            threads=self._settings.decode_threads,
            ahead=2,
        ):
            self._job.stop.check()
            counts = self._commit(batch, embedder, counts)
            self._job.watch.on_progress(counts)
        return counts

    def _made(self, missing: _Missing, embedder: Embedder) -> _Made:
        try:
            copy = self._home.pictures.read(missing[1])
            decoded = decode(copy, limits=self._home.limits, target_side=embedder.target_side)
            return missing, embedder.prepare(decoded.image)
        except (PictureMissing, PictureError) as error:
            return missing, error

    def _commit(self, batch: Sequence[_Made], embedder: Embedder, counts: Counts) -> Counts:
        ready = [(missing[0], made) for missing, made in batch if not isinstance(made, Exception)]
        failed = [(missing, made) for missing, made in batch if isinstance(made, Exception)]
        vectors = embedder.embed_prepared([made for _, made in ready]) if ready else ()
        position = counts.cursor
        counts = counts.after(
            counts.cursor + len(batch),
            indexed=len(ready),
            unchanged=0,
            failed=len(failed),
            pictures=len(batch),
        )
        with self._home.database.write() as connection:
            Embeddings(connection).add(
                embedder.card.fingerprint,
                {image_id: vector for (image_id, _), vector in zip(ready, vectors, strict=True)},
            )
            owners = Products(connection).of_images([missing[0] for missing, _ in failed])
            jobs = Jobs(connection)
            jobs.add_failures(
                self._job.record.id,
                [
                    Failure(
                        position + place,
                        owners[image_id][1].external_id if image_id in owners else None,
                        owners[image_id][0].source if image_id in owners else None,
                        error.code,
                        str(error),
                    )
                    for place, ((image_id, _), error) in enumerate(failed, start=1)
                ],
            )
            if jobs.beat(
                self._job.record.id,
                self._job.worker,
                cursor=counts.cursor,
                total=max(counts.total or 0, counts.cursor),
                indexed=counts.indexed,
                failed=counts.failed,
            ):
                self._job.stop.request("cancelled")
        self._hopeless.update(missing[0] for missing, _ in failed)
        return counts

    def _settle_hopeless(self, embedder: Embedder) -> None:
        """Pictures that cannot be embedded must not block the flip for ever, nor vanish unasked."""
        if not self._hopeless:
            return
        if self._job.option("drop_missing"):
            self._drop(sorted(self._hopeless))
            self._hopeless.clear()
            return
        with self._home.database.read() as connection:
            left = len(Products(connection).of_images(sorted(self._hopeless)))
        if left:
            raise PicturesNotEmbedded(
                f"{left} picture{'s' * (left != 1)} could not be embedded with "
                f"{embedder.card.name!r}, so the collection still serves its former model. "
                f"`likeness jobs failures {self._job.record.id}` lists them. Index their source "
                "again to bring them back and repeat the reindex, or remove them from their "
                "products by repeating it with --drop-missing."
            )

    def _drop(self, image_ids: Sequence[int]) -> None:
        with self._home.database.write() as connection:
            collection = Collections(connection).locked(self._job.record.collection)
            products = Products(connection)
            dropped = set(image_ids)
            owners = {owner.external_id for _, owner in products.of_images(image_ids).values()}
            for external_id in sorted(owners):
                product = products.get(collection.id, external_id)
                kept = tuple(
                    StoredImage(image.content_sha256, image.source)
                    for image in product.images
                    if image.id not in dropped
                )
                fields = ProductFields(
                    product.external_id,
                    title=product.title,
                    url=product.url,
                    category=product.category,
                    price=product.price,
                    attributes=product.attributes,
                )
                products.upsert(collection, [ProductInput(fields, kept)])
        self._job.notes.append(
            f"Removed {len(image_ids)} picture{'s' * (len(image_ids) != 1)} that could not be "
            f"embedded from {len(owners)} product{'s' * (len(owners) != 1)}."
        )
