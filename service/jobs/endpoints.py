"""Bulk jobs: queued here, worked on by a worker."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from catalog.collections import Collections
from catalog.jobs import Jobs
from catalog.records import JobKind, JobRecord
from service.access import CHANGE
from service.documenting import body_of
from service.errors import FieldProblem, FieldsInvalid
from service.forms import MULTIPART
from service.jobs.describing import failure_json, job_json
from service.jobs.receiving import FILE, received_upload
from service.jobs.repeating import ORIGIN, repeated
from service.jobs.schemas import FailuresReply, IndexRequest, JobReply, JobRequest, JobsReply
from service.reading import JSON, check_media_type, checked, media_type, read_json
from service.replies import json_reply
from service.search.schemas import CollectionName
from service.state import ServiceState, State

router = APIRouter(tags=["jobs"], dependencies=[CHANGE])

_PATH = "/v1/jobs/{job_id}"
Limit = Annotated[int, Query(ge=1, le=1000, description="How many.")]
Offset = Annotated[int, Query(ge=0, lt=2**63, description="How many to pass over.")]
JobId = Annotated[int, Path(ge=0, lt=2**63)]


@router.post(
    "/v1/jobs",
    summary="Start a bulk job",
    status_code=202,
    response_model=JobReply,
    openapi_extra=body_of(
        json=JobRequest,
        form=IndexRequest,
        files={
            FILE: "A zip, a manifest (.csv, .tsv, .jsonl), or the files of a folder, each with its "
            "path inside the folder as file name. Sent to disk as it arrives."
        },
    ),
)
async def create(request: Request, state: State) -> Response:
    """Index a whole source or an upload, or embed a collection again under another model. The job
    waits for a worker (`serve` starts one); `Location` is where to ask how it goes."""
    if media_type(request) == MULTIPART:
        return await _create_from_upload(request, state)
    check_media_type(request, JSON, MULTIPART)
    wanted = checked(JobRequest, await read_json(request))
    _check(wanted)
    job = await state.threads.writing.run(lambda: _create(wanted, state))
    return _accepted(job, state)


@router.get("/v1/jobs", summary="List, the newest first", response_model=JobsReply)
def every(
    state: State,
    limit: Limit = 20,
    offset: Offset = 0,
    collection: Annotated[CollectionName, Query()] = None,
) -> Response:
    with state.home.database.read() as connection:
        only = None if collection is None else Collections(connection).get(collection).id
        jobs = Jobs(connection).recent(limit=limit, offset=offset, collection_id=only)
    return json_reply(
        {"limit": limit, "offset": offset, "jobs": [job_json(job, state) for job in jobs]}
    )


@router.get(_PATH, summary="How it goes", response_model=JobReply)
def read(job_id: JobId, state: State) -> Response:
    with state.home.database.read() as connection:
        return json_reply(job_json(Jobs(connection).get(job_id), state))


@router.get(_PATH + "/failures", summary="What failed, and why", response_model=FailuresReply)
def failures(job_id: JobId, state: State, limit: Limit = 100, offset: Offset = 0) -> Response:
    with state.home.database.read() as connection:
        job = Jobs(connection).get(job_id)
        total = Jobs(connection).failure_count(job_id)
        found = Jobs(connection).failures(job_id, limit=limit, offset=offset)
    return json_reply(
        {
            "job_id": job_id,
            "total": total,
            "limit": limit,
            "offset": offset,
            "failures": [failure_json(failure, job, state) for failure in found],
        }
    )


@router.post(_PATH + "/cancel", summary="Stop it", response_model=JobReply)
def cancel(job_id: JobId, state: State) -> Response:
    """What is indexed stays. A job that is being worked on stops at its next batch; one that has
    ended is left as it is."""
    with state.home.database.write() as connection:
        return json_reply(job_json(Jobs(connection).request_cancel(job_id), state))


@router.post(_PATH + "/repeat", summary="Do it again", status_code=202, response_model=JobReply)
def repeat(job_id: JobId, state: State) -> Response:
    """As a new job with the same source and options, for one that came over HTTP and has ended.
    What was indexed is passed over quickly. An upload is there as long as `repeatable` says so."""
    return _accepted(repeated(job_id, state.home), state)


async def _create_from_upload(request: Request, state: ServiceState) -> Response:
    async with received_upload(request, state) as upload:
        wanted = checked(IndexRequest, upload.fields)
        about = {"name": upload.name, "files": upload.count, "size": upload.size}
        options = {**_index_options(wanted), "upload": about}
        job = await state.threads.writing.run(
            lambda: _queued("index", wanted.collection, upload.source, options, state)
        )
    return _accepted(job, state)


def _accepted(job: JobRecord, state: ServiceState) -> Response:
    return json_reply(job_json(job, state), status=202, headers={"Location": f"/v1/jobs/{job.id}"})


def _check(wanted: JobRequest) -> None:
    if wanted.kind == "index" and wanted.source is None:
        raise FieldsInvalid([FieldProblem("source", "is missing; say what to index")])
    if wanted.kind == "index" and wanted.model is not None:
        raise FieldsInvalid(
            [
                FieldProblem(
                    "model",
                    "belongs to kind reindex; a new collection gets its model with "
                    "PUT /v1/collections/NAME",
                )
            ]
        )
    if wanted.kind == "reindex" and wanted.source is not None:
        raise FieldsInvalid([FieldProblem("source", "belongs to kind index; leave it out")])


def _create(wanted: JobRequest, state: ServiceState) -> JobRecord:
    if wanted.model is not None:
        # Refused now rather than by the worker, later.
        state.home.store.card(wanted.model)
    if wanted.kind == "index":
        options = _index_options(wanted)
    else:
        options = {"model": wanted.model, "drop_missing": wanted.drop_missing}
    return _queued(wanted.kind, wanted.collection, wanted.source, options, state)


def _index_options(wanted: IndexRequest) -> dict[str, Any]:
    return {
        "prune": wanted.prune,
        "allow_empty": wanted.allow_empty,
        "category_from_folders": wanted.category_from_folders,
    }


def _queued(
    kind: JobKind,
    collection_name: str | None,
    source: str | None,
    options: Mapping[str, Any],
    state: ServiceState,
) -> JobRecord:
    name = collection_name or state.settings.collection
    with state.home.database.write() as connection:
        collection = Collections(connection).get(name)
        return Jobs(connection).create(
            kind, collection.id, source=source, options={"origin": ORIGIN, **options}
        )
