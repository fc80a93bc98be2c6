"""Keys of the HTTP API. Only a hash is stored: a key is shown once, when it is made."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from catalog.errors import KeyInvalid
from catalog.records import Role
from catalog.tables import ApiKey

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


@dataclass(frozen=True)
class KeyRecord:
    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class ApiKeys:
    """Reads and writes of the api_key table, inside the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, name: str, role: Role) -> str:
        """A new key, in clear for the last time; raises KeyInvalid when the name is taken."""
        if not _NAME.fullmatch(name):
            raise KeyInvalid(
                f"{name[:80]!r} cannot name a key: use 1 to 64 letters, digits, spaces, '.', '_' "
                "or '-'."
            )
        taken = self._connection.execute(select(ApiKey.id).where(ApiKey.name == name)).first()
        if taken:
            raise KeyInvalid(f"There is already a key named {name!r}; choose another name.")
        key = f"lk_{secrets.token_urlsafe(32)}"
        self._connection.execute(
            insert(ApiKey).values(
                name=name, key_sha256=_hash(key), role=role, created_at=datetime.now(UTC)
            )
        )
        return key

    def role(self, key: str) -> Role | None:
        """What the key allows, or None when it is unknown or revoked."""
        role: Role | None = self._connection.execute(
            select(ApiKey.role).where(ApiKey.key_sha256 == _hash(key), ApiKey.revoked_at.is_(None))
        ).scalar_one_or_none()
        return role

    def any_active(self) -> bool:
        return (
            self._connection.execute(
                select(func.count()).select_from(ApiKey).where(ApiKey.revoked_at.is_(None))
            ).scalar_one()
            > 0
        )

    def all(self) -> list[KeyRecord]:
        rows = self._connection.execute(
            select(ApiKey.name, ApiKey.role, ApiKey.created_at, ApiKey.revoked_at).order_by(
                ApiKey.id
            )
        )
        return [KeyRecord(*row) for row in rows]

    def revoke(self, name: str) -> None:
        """Raises KeyInvalid when there is no such key in force."""
        revoked = _NAME.fullmatch(name) and (
            self._connection.execute(
                update(ApiKey)
                .where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
                .values(revoked_at=datetime.now(UTC))
            ).rowcount
        )
        if not revoked:
            raise KeyInvalid(f"There is no key named {name!r} in force; see `likeness keys list`.")


def _hash(key: str) -> str:
    # The key is 256 random bits: nothing to guess, so a plain fast hash is enough.
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
