"""What each revision of the configuration compiled to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_form",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["catalogue_revision.number"],
            name="fk_catalogue_form_number",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_catalogue_form"),
    )  # fmt: skip
    forbid_edits("catalogue_form")


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
