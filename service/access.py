"""Who may call what: with keys where they are required, else everybody but foreign pages."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from catalog.records import Role
from service.errors import KeyMissing, KeyTooWeak, PageNotAllowed
from service.state import ServiceState, State

_bearer = HTTPBearer(auto_error=False, description="A key made with `likeness keys create`.")
_header = APIKeyHeader(name="X-Api-Key", auto_error=False, description="The same key.")


async def may_read(
    state: State,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Role:
    """Any key in force; everybody, when keys are not required. Raises KeyMissing."""
    return await _role(state, bearer, header)


async def check_may_read(request: Request, state: ServiceState) -> None:
    """`may_read` for an endpoint that is called without FastAPI's dependencies."""
    if state.settings.require_api_key:
        await _role(state, await _bearer(request), await _header(request))


async def _role(
    state: ServiceState, bearer: HTTPAuthorizationCredentials | None, header: str | None
) -> Role:
    if not state.settings.require_api_key:
        return "admin"
    key = bearer.credentials if bearer is not None else header
    role = await state.keys.role(key) if key else None
    if role is None:
        raise KeyMissing(
            "This service needs an API key"
            + (", and the one sent is not in force" if key else "")
            + ". Send one as `Authorization: Bearer KEY` or `X-Api-Key: KEY`; whoever runs the "
            "service makes them with `likeness keys create NAME`."
        )
    return role


async def may_change(
    request: Request, state: State, role: Annotated[Role, Depends(may_read)]
) -> None:
    """A key of role admin. Raises KeyMissing, KeyTooWeak, PageNotAllowed."""
    if role != "admin":
        raise KeyTooWeak(
            f"This key has the role {role!r}, which may search, compare and read. Use one with the "
            "role 'admin'."
        )
    if not state.settings.require_api_key and request.method not in _READING:
        _check_page(request, state.settings.cors_origins)


def _check_page(request: Request, allowed: Collection[str]) -> None:
    """A browser lets any page send a form here, unasked, and only keeps the answer from it: without
    keys, whatever site somebody behind the firewall looks at could start a job that prunes.

    Browsers say of each request where the page is from that sends it; other clients do not.
    """
    origin = request.headers.get("origin", "")
    is_foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if is_foreign and origin not in allowed and "*" not in allowed:
        raise PageNotAllowed(
            f"A page of {origin[:200] or 'another origin'} may change nothing here. Whoever runs "
            "the service can allow it with LIKENESS_CORS_ORIGINS, or require keys."
        )


_READING = frozenset({"GET", "HEAD"})


READ = Depends(may_read)
CHANGE = Depends(may_change)
