"""The database's history, one file per step (alembic). `HEAD` is the newest step."""

HEAD = "0002"
