"""The outermost layer: every request has an id, is measured, and is answered, whatever happens."""

import logging
import secrets
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import Metrics
from service.problems import unexpected_reply

logger = logging.getLogger(__name__)

POLICY = "Content-Security-Policy"
"""What a browser may load for an answer. Pages bring their own; every other one gets the least."""

_LEAST = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


class Observing:
    """ASGI middleware: X-Request-Id and security headers, metrics, and no traceback to anybody."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        headers = ((b"x-request-id", request_id.encode()), *_SECURITY)
        status = 0
        started = time.perf_counter()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = message["headers"]
                policy = () if any(name == _LEAST[0] for name, _ in own) else (_LEAST,)
                message = {**message, "headers": [*own, *headers, *policy]}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except ClientDisconnect:
            status = status or 499
        except Exception:
            logger.exception("request %s: %s %s", request_id, scope["method"], scope["path"])
            if status:
                # Half an answer is out; cutting the connection is all that still can be told.
                raise
            await unexpected_reply(request_id)(scope, receive, sent)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            took = time.perf_counter() - started
            self._metrics.answered(method, _route(scope), status or 500, took)


def _route(scope: Scope) -> str:
    """The route's template: a label for each product id would be one too many."""
    return str(getattr(scope.get("route"), "path", "other"))
