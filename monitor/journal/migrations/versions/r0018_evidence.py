"""What issued reports rest on, kept beside them: append-only, as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits, forbid_replacing

revision = "r0018"
down_revision = "r0017"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "report_evidence",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "first", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False
        ),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("period", "revision", "number", name="pk_report_evidence"),
        sa.ForeignKeyConstraint(
            ["period", "revision"],
            ["report.period", "report.revision"],
            name="fk_report_evidence_period_revision",
        ),
    )
    forbid_edits("report_evidence")
    forbid_replacing("report_evidence", ["period", "revision", "number"])


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
