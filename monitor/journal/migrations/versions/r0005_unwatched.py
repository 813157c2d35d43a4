"""Whether a part of an incident ended because its component was no longer watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "incident_component",
        sa.Column("is_unwatched", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
