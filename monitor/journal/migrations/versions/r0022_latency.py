"""How long each component took to answer on each local day, for the public page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0022"
down_revision = "r0021"
branch_labels = None
depends_on = None
_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "daily_latency",
        sa.Column("component", _CODE, nullable=False),
        sa.Column("kind", _CODE, nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("p50_us", sa.BigInteger(), nullable=False),
        sa.Column("p95_us", sa.BigInteger(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("component", "kind", "day", name="pk_daily_latency"),
    )
    op.create_index("ix_daily_latency_day", "daily_latency", ["day"])


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
