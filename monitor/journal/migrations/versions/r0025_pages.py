"""A subscription belongs to the page where it was asked for: none is the company's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0025"
down_revision = "r0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("page", sa.Text()))


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
