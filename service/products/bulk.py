"""A stream of products in, a stream of results out."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.collections import Collections
from catalog.errors import CatalogError, ModelChanged, PicturesChanged
from catalog.products import Products, Upserted
from catalog.records import ProductFields
from embedding.errors import EmbeddingError
from ingestion.products import (
    PictureFile,
    ReadyProduct,
    embedded,
    known_contents,
    ready_product,
)
from retrieval.batching import BatchingEmbedder
from service.errors import EXPECTED
from service.problems import problem_of
from service.products.lines import LineBuffer, RawLine, body_lines
from service.products.schemas import BulkLine
from service.products.storing import (
    picture_files,
    product_fields,
    sent_pictures,
    without_pictures,
)
from service.reading import checked, json_object
from service.replies import json_bytes
from service.state import ServiceState

NDJSON = "application/x-ndjson"

_ATTEMPTS = 3
_TOLD = ("status", "code", "detail", "errors")
_RESULTS_IN_MEMORY = 1_048_576


@dataclass(frozen=True)
class _Line:
    """One line sent: a product whose pictures are at hand, or the error it already met."""

    number: int
    product_id: str | None
    fields: ProductFields | None = None
    files: Sequence[PictureFile] | None = None
    error: Exception | None = None


class BulkReply(Response):
    """Stores the products of one request's body; the answer has a line for each, in order.

    Reading never waits for the results to be taken: many clients first send everything and only
    then look at the answer. Results wait in a temporary file beyond the first megabyte.
    """

    media_type = NDJSON

    def __init__(self, request: Request, state: ServiceState, collection: str) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._request = request
        self._state = state
        self._batches = _Batches(state, collection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive  # the body is read through the request
        with self._state.bulks.one(), tempfile.SpooledTemporaryFile(_RESULTS_IN_MEMORY) as spool:
            await self._batches.check()
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with aclosing(self._results(spool)) as results:
                async for lines in results:
                    await send({"type": "http.response.body", "body": lines, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _results(self, spool: IO[bytes]) -> AsyncGenerator[bytes, None]:
        progress = asyncio.Event()
        written = told = 0

        async def store_all() -> None:
            nonlocal written
            buffer = LineBuffer()
            settings = self._state.settings
            lines = body_lines(
                self._request,
                longest=settings.request_max_bytes,
                timeout_s=settings.upload_timeout_s,
            )
            filling = asyncio.create_task(buffer.fill(lines))
            try:
                while batch := await buffer.batch():
                    results = await self._batches.store(batch)
                    spool.seek(written)
                    spool.write(results)
                    written += len(results)
                    progress.set()
                await filling
            finally:
                filling.cancel()

        worker = asyncio.create_task(store_all())
        worker.add_done_callback(lambda _: progress.set())
        try:
            while True:
                if told < written:
                    spool.seek(told)
                    lines = spool.read(written - told)
                    told += len(lines)
                    yield lines
                elif worker.done():
                    await worker
                    return
                else:
                    progress.clear()
                    await progress.wait()
        finally:
            worker.cancel()


class _Batches:
    """Lines -> committed products -> lines of the answer."""

    def __init__(self, state: ServiceState, collection: str) -> None:
        self._state = state
        self._collection = collection

    async def check(self) -> None:
        """What concerns all lines, while the answer can still be a refusal.

        Raises CollectionUnknown, ModelError, DatabaseError.
        """
        await self._state.threads.writing.run(
            lambda: self._state.engine.follower.served(self._collection)
        )

    async def store(self, batch: Sequence[RawLine]) -> bytes:
        lines = await asyncio.gather(*(self._line(raw) for raw in batch))
        outcomes = await self._state.threads.writing.run(lambda: self._outcomes(lines))
        return b"".join(
            _result(line, outcome) for line, outcome in zip(lines, outcomes, strict=True)
        )

    async def _line(self, raw: RawLine) -> _Line:
        number, product_id = raw.number, None
        try:
            if raw.error is not None:
                raise raw.error
            line = checked(BulkLine, json_object(raw.content, "line"))
            product_id = line.id
            fields = product_fields(line.id, line)
            files = await picture_files(sent_pictures(line), self._state)
        except EXPECTED as error:
            return _Line(number, product_id, error=error)
        return _Line(number, product_id, fields, files)

    def _outcomes(self, lines: Sequence[_Line]) -> list[Upserted | Exception]:
        """Of each line, in order; runs of different products share a transaction."""
        outcomes: list[Upserted | Exception] = []
        run: list[_Line] = []
        for line in lines:
            if any(line.product_id == each.product_id for each in run):
                outcomes += self._commit(run)
                run = []
            run.append(line)
        outcomes += self._commit(run)
        self._state.keeper.refresh()
        return outcomes

    def _commit(self, lines: Sequence[_Line]) -> list[Upserted | Exception]:
        """Together if that goes well; else one by one, so that each has an error of its own."""
        outcomes: dict[int, Upserted | Exception] = {}
        for attempt in range(_ATTEMPTS):
            try:
                outcomes = self._try_commit(lines)
                break
            except (ModelChanged, PicturesChanged) as error:
                outcomes = {line.number: error for line in lines}
                if attempt < _ATTEMPTS - 1:
                    self._state.keeper.refresh()
            except (CatalogError, EmbeddingError) as error:
                if len(lines) > 1:
                    return [outcome for line in lines for outcome in self._commit([line])]
                outcomes = {lines[0].number: error}
                break
        return [outcomes[line.number] for line in lines]

    def _try_commit(self, lines: Sequence[_Line]) -> dict[int, Upserted | Exception]:
        state = self._state
        embedder = state.engine.follower.served(self._collection).embedder
        outcomes: dict[int, Upserted | Exception] = {}
        ready: list[tuple[_Line, ReadyProduct]] = []
        stored = self._stored_of(lines, embedder)
        for line in lines:
            try:
                ready.append((line, self._ready(line, stored, embedder)))
            except EXPECTED as error:
                outcomes[line.number] = error
        products = [embedded(product, embedder=embedder) for _, product in ready]
        if not products:
            return outcomes
        with state.home.database.write() as connection:
            locked = Collections(connection).locked(
                self._collection, model_fingerprint=embedder.card.fingerprint
            )
            upserted = Products(connection).upsert(locked, products)
        outcomes.update(
            (line.number, done) for (line, _), done in zip(ready, upserted, strict=True)
        )
        return outcomes

    def _stored_of(self, lines: Sequence[_Line], embedder: BatchingEmbedder) -> dict[str, set[str]]:
        return known_contents(
            [line.product_id for line in lines if line.product_id is not None],
            collection=self._collection,
            database=self._state.home.database,
            model_fingerprint=embedder.card.fingerprint,
        )

    def _ready(
        self, line: _Line, stored: dict[str, set[str]], embedder: BatchingEmbedder
    ) -> ReadyProduct:
        if line.error is not None:
            raise line.error
        assert line.fields is not None
        product_id = line.fields.external_id
        known = stored.get(product_id, set())
        if line.files is None:
            if not known:
                raise without_pictures(product_id)
            return ReadyProduct(line.fields, None)
        return ready_product(
            line.fields,
            line.files,
            known=known,
            pictures=self._state.home.pictures,
            embedder=embedder,
            limits=self._state.home.limits,
        )


def _result(line: _Line, outcome: Upserted | Exception) -> bytes:
    result: dict[str, Any] = {"line": line.number, "id": line.product_id}
    if isinstance(outcome, Exception):
        problem = problem_of(outcome)
        result["result"] = "failed"
        result["error"] = {name: problem[name] for name in _TOLD if name in problem}
    else:
        result["result"] = "created" if outcome.created else "updated"
        result["images_added"] = outcome.images_added
        result["images_removed"] = outcome.images_removed
    return json_bytes(result) + b"\n"
