"""The demo's query pictures, one of each category, for the shop to offer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from service.replies import json_reply
from service.state import ServiceState, State

# Open to everybody, as a page's <img> can send no key: they were drawn, and are nobody's.
router = APIRouter(include_in_schema=False)

_QUERIES = "queries"
_AN_HOUR = "public, max-age=3600"


@router.get("/samples/index.json")
def index(state: State) -> Response:
    """None where `likeness demo` did not render into this home."""
    samples = [
        {"url": f"/samples/{Path(path).name}", "title": _title(shown)}
        for path, shown in _best_of_each(_demo(state)).items()
    ]
    return json_reply({"samples": samples}, headers={"Cache-Control": "no-cache"})


@router.get("/samples/{name}.jpg")
async def sample(name: str, request: Request, state: State) -> Response:
    files = StaticFiles(directory=_demo(state) / _QUERIES, check_dir=False)
    response = await files.get_response(f"{name}.jpg", request.scope)
    response.headers["Cache-Control"] = _AN_HOUR
    return response


def _best_of_each(demo: Path) -> Mapping[str, Mapping[str, Any]]:
    """Path -> what is shown there, of the picture of each category that a shopper would rather
    send: nothing stands before the product, and it is as large as in any."""
    best: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for path, shown in sorted(_query_pictures(demo).items(), key=_clearness, reverse=True):
        best.setdefault(shown["category"], (path, shown))
    return dict(best[category] for category in sorted(best))


def _query_pictures(demo: Path) -> Mapping[str, Mapping[str, Any]]:
    """Path -> factors, as the renderer wrote them down; empty without a demo."""
    try:
        truth = json.loads((demo / "ground_truth.json").read_bytes())
    except FileNotFoundError:
        return {}
    return {
        path: picture["factors"]
        for path, picture in truth["pictures"].items()
        if path.startswith(f"{_QUERIES}/") and picture["kind"] == "wild"
    }


def _clearness(picture: tuple[str, Mapping[str, Any]]) -> tuple[bool, float, str]:
    path, shown = picture
    return shown["occlusion"] == "none", shown["scale"], path


def _title(shown: Mapping[str, Any]) -> str:
    """Such as `Latte mug, teal`."""
    return f"{shown['shape'].capitalize()}, {shown['colour']}"


def _demo(state: ServiceState) -> Path:
    return state.home.root / "demo"
