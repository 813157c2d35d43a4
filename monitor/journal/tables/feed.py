"""The change feed and its followers, the outbox, and which core may write."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, KEY, METADATA, SECOND

# One row, locked by every transaction before it reads. So the order of `seq` is the order of
# commit, and a transaction excludes all others from its first read on, as SQLite's writers do.
change_counter = sa.Table(
    "change_counter",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

change = sa.Table(
    "change",
    METADATA,
    sa.Column("seq", KEY, primary_key=True, autoincrement=False),
    sa.Column("at", SECOND, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", JSON, nullable=False),
    sa.Column("after", JSON, nullable=False),
    # By which door, with which token, from where: empty for the machine and for what is older.
    sa.Column("via", sa.Text, nullable=False, server_default=""),
    sa.Column("token", sa.Text, nullable=False, server_default=""),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
)

cursor = sa.Table(
    "cursor",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
)

notification = sa.Table(
    "notification",
    METADATA,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("due_at", SECOND, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False),
    sa.Column("sent_at", SECOND),
    sa.Column("error", sa.Text, nullable=False),
    sa.UniqueConstraint("event", "target"),
    # Everything about one incident, in order.
    sa.Index(None, "subject", "id"),
    # Read several times a second: it holds only what is still pending.
    sa.Index(
        "ix_notification_pending",
        "due_at",
        "id",
        sqlite_where=sa.text("delivery = 'pending'"),
        postgresql_where=sa.text("delivery = 'pending'"),
    ),
)

core_epoch = sa.Table(
    "core_epoch",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("taken_at", SECOND, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)
