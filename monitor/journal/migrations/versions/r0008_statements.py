"""Incidents by hand: who opened one, what a person says of components, and which go together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What there is was opened by the machine."""
    origin = sa.Column("origin", sa.Text(), nullable=False, server_default="machine")
    op.add_column("incident", origin)
    op.add_column("incident", sa.Column("related", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("incident", sa.Column("merged_into", sa.Text()))
    op.create_table(
        "incident_statement",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_incident_statement_incident_id"
        ),
        sa.PrimaryKeyConstraint("incident_id", "position", name="pk_incident_statement"),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
