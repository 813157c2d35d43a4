"""Subscribers are told by other ways than e-mail: each row says by which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0023"
down_revision = "r0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.Text(), nullable=False, server_default="email")
    op.add_column("subscription", kind)


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
