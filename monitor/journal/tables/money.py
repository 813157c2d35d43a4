"""Contracts with their terms and price segments, and the reports that were issued."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import METADATA, SECOND, Exact

# Ordered by its bytes in both databases, whatever language PostgreSQL was set up for.
CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

# Stored under the hash of their canonical text: contracts share them, nobody changes them.
terms = sa.Table(
    "terms",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

contract = sa.Table(
    "contract",
    METADATA,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("service_id", sa.Text, nullable=False),
    sa.Column("product", sa.Text, nullable=False),
    sa.Column("is_suspended", sa.Boolean, nullable=False),
)

# `kind` is active or suspended.
contract_interval = sa.Table(
    "contract_interval",
    METADATA,
    sa.Column("contract_id", CODE, sa.ForeignKey("contract.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
)

contract_terms = sa.Table(
    "contract_terms",
    METADATA,
    sa.Column("contract_id", CODE, sa.ForeignKey("contract.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("terms_hash", sa.Text, sa.ForeignKey("terms.hash"), nullable=False),
)

price_segment = sa.Table(
    "price_segment",
    METADATA,
    sa.Column("contract_id", CODE, sa.ForeignKey("contract.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("invoice_id", sa.Text, nullable=False),
    sa.Column("line_id", sa.Text, nullable=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
    sa.Column("net", Exact, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("weight", Exact, nullable=False),
    sa.Column("already_credited", Exact, nullable=False),
)

# Where a client of the billing panel is told about credits, and in which language. Nothing else has
# an address; its row is deleted when billing says that there is none any more.
client_address = sa.Table(
    "client_address",
    METADATA,
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
)

# Issued reports: never updated, never deleted; a change is a new revision.
report = sa.Table(
    "report",
    METADATA,
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("generated_at", SECOND, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

# What an issued report rests on, part by part, compressed: never updated, never deleted.
report_evidence = sa.Table(
    "report_evidence",
    METADATA,
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("first", CODE, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["period", "revision"], ["report.period", "report.revision"]),
)
