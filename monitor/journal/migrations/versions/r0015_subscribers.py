"""Subscribers: their wishes, their addresses in a table of its own, and blocked mailboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("incident", sa.Text()),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ending", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index("ix_subscription_state_created_at", "subscription", ["state", "created_at"])
    op.create_table(
        "subscriber_address",
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", name="pk_subscriber_address"),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscription.id"], name="fk_subscriber_address_subscription"
        ),
    )
    op.create_index("ix_subscriber_address_mailbox", "subscriber_address", ["mailbox"])
    op.create_table(
        "subscriber_block",
        sa.Column("mailbox_hash", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox_hash", name="pk_subscriber_block"),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
