"""Customers' domains: which components serve each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None
_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_name",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_customer_name"),
    )
    op.create_table(
        "contract_name",
        sa.Column("contract_id", _CODE, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "position", name="pk_contract_name"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_contract_name_contract_id"
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
