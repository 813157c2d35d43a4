"""What is known of customers' domains: which components serve each of them."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, METADATA
from monitor.journal.tables.money import CODE

# The list that an import replaces as a whole.
customer_name = sa.Table(
    "customer_name",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("components", JSON, nullable=False),
)

# Those of a contract, while it is active.
contract_name = sa.Table(
    "contract_name",
    METADATA,
    sa.Column("contract_id", CODE, sa.ForeignKey("contract.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("components", JSON, nullable=False),
)
