"""Credits, each step of their lives, what people said of unknown time, and the ledger. Nothing is
ever updated or deleted."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, KEY, METADATA, SECOND
from monitor.journal.tables.money import CODE

# `ordinal` 0 is the credit of its contract, window and terms; its adjustments count on. `lines` and
# `components` are lists: what it is due for, and what the terms required.
credit = sa.Table(
    "credit",
    METADATA,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("contract_id", CODE, nullable=False),
    sa.Column("window_start", SECOND, nullable=False),
    sa.Column("window_end", SECOND, nullable=False),
    sa.Column("terms_hash", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("adjusts", CODE),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("lines", JSON, nullable=False),
    sa.Column("components", JSON, nullable=False),
    sa.Column("evidence_hash", sa.Text, nullable=False),
    # Named: PostgreSQL's names end at 63 characters.
    sa.UniqueConstraint(
        "contract_id", "window_start", "window_end", "terms_hash", "ordinal", name="uq_credit_key"
    ),
    sa.Index(None, "window_start"),
    sa.Index(None, "period"),
)

# `state_before` is null in the first step alone. A ticket that joins leaves the state as it is.
credit_event = sa.Table(
    "credit_event",
    METADATA,
    sa.Column("credit_id", CODE, sa.ForeignKey("credit.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state_before", sa.Text),
    sa.Column("state_after", sa.Text, nullable=False),
    sa.Column("at", SECOND, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("assumed", sa.Text),
    sa.Column("reference", sa.Text, nullable=False),
)

# Whole minor units of the currency. A posting's entries add up to nothing. One that opens an
# invoice line has no `credit_id`.
ledger_entry = sa.Table(
    "ledger_entry",
    METADATA,
    sa.Column("posting", CODE, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("credit_id", CODE, sa.ForeignKey("credit.id")),
    sa.Column("at", SECOND, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("contract_id", CODE, nullable=False),
    sa.Column("invoice_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("minor", sa.BigInteger, nullable=False),
    sa.Index(None, "contract_id"),
    sa.Index(None, "credit_id"),
)

# What people take the unknown seconds of credits for. Each proposal, and each decision about one,
# is a new revision of the same `reference`. `month`, `start`, `end` and `cause` say how its credits
# were chosen; all are null where each was named. Triggers refuse a decision by whoever proposed any
# revision, and let a credit be decided by an approved ruling alone.
ruling = sa.Table(
    "ruling",
    METADATA,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("assumed", sa.Text, nullable=False),
    sa.Column("month", sa.Text),
    sa.Column("start", SECOND),
    sa.Column("end", SECOND),
    sa.Column("cause", sa.Text),
    sa.Column("credits", sa.Integer, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("files", JSON, nullable=False),
    sa.Column("links", JSON, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("refused_by", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("at", SECOND, nullable=False),
    sa.UniqueConstraint("reference", "revision"),
)

# Which credits a proposal covers; `seq` is the newest step of each that the proposer saw.
ruling_credit = sa.Table(
    "ruling_credit",
    METADATA,
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("credit_id", CODE, sa.ForeignKey("credit.id"), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Index(None, "credit_id"),
)
