"""The balance of a collection: how much each part of its fused model counts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("collection", sa.Column("balance", sa.JSON(), nullable=True))
