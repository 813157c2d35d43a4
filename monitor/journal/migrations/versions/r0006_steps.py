"""What each revision of the configuration changed in the one before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is empty at first: a core fills it from the forms when it starts."""
    op.create_table(
        "catalogue_step",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("base_hash", sa.Text(), nullable=False),
        sa.Column("form_hash", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["catalogue_revision.number"],
            name="fk_catalogue_step_number",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_catalogue_step"),
    )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
