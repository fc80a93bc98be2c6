"""A form with files -> an upload on disk that a job can read; a part of it is no upload."""

import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request

from ingestion.file_kinds import suffix_of
from ingestion.uploads import UploadFolders
from service.errors import BodyMalformed, FieldProblem, FieldsInvalid, UploadRefused
from service.forms import MAX_PARTS, Event, Part, PartBegins, multipart_events
from service.jobs.contents import source_in, top_name
from service.jobs.unpacking import unpack
from service.jobs.upload_files import UploadFiles, check_room
from service.reading import fields_of
from service.settings import ServiceSettings
from service.state import ServiceState

FILE = "file"
"""The one field that takes files."""

_LONGEST_TEXT = 16_384
_BATCH_BYTES = 1_048_576
_BATCH_EVENTS = 1000


@dataclass(frozen=True)
class Upload:
    """Files that lie ready. `source` is what a job names them by, `name` what their sender called
    them (None where there are several), `size` their bytes; `fields` are the form's others."""

    source: str
    name: str | None
    count: int
    size: int
    fields: dict[str, Any]


@asynccontextmanager
async def received_upload(request: Request, state: ServiceState) -> AsyncIterator[Upload]:
    """The upload of a request, for the block to make a job of; if it raises, nothing stays.

    A piece of the body at a time is held in memory. Raises UploadRefused, FieldsInvalid,
    BodyMalformed, BodyTooLarge, BodyTooSlow, StorageFull, ServiceBusy, ClientDisconnect.
    """
    uploads = UploadFolders(state.home.root)
    threads = state.threads.uploading
    with state.bulks.one():
        folder = await threads.run(uploads.create)
        try:
            received = await _received(request, state, folder)
            yield await threads.run(lambda: _ready(received, folder, uploads, state.settings))
        except BaseException:
            # What resists is cleared later, as an upload without a job.
            await threads.run(partial(shutil.rmtree, folder, ignore_errors=True))
            raise


async def _received(request: Request, state: ServiceState, folder: Path) -> "_Received":
    threads = state.threads.uploading
    stated = int(request.headers.get("content-length", 0))
    # Of one that is too long it is said where it is read.
    room = min(stated, state.settings.job_upload_max_bytes)
    await threads.run(partial(check_room, folder, room))
    with UploadFiles(folder / "files", max_files=state.settings.job_upload_max_files) as files:
        received = _Received(files)
        form = multipart_events(request.headers["content-type"], request.stream())
        async with aclosing(form) as events:
            async for batch in _batches(events):
                await threads.run(partial(received.take, batch))
    return received


async def _batches(events: AsyncIterator[Event]) -> AsyncIterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    async for event in events:
        batch.append(event)
        size += len(event) if isinstance(event, bytes) else 0
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_EVENTS:
            yield batch
            batch, size = [], 0
    yield batch


class _Received:
    """What has come so far: files on disk, and the text of the other fields."""

    def __init__(self, files: UploadFiles) -> None:
        self.files = files
        self.texts: list[Part] = []
        self._part = PartBegins("", None)
        self._text = b""

    def take(self, events: list[Event]) -> None:
        """Raises UploadRefused, FieldsInvalid, BodyMalformed, StorageFull."""
        for event in events:
            if isinstance(event, PartBegins):
                self._begin(event)
            elif isinstance(event, bytes):
                self._take(event)
            else:
                self._end()

    def _begin(self, part: PartBegins) -> None:
        self._part, self._text = part, b""
        if (part.name == FILE) != (part.filename is not None):
            raise FieldsInvalid([FieldProblem(part.name, _what_is_taken(part))])
        if part.filename:
            self.files.begin(_file_name(part.filename))

    def _take(self, content: bytes) -> None:
        if self._part.filename:
            self.files.write(content)
            return
        self._text += content
        if self._part.filename is not None or len(self._text) > _LONGEST_TEXT:
            raise FieldsInvalid([FieldProblem(self._part.name, _what_is_taken(self._part))])

    def _end(self) -> None:
        if self._part.filename:
            self.files.end()
        elif self._part.filename is None:
            if len(self.texts) == MAX_PARTS:
                raise BodyMalformed(f"The form has more than {MAX_PARTS} fields. Send fewer.")
            self.texts.append(Part(self._part.name, self._text))


def _what_is_taken(part: PartBegins) -> str:
    if part.name == FILE:
        return "takes files with their names, as a file input or `curl -F file=@shop.zip` sends it"
    if part.filename is not None:
        return f"takes no file; send files in the field `{FILE}`"
    return f"has more than {_LONGEST_TEXT:,} bytes"


def _file_name(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        shown = name[:80].decode(errors="replace")
        raise UploadRefused(
            f"The file name {shown!r} is not in UTF-8. Rename the file and send all again. Nothing "
            "was kept."
        ) from error


def _ready(
    received: _Received, folder: Path, uploads: UploadFolders, settings: ServiceSettings
) -> Upload:
    """Raises UploadRefused, FieldsInvalid, StorageFull."""
    fields = fields_of(received.texts)
    sent, count, size = folder / "files", received.files.count, received.files.size
    if count == 0:
        raise FieldsInvalid([FieldProblem(FILE, "is missing; send a zip, a manifest or pictures")])
    name = top_name(sent)
    archive = next(sent.glob("*"))
    if count == 1 and suffix_of(archive.name) == ".zip":
        # Beside what was sent, so that an entry cannot be taken for the zip itself.
        sent = folder / "unpacked"
        sent.mkdir()
        most_bytes, most_files = settings.job_upload_max_bytes, settings.job_upload_max_files
        with UploadFiles(sent, max_files=most_files) as files:
            unpack(archive, files, max_bytes=most_bytes, max_files=most_files)
        archive.unlink()
        count = files.count
    return Upload(uploads.source_of(source_in(sent)), name, count, size, fields)
