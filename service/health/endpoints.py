"""Is it alive, is it ready, and how is it doing."""

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from service.access import READ
from service.errors import NotReady
from service.health.schemas import Alive, Ready
from service.replies import json_reply
from service.state import State

router = APIRouter(tags=["operations"])


@router.get("/health/live", summary="Is the process alive?", response_model=Alive)
async def live() -> Response:
    return json_reply({"status": "alive"})


@router.get("/health/ready", summary="Can it answer?", response_model=Ready)
async def ready(state: State) -> Response:
    """503 until collections and models are open, or while they cannot be kept current.

    A collection with a trouble is named and does not make the service unready: it goes on serving
    what it had, and the others are not concerned.
    """
    if not state.keeper.ready.is_set():
        raise NotReady("Collections and models are still being opened. Try again in a second.")
    if state.keeper.failure is not None:
        raise NotReady("The collections cannot be kept current; the service's log says why.")
    troubles = state.engine.follower.troubles()
    collections: dict[str, Any] = {
        served.name: {"trouble": None} for served in state.engine.follower.open_collections()
    }
    for name, trouble in troubles.items():
        collections[name] = {"trouble": state.public(trouble)}
    return json_reply({"status": "degraded" if troubles else "ready", "collections": collections})


@router.get("/metrics", summary="For Prometheus", response_class=Response, dependencies=[READ])
async def metrics(state: State) -> Response:
    return Response(state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
