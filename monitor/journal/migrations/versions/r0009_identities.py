"""Accounts that open at an OpenID provider, and by what each session was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every account and session that is there was made and opened by a password."""
    for name in ("email", "issuer", "subject"):
        op.add_column("account", sa.Column(name, sa.Text()))
    op.add_column(
        "account",
        sa.Column("follows_groups", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_account_email", "account", ["email"], unique=True)
    op.create_index("ix_account_issuer_subject", "account", ["issuer", "subject"], unique=True)
    op.add_column(
        "account_session",
        sa.Column("opened_by", sa.Text(), nullable=False, server_default="password"),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
