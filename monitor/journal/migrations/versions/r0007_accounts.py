"""Accounts, their sessions and tokens; and by which door each change came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was done before accounts came was done at the shell of the core's host: nothing is said
    of it, for nothing was written down."""
    for name in ("via", "token", "address"):
        op.add_column("change", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _accounts()
    _sessions()
    _tokens()


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("totp_seed", sa.LargeBinary(), nullable=False),
        sa.Column("last_totp_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery_hashes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )


def _sessions() -> None:
    op.create_table(
        "account_session",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_account_session_account"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_account_session"),
    )
    op.create_index("ix_account_session_account", "account_session", ["account"])


def _tokens() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["owner"], ["account.name"], name="fk_access_token_owner"),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
    )
    op.create_index("ix_access_token_owner", "access_token", ["owner"])


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
