"""The kept copies of catalogue pictures, for showing."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from catalog.errors import PictureMissing
from catalog.records import SHA256
from service.state import State

# Open to everybody, as a page's <img> can send no key: who knows the name, 256 bits of it, was
# told by an answer.
router = APIRouter(tags=["images"])

_FOREVER = "public, max-age=31536000, immutable"


@router.api_route(
    "/v1/images/{content_sha256}.jpg",
    methods=["GET"],
    summary="A picture's kept copy",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 304: {"description": "Not modified."}},
)
def image(
    request: Request,
    state: State,
    content_sha256: Annotated[str, Path(description="SHA-256 of the original, in hexadecimal.")],
) -> Response:
    """A JPEG of at most 2048 pixels a side."""
    if not SHA256.fullmatch(content_sha256):
        raise PictureMissing("no such picture")
    headers = {
        "Cache-Control": _FOREVER,
        "ETag": f'"{content_sha256}"',
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    copy = state.home.pictures.read(content_sha256)
    if _knows(request.headers.get("if-none-match", ""), content_sha256):
        return Response(status_code=304, headers=headers)
    return Response(copy, headers=headers, media_type="image/jpeg")


def _knows(if_none_match: str, content_sha256: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or f'"{content_sha256}"' in tags
