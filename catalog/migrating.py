"""Bringing the database to the version this code knows, once, under a lock."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

import migrations
from catalog.database import Database
from catalog.errors import DatabaseNewer

# Any fixed number will do, as long as nobody else in the same PostgreSQL database uses it.
_ADVISORY_LOCK = 5_412_370_911


def migrate(database: Database) -> bool:
    """Create or upgrade the tables; True when something had to be done.

    Safe to call from any number of processes at once: the first does the work, the others wait.

    Raises:
        DatabaseNewer: the database was written by a newer version of Likeness.
        DatabaseError: it cannot be opened, written or locked.
    """
    with database.read() as connection:
        if _version(connection) == migrations.HEAD:
            return False
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _version(connection) == migrations.HEAD:
            return False
        _upgrade(connection)
    return True


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return version


def _upgrade(connection: Connection) -> None:
    # Imported here: a start with nothing to migrate need not pay for alembic.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    version = _version(connection)
    if version is not None and version not in known:
        raise DatabaseNewer(
            f"This database is at version {version!r}, newer than this Likeness knows "
            f"({migrations.HEAD!r}). Upgrade Likeness, or point LIKENESS_HOME at another folder; "
            "nothing was changed."
        )
    command.upgrade(config, "head")
