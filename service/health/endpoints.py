"""Is it alive, is it ready, how is it doing, and what is here."""

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import HTMLResponse, Response

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


@router.get("/", include_in_schema=False)
async def landing() -> Response:
    return HTMLResponse(_LANDING)


_LANDING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Likeness</title>
<h1>Likeness</h1>
<p>Visual search for shop catalogues. <a href="/docs">Try the API</a>, or from a terminal:
<pre>curl -F image=@PICTURE http://HOST:PORT/v1/search</pre>
<ul>
<li>POST /v1/search
<li>GET /v1/products/{id}/similar
<li>GET, PUT, DELETE /v1/products/{id}; GET /v1/products; POST /v1/products/bulk
<li>POST /v1/compare; POST /cosine_similarity_score
<li>GET, POST /v1/jobs
<li>GET, PUT, DELETE /v1/collections/{name}
<li><a href="/v1/models">GET /v1/models</a>
<li><a href="/health/ready">GET /health/ready</a>, <a href="/metrics">/metrics</a>,
<a href="/openapi.json">/openapi.json</a>
</ul>
</html>
"""
