"""Credits with every step of their lives, and a ledger; nobody approves what he asked for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from credits.money import minor_units
from monitor.journal.migrations.append_only import forbid_edits, forbid_replacing

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _create()
    for table in ("credit", "credit_event", "ledger_entry"):
        forbid_edits(table)
    forbid_replacing("credit", ["id"], ["contract_id", "window_start", "window_end", "terms_hash",
                                        "ordinal"])  # fmt: skip
    forbid_replacing("credit_event", ["credit_id", "seq"])
    forbid_replacing("ledger_entry", ["posting", "number"])
    _refuse_steps()
    _open_the_ledger()


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")


def _create() -> None:
    op.create_table(
        "credit",
        sa.Column("id", _CODE, nullable=False),
        sa.Column("contract_id", _CODE, nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("window_end", sa.BigInteger(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("adjusts", _CODE),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_credit"),
        sa.UniqueConstraint(
            "contract_id", "window_start", "window_end", "terms_hash", "ordinal",
            name="uq_credit_key",
        ),
    )  # fmt: skip
    op.create_index("ix_credit_window_start", "credit", ["window_start"])
    op.create_index("ix_credit_period", "credit", ["period"])
    op.create_table(
        "credit_event",
        sa.Column("credit_id", _CODE, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state_before", sa.Text()),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("assumed", sa.Text()),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["credit.id"], name="fk_credit_event_credit_id"
        ),
        sa.PrimaryKeyConstraint("credit_id", "seq", name="pk_credit_event"),
    )  # fmt: skip
    op.create_table(
        "ledger_entry",
        sa.Column("posting", _CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("credit_id", _CODE),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("contract_id", _CODE, nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["credit_id"], ["credit.id"], name="fk_ledger_entry_credit_id"),
        sa.PrimaryKeyConstraint("posting", "number", name="pk_ledger_entry"),
    )
    for column in ("contract_id", "credit_id"):
        op.create_index(f"ix_ledger_entry_{column}", "ledger_entry", [column])


ARROWS = {
    "needs_review": "eligible closed_no_breach pending_human_approval superseded lapsed",
    "pending_human_approval": "approved rejected superseded lapsed",
    "eligible": "requested expired superseded lapsed",
    "requested": "under_review rejected expired superseded lapsed",
    "under_review": "approved rejected superseded lapsed",
    "approved": "applying blocked_suspended held_chargeback superseded lapsed",
    "blocked_suspended": "approved superseded lapsed",
    "held_chargeback": "approved superseded lapsed",
    "applying": "applied apply_unknown",
    "apply_unknown": "applied approved",
}
FIRST = "eligible needs_review pending_human_approval"
_JOINABLE = (
    "requested under_review approved blocked_suspended held_chargeback applying apply_unknown"
)


def _listed(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())


_IS_ARROW = " OR ".join(
    f"(NEW.state_before = '{before}' AND NEW.state_after IN ({_listed(after)}))"
    for before, after in ARROWS.items()
)
_IS_APPROVAL = (
    "NEW.state_after = 'approved' AND NEW.state_before IN ('under_review', "
    "'pending_human_approval')"
)
# What is asked of another credit of the same time of the contract is asked of this one: it may have
# been superseded by it.
_HAS_ASKED = (
    "EXISTS (SELECT 1 FROM credit AS mine JOIN credit AS other"
    " ON other.contract_id = mine.contract_id"
    " AND other.window_start < mine.window_end AND other.window_end > mine.window_start"
    " JOIN credit_event AS asked ON asked.credit_id = other.id"
    " WHERE mine.id = NEW.credit_id AND asked.ticket <> '' AND asked.actor = NEW.actor)"
)


# What the unknown seconds were is for two people to say.
_HAS_DECIDED = (
    "EXISTS (SELECT 1 FROM credit_event AS said WHERE said.credit_id = NEW.credit_id"
    " AND said.assumed IS NOT NULL AND said.actor = NEW.actor)"
)


def _has_proposed(parts: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM credit AS mine, {parts}"  # noqa: S608 - our own words
        " JOIN exclusion AS rests ON rests.component = part.value"
        " WHERE mine.id = NEW.credit_id AND rests.proposed_by = NEW.actor"
        ' AND rests.start < mine.window_end AND rests."end" > mine.window_start)'
    )


def _rules(parts: str) -> Mapping[str, str]:
    """What each rule says, and the condition under which a step breaks it."""
    return {
        "credit_event: first": (
            "NEW.seq = 1 AND (NEW.state_before IS NOT NULL OR NEW.state_after NOT IN "
            f"({_listed(FIRST)}))"
        ),
        "credit_event: follows": (
            "NEW.seq <> 1 AND NOT EXISTS (SELECT 1 FROM credit_event AS last"
            " WHERE last.credit_id = NEW.credit_id AND last.seq = NEW.seq - 1"
            " AND last.state_after = NEW.state_before)"
        ),
        "credit_event: arrow": (
            f"NEW.seq <> 1 AND NOT ({_IS_ARROW} OR (NEW.state_before = NEW.state_after"
            f" AND NEW.ticket <> '' AND NEW.state_after IN ({_listed(_JOINABLE)})))"
        ),
        "credit_event: ticket": "NEW.state_after = 'requested' AND NEW.ticket = ''",
        "credit_event: reason": (
            "NEW.state_after = 'rejected' AND (NEW.reason = '' OR NEW.clause = '')"
        ),
        "credit_event: account": f"{_IS_APPROVAL} AND NEW.via NOT IN ('console', 'api')",
        "credit_event: two_people": (
            f"{_IS_APPROVAL} AND ({_HAS_ASKED} OR {_HAS_DECIDED} OR {_has_proposed(parts)})"
        ),
    }


_IS_NEW = "NOT EXISTS (SELECT 1 FROM alembic_version WHERE version_num LIKE 'copying-%')"
"""A step that was taken long ago is not judged again by what has been proposed since: not while a
journal is copied, or recovered."""


def _refuse_steps() -> None:
    if op.get_context().dialect.name == "sqlite":
        rules = _rules("json_each(mine.components) AS part")
        for number, (words, broken) in enumerate(rules.items(), 1):
            op.execute(
                f"CREATE TRIGGER credit_event_rule_{number} BEFORE INSERT ON credit_event "
                f"WHEN ({broken}) AND {_IS_NEW} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    rules = _rules("json_array_elements_text(mine.components) AS part(value)")
    checks = " ".join(
        f"IF {broken} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF;"
        for words, broken in rules.items()
    )
    op.execute(
        "CREATE FUNCTION credit_event_rules() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {_IS_NEW} THEN {checks} END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER credit_event_rules BEFORE INSERT ON credit_event "
        "FOR EACH ROW EXECUTE FUNCTION credit_event_rules()"
    )


def _open_the_ledger() -> None:
    """What was credited before there was a ledger: as an import would open it."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT s.contract_id, c.client_id, s.invoice_id, s.line_id, s.currency,"
            " s.already_credited, s.start FROM price_segment AS s"
            " JOIN contract AS c ON c.id = s.contract_id"
        )
    )
    entries = [entry for row in found for entry in _opening(row._asdict())]
    if entries:
        connection.execute(_INSERT, entries)


_INSERT = sa.text(
    "INSERT INTO ledger_entry (posting, number, at, account, client_id, contract_id, invoice_id,"
    " line_id, currency, minor) VALUES (:posting, :number, :at, :account, :client_id, :contract_id,"
    " :invoice_id, :line_id, :currency, :minor)"
)


def _opening(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    scaled = Decimal(row["already_credited"]).scaleb(minor_units(row["currency"]))
    minor = int(scaled.quantize(Decimal(1), ROUND_HALF_UP))
    named = ("client_id", "contract_id", "invoice_id", "line_id", "currency")
    shared = {name: row[name] for name in named} | {
        "posting": f"opening/{row['contract_id']}/{row['invoice_id']}/{row['line_id']}",
        "at": row["start"],
    }
    return [
        shared | {"number": 1, "account": "expense", "minor": -minor},
        shared | {"number": 2, "account": "applied", "minor": minor},
    ]
