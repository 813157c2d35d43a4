"""Money: contracts, terms, price segments, issued reports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
SECOND = sa.BigInteger()


def upgrade() -> None:
    _terms()
    _contracts()
    _reports()
    for table in ("terms", "report"):
        forbid_edits(table)


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")


def _terms() -> None:
    op.create_table(
        "terms",
        _must("hash", sa.Text()),
        _must("text", sa.Text()),
        sa.PrimaryKeyConstraint("hash", name="pk_terms"),
    )


def _contracts() -> None:
    op.create_table(
        "contract",
        _must("id", CODE),
        _must("client_id", sa.Text()),
        _must("service_id", sa.Text()),
        _must("product", sa.Text()),
        _must("is_suspended", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_contract"),
    )
    _part("contract_interval", _must("kind", sa.Text()), key=("contract_id", "kind", "position"))
    _part(
        "contract_terms",
        _must("label", sa.Text()),
        _must("terms_hash", sa.Text()),
        sa.ForeignKeyConstraint(
            ["terms_hash"], ["terms.hash"], name="fk_contract_terms_terms_hash"
        ),
    )
    _part(
        "price_segment",
        *(_must(name, sa.Text()) for name in ("invoice_id", "line_id", "net", "currency")),
        *(_must(name, sa.Text()) for name in ("weight", "already_credited")),
    )


def _reports() -> None:
    op.create_table(
        "report",
        _must("period", sa.Text()),
        _must("revision", sa.Integer(), autoincrement=False),
        _must("hash", sa.Text()),
        _must("generated_at", SECOND),
        _must("body", sa.Text()),
        sa.PrimaryKeyConstraint("period", "revision", name="pk_report"),
    )


def _part(
    table: str,
    *columns: sa.schema.SchemaItem,
    key: tuple[str, ...] = ("contract_id", "position"),
) -> None:
    """One of the lists that a contract has: each with its position and its interval."""
    op.create_table(
        table,
        _must("contract_id", CODE),
        _must("position", sa.Integer(), autoincrement=False),
        _must("start", SECOND),
        _must("end", SECOND),
        *columns,
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=f"fk_{table}_contract_id"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def _must(name: str, kind: sa.types.TypeEngine[Any], **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)
