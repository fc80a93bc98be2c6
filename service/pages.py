"""The pages of `web/` and the widget, each with what a browser may do with it."""

from collections.abc import Awaitable, Callable, Mapping
from os import PathLike, stat_result

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.observing import POLICY
from web import FOLDER

PAGES = {"/": "shop.html", "/compare": "compare.html", "/catalogue": "catalogue.html"}

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
# Names without a version: asked for again each time, answered 304 until they change.
_OWN = {"Cache-Control": "no-cache"}
# A shop's pages load it from their own origin's, whichever that is; its scripts are no secret.
_SHARED = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def offer_pages(app: FastAPI) -> None:
    """Shop, comparison and catalogue, open to everybody: what they show comes through the API,
    which asks for a key where keys are required."""
    pages = _Files(FOLDER / "pages", _OWN)
    for path, name in PAGES.items():
        app.add_route(path, _page(pages, name), include_in_schema=False)
    app.mount("/assets", pages)
    app.mount("/widget", _Files(FOLDER / "widget", _SHARED))


class _Files(StaticFiles):
    """A folder with ETags, under `headers`; HTML also says what it may load."""

    def __init__(self, folder: PathLike[str], headers: Mapping[str, str]) -> None:
        super().__init__(directory=folder)
        self._headers = headers

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(self._headers)
        if str(full_path).endswith(".html"):
            response.headers[POLICY] = _PAGE_POLICY
        return response


def _page(pages: _Files, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return await pages.get_response(name, request.scope)

    return page
