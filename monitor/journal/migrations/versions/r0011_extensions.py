"""How the end of maintenance was put off, and since when that is public."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No window that is there was ever extended."""
    op.create_table(
        "maintenance_extension",
        sa.Column("window_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"], ["maintenance_window.id"], name="fk_maintenance_extension_window_id"
        ),
        sa.PrimaryKeyConstraint("window_id", "number", name="pk_maintenance_extension"),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
