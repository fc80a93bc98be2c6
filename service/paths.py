"""Product ids in paths: any characters, slashes included."""

from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from catalog.errors import ProductUnknown

_PRODUCTS = "/v1/products/"


class RawProductPaths:
    """ASGI middleware: below /v1/products/ routes see the path as it was sent.

    So `/v1/products/a%2Fsimilar` is the product "a/similar", and `/v1/products/a/similar` what is
    similar to the product "a".
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_PRODUCTS):
            raw = scope.get("raw_path")
            if raw is not None:
                # In place: whoever measures the request looks for its route in the same scope.
                scope["path"] = raw.decode("latin-1")
        await self._app(scope, receive, send)


def decoded_id(raw_id: str) -> str:
    """The product id that a path names. Raises ProductUnknown when it is not UTF-8."""
    try:
        return unquote_to_bytes(raw_id.encode("latin-1")).decode()
    except UnicodeError as error:
        raise ProductUnknown(
            f"The product id {raw_id[:80]!r} in the address is not UTF-8 once its percent signs "
            "are decoded. Encode it as UTF-8 first, then with percent signs."
        ) from error
