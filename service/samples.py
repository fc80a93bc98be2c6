"""The demo's query pictures, one of each kind, for the shop to offer."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from service.replies import json_reply
from service.state import ServiceState, State

# Open to everybody, as a page's <img> can send no key: they were drawn, and are nobody's.
router = APIRouter(include_in_schema=False)

_AN_HOUR = "public, max-age=3600"


@router.get("/samples/index.json")
def index(state: State) -> Response:
    """None where `likeness demo` did not render into this home."""
    samples = [
        {"url": f"/samples/{name}", "title": _title(path)} for name, path in _samples(state).items()
    ]
    return json_reply({"samples": samples}, headers={"Cache-Control": "no-cache"})


@router.get("/samples/{name}")
async def sample(name: str, request: Request, state: State) -> Response:
    if name not in _samples(state):
        raise HTTPException(404)
    files = StaticFiles(directory=_folder(state))
    response = await files.get_response(name, request.scope)
    response.headers["Cache-Control"] = _AN_HOUR
    return response


def _samples(state: ServiceState) -> Mapping[str, Path]:
    """File name -> picture: the first by name of each kind, as `mug` of `mug-03-blue-wild.jpg`."""
    of_kind: dict[str, Path] = {}
    for path in sorted(_folder(state).glob("*-*.jpg")):
        of_kind.setdefault(path.name.partition("-")[0], path)
    return {path.name: path for path in of_kind.values()}


def _title(path: Path) -> str:
    """`Mug, blue` of `mug-03-blue-wild.jpg`."""
    kind, _, words = path.stem.removesuffix("-wild").partition("-")
    look = " ".join(word for word in words.split("-") if not word.isdecimal())
    return f"{kind.capitalize()}, {look}" if look else kind.capitalize()


def _folder(state: ServiceState) -> Path:
    return state.home.root / "demo" / "queries"
