"""API keys as they are looked up at every request."""

import time
from collections import OrderedDict

from starlette.concurrency import run_in_threadpool

from catalog.database import Database
from catalog.keys import ApiKeys
from catalog.records import Role

_REMEMBERED_S = 5.0
_REMEMBERED = 1000


class KeyRing:
    """Roles of keys, remembered for a few seconds: a revoked key works no longer than that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._roles: OrderedDict[str, tuple[float, Role | None]] = OrderedDict()

    async def role(self, key: str) -> Role | None:
        """What the key allows, or None when it is unknown or revoked."""
        known = self._roles.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        role = await run_in_threadpool(self._look_up, key)
        self._roles[key] = (time.monotonic() + _REMEMBERED_S, role)
        while len(self._roles) > _REMEMBERED:
            self._roles.popitem(last=False)
        return role

    def _look_up(self, key: str) -> Role | None:
        with self._database.read() as connection:
            return ApiKeys(connection).role(key)
