"""Who wants to be told what. An address stands in `subscriber_address` and nowhere else: its row is
deleted when the subscription ends, and every other row is about an opaque id."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, METADATA, SECOND

subscription = sa.Table(
    "subscription",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, server_default="email"),
    # Of a brand; none: the company's own.
    sa.Column("page", sa.Text),
    sa.Column("components", JSON, nullable=False),
    sa.Column("incident", sa.Text),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", SECOND, nullable=False),
    sa.Column("confirmed_at", SECOND),
    sa.Column("ended_at", SECOND),
    sa.Column("ending", sa.Text),
    sa.Index(None, "state", "created_at"),
)

subscriber_address = sa.Table(
    "subscriber_address",
    METADATA,
    sa.Column("subscription", sa.Text, sa.ForeignKey("subscription.id"), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    # The same for all addresses of one mailbox: limits count by it.
    sa.Column("mailbox", sa.Text, nullable=False),
    sa.Index(None, "mailbox"),
)

# Mailboxes that refused mail for good, as keyed hashes: nothing more is sent there.
subscriber_block = sa.Table(
    "subscriber_block",
    METADATA,
    sa.Column("mailbox_hash", sa.Text, primary_key=True),
    sa.Column("at", SECOND, nullable=False),
)
