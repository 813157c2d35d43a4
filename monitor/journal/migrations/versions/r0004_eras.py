"""The states of the folds when an era of the clock began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "fold_snapshot",
        sa.Column("era", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("subject_id", key, nullable=False, autoincrement=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"],
            name="fk_fold_snapshot_subject_id",
        ),
        sa.PrimaryKeyConstraint("era", "subject_id", name="pk_fold_snapshot"),
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
