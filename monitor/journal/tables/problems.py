"""What customers said that fails. Rows go after ninety days: they hold what strangers wrote."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import METADATA, SECOND

problem = sa.Table(
    "problem",
    METADATA,
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("component", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("at", SECOND, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("answer_by", SECOND),
    sa.Column("incident", sa.Text),
    sa.Column("looked_at", SECOND),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("closed_at", SECOND),
    sa.Column("closed_by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "at"),
)
