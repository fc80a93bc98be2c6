"""Uploads for tests: what a browser or curl sends, zips, and a worker that reads them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from indexer.settings import IndexerSettings
from indexer.stopping import Stop
from indexer.worker import Worker
from retrieval.home import Home
from tests.service.running import Service


def send(service: Service, files: Mapping[str, bytes], **fields: Any) -> httpx.Response:
    """The files of a folder, path -> content, as one form."""
    parts = [("file", (name, content)) for name, content in files.items()]
    return service.client.post("/v1/jobs", files=parts, data=fields)


def sent(service: Service, files: Mapping[str, bytes], **fields: Any) -> dict[str, Any]:
    """Likewise, and taken: the job."""
    reply = send(service, files, **fields)
    assert reply.status_code == 202, reply.text
    job: dict[str, Any] = reply.json()
    assert reply.headers["location"] == f"/v1/jobs/{job['id']}"
    return job


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def reflagged(archive: bytes, *, bits: int, on: bool) -> bytes:
    """The zip with bits of every entry's general purpose flags set or cleared."""
    changed = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = archive.find(signature)
        while start >= 0:
            flags = slice(start + offset, start + offset + 2)
            old = int.from_bytes(archive[flags], "little")
            changed[flags] = (old | bits if on else old & ~bits).to_bytes(2, "little")
            start = archive.find(signature, start + 4)
    return bytes(changed)


def work(service: Service, **settings: Any) -> None:
    """A real worker over the same home, until no job waits."""
    chosen = IndexerSettings(home=service.state.home.root, **settings)
    with Home(chosen) as home:
        Worker(home, chosen, Stop()).run(until_idle=True)
    service.state.keeper.refresh()


def job_of(service: Service, job_id: int) -> dict[str, Any]:
    job: dict[str, Any] = service.client.get(f"/v1/jobs/{job_id}").json()
    return job


def left_behind(service: Service) -> list[Path]:
    """The uploads that are here, or parts of them."""
    return sorted((service.state.home.root / "uploads").glob("*"))
