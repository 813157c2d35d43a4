"""What two people take unknown time for: no credit is decided but by them, and neither approves.
Where clients are told, in a table of its own."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits, forbid_replacing

revision = "r0020"
down_revision = "r0019"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create()
    for table in ("ruling", "ruling_credit"):
        forbid_edits(table)
    _ignore_what_is_there()
    forbid_replacing("ruling_credit", ["reference", "revision", "credit_id"])
    _refuse("ruling", _RULING)
    _refuse("ruling_credit", _COVERED)
    _refuse("credit_event", _STEP)


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")


def _create() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("assumed", sa.Text(), nullable=False),
        sa.Column("month", sa.Text()),
        sa.Column("start", sa.BigInteger()),
        sa.Column("end", sa.BigInteger()),
        sa.Column("cause", sa.Text()),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("refused_by", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ruling"),
        sa.UniqueConstraint("reference", "revision", name="uq_ruling_reference_revision"),
    )
    op.create_table(
        "ruling_credit",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("credit_id", _CODE, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["credit.id"], name="fk_ruling_credit_credit_id"
        ),
        sa.PrimaryKeyConstraint("reference", "revision", "credit_id", name="pk_ruling_credit"),
    )  # fmt: skip
    op.create_index("ix_ruling_credit_credit_id", "ruling_credit", ["credit_id"])
    op.create_table(
        "client_address",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_client_address"),
    )


def _ignore_what_is_there() -> None:
    """SQLite's INSERT OR REPLACE deletes a row without a trigger. Ignored, a step that somebody
    else has taken meanwhile is what ON CONFLICT DO NOTHING is told."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER ruling_no_replace BEFORE INSERT ON ruling WHEN EXISTS ("
            "SELECT 1 FROM ruling AS kept WHERE kept.id = NEW.id "
            "OR (kept.reference = NEW.reference AND kept.revision = NEW.revision)) "
            "BEGIN SELECT RAISE(IGNORE); END"
        )


_RULING: Mapping[str, str] = {
    "ruling: account": "NEW.via NOT IN ('console', 'api')",
    "ruling: one_decision": "NEW.approved_by IS NOT NULL AND NEW.refused_by IS NOT NULL",
    "ruling: two_people": (
        "NEW.proposed_by IN (NEW.approved_by, NEW.refused_by) OR EXISTS ("
        "SELECT 1 FROM ruling AS earlier WHERE earlier.reference = NEW.reference "
        "AND earlier.proposed_by IN (NEW.approved_by, NEW.refused_by))"
    ),
    # A decision is about the proposal right before it, as it was.
    "ruling: decides": (
        "(NEW.approved_by IS NOT NULL OR NEW.refused_by IS NOT NULL) AND NOT EXISTS ("
        "SELECT 1 FROM ruling AS asked WHERE asked.reference = NEW.reference "
        "AND asked.revision = NEW.revision - 1 AND asked.approved_by IS NULL "
        "AND asked.refused_by IS NULL AND asked.assumed = NEW.assumed "
        "AND asked.proposed_by = NEW.proposed_by)"
    ),
    "ruling: over": (
        "EXISTS (SELECT 1 FROM ruling AS done WHERE done.reference = NEW.reference "
        "AND done.approved_by IS NOT NULL AND done.revision < NEW.revision)"
    ),
}
# Nobody adds a credit to what somebody has decided about already.
_COVERED: Mapping[str, str] = {
    "ruling_credit: decided": (
        "EXISTS (SELECT 1 FROM ruling AS later WHERE later.reference = NEW.reference "
        "AND later.revision > NEW.revision)"
    ),
}
_STEP: Mapping[str, str] = {
    "credit_event: ruled": (
        "NEW.state_before = 'needs_review' AND NEW.state_after NOT IN ('superseded', 'lapsed') "
        "AND NOT EXISTS (SELECT 1 FROM ruling AS done JOIN ruling_credit AS held "
        "ON held.reference = done.reference AND held.revision = done.revision - 1 "
        "WHERE held.credit_id = NEW.credit_id AND held.seq = NEW.seq - 1 "
        "AND done.assumed = NEW.assumed AND done.approved_by = NEW.actor)"
    ),
    # What was said of unknown time of the same contract then may be what this credit rests on.
    "credit_event: two_people": (
        "NEW.state_after = 'approved' AND NEW.state_before IN ('under_review', "
        "'pending_human_approval') AND EXISTS (SELECT 1 FROM credit AS mine JOIN credit AS other "
        "ON other.contract_id = mine.contract_id "
        "AND other.window_start < mine.window_end AND other.window_end > mine.window_start "
        "JOIN ruling_credit AS held ON held.credit_id = other.id "
        "JOIN ruling AS said ON said.reference = held.reference "
        "WHERE mine.id = NEW.credit_id AND NEW.actor IN (said.proposed_by, said.approved_by))"
    ),
}
_IS_NEW = "NOT EXISTS (SELECT 1 FROM alembic_version WHERE version_num LIKE 'copying-%')"
"""While a journal is copied or recovered nothing is judged again."""


def _refuse(table: str, rules: Mapping[str, str]) -> None:
    if op.get_context().dialect.name == "sqlite":
        for number, (words, broken) in enumerate(rules.items(), 1):
            op.execute(
                f"CREATE TRIGGER {table}_ruling_{number} BEFORE INSERT ON {table} "
                f"WHEN ({broken}) AND {_IS_NEW} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    checks = " ".join(
        f"IF {broken} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF;"
        for words, broken in rules.items()
    )
    op.execute(
        f"CREATE FUNCTION {table}_rulings() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {_IS_NEW} THEN {checks} END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_rulings BEFORE INSERT ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_rulings()"
    )
