"""Who decided about a classification and why, and its evidence; nobody decides about their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What there is was approved, or waits: by `approved_by` alone."""
    for name in ("refused_by", "incident"):
        op.add_column("exclusion", sa.Column(name, sa.Text()))
    op.add_column("exclusion", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    for name in ("files", "links"):
        op.add_column("exclusion", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_exclusion_incident", "exclusion", ["incident"])
    forbid_edits("exclusion")
    _require_two_people()


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")


# A decision is about the whole of a reference: whoever proposed any revision of it decides none.
_RULES = {
    "exclusion: one_decision": "NEW.approved_by IS NOT NULL AND NEW.refused_by IS NOT NULL",
    "exclusion: two_people": (
        "NEW.proposed_by IN (NEW.approved_by, NEW.refused_by) OR EXISTS ("
        "SELECT 1 FROM exclusion AS earlier WHERE earlier.reference = NEW.reference "
        "AND earlier.proposed_by IN (NEW.approved_by, NEW.refused_by))"
    ),
}


def _require_two_people() -> None:
    if op.get_context().dialect.name == "sqlite":
        # INSERT OR REPLACE would delete the step in its place, and no trigger on DELETE would see
        # it. Ignored, it is what ON CONFLICT DO NOTHING is told.
        op.execute(
            "CREATE TRIGGER exclusion_no_replace BEFORE INSERT ON exclusion WHEN EXISTS ("
            "SELECT 1 FROM exclusion AS kept WHERE kept.id = NEW.id "
            "OR (kept.reference = NEW.reference AND kept.revision = NEW.revision)) "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
        for number, (words, broken) in enumerate(_RULES.items(), 1):
            op.execute(
                f"CREATE TRIGGER exclusion_rule_{number} BEFORE INSERT ON exclusion WHEN {broken} "
                f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        return
    checks = " ".join(
        f"IF {broken} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation'; END IF;"
        for words, broken in _RULES.items()
    )
    op.execute(
        "CREATE FUNCTION exclusion_rules() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {checks} RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER exclusion_rules BEFORE INSERT ON exclusion "
        "FOR EACH ROW EXECUTE FUNCTION exclusion_rules()"
    )
