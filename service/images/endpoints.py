"""The kept copies of catalogue pictures, and thumbnails of them, for showing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from catalog.errors import PictureMissing
from catalog.records import SHA256
from service.images.thumbnails import Side
from service.state import State

# Open to everybody, as a page's <img> can send no key: who knows the name, 256 bits of it, was
# told by an answer.
router = APIRouter(tags=["images"])

_FOREVER = "public, max-age=31536000, immutable"
_JPEG: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"image/jpeg": {}}}, 304: {"description": "Not modified."}},
}

Name = Annotated[str, Path(description="SHA-256 of the original, in hexadecimal.")]


@router.get("/v1/images/{content_sha256}.jpg", summary="A picture's kept copy", **_JPEG)
def image(request: Request, state: State, content_sha256: Name) -> Response:
    """A JPEG of at most 2048 pixels a side."""
    _check(content_sha256)
    copy = state.home.pictures.read(content_sha256)
    return _kept_for_ever(request, copy, tag=content_sha256)


@router.get("/v1/images/{content_sha256}/{side}.jpg", summary="A thumbnail", **_JPEG)
def thumbnail(
    request: Request,
    state: State,
    content_sha256: Name,
    side: Annotated[Side, Path(description="Pixels of the longer side, at most.")],
) -> Response:
    """A JPEG made from the kept copy, never enlarged."""
    _check(content_sha256)
    small = state.thumbnails.jpeg(content_sha256, side)
    return _kept_for_ever(request, small, tag=f"{content_sha256}-{side}")


def _check(content_sha256: str) -> None:
    if not SHA256.fullmatch(content_sha256):
        raise PictureMissing("no such picture")


def _kept_for_ever(request: Request, jpeg: bytes, tag: str) -> Response:
    headers = {
        "Cache-Control": _FOREVER,
        "ETag": f'"{tag}"',
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if _knows(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(jpeg, headers=headers, media_type="image/jpeg")


def _knows(if_none_match: str, wanted: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or f'"{wanted}"' in tags
