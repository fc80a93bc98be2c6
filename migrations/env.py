"""Runs the steps on the connection that the catalogue opened and locked."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
# The caller holds the transaction, so that the check, the steps and the stamp are one.
context.run_migrations()
