"""How long components took to answer, by kind of service and local day: for people to look at."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import METADATA, SECOND
from monitor.journal.tables.money import CODE

# The sketch adds up with what comes later; the figures beside it are its own, so that whoever draws
# a year need not unpack a year of sketches.
daily_latency = sa.Table(
    "daily_latency",
    METADATA,
    sa.Column("component", CODE, primary_key=True),
    sa.Column("kind", CODE, primary_key=True),
    sa.Column("day", SECOND, primary_key=True, autoincrement=False),
    sa.Column("runs", sa.Integer, nullable=False),
    sa.Column("p50_us", SECOND, nullable=False),
    sa.Column("p95_us", SECOND, nullable=False),
    sa.Column("sketch", sa.LargeBinary, nullable=False),
    sa.Index(None, "day"),
)

# A day of before: figures alone, all days of a local month in one row. `month` is its first second.
monthly_latency = sa.Table(
    "monthly_latency",
    METADATA,
    sa.Column("component", CODE, primary_key=True),
    sa.Column("kind", CODE, primary_key=True),
    sa.Column("month", SECOND, primary_key=True, autoincrement=False),
    sa.Column("days", sa.LargeBinary, nullable=False),
    sa.Index(None, "month"),
)
