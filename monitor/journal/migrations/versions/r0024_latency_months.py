"""Days of latencies that no live page shows any more are stored by the month, without sketches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0024"
down_revision = "r0023"
branch_labels = None
depends_on = None
_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "monthly_latency",
        sa.Column("component", _CODE, nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("days", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("component", "kind", "month", name="pk_monthly_latency"),
    )
    op.create_index("ix_monthly_latency_month", "monthly_latency", ["month"])


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
