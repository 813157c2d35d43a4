"""A credit about which the billing panel gave no answer is released by a person with an account:
neither by the machine nor by whoever types at the core's host."""

from __future__ import annotations

from alembic import op

revision = "r0019"
down_revision = "r0018"
branch_labels = None
depends_on = None

_BROKEN = (
    "NEW.state_before = 'apply_unknown' AND NEW.state_after = 'approved'"
    " AND NEW.via NOT IN ('console', 'api')"
)
_IS_NEW = "NOT EXISTS (SELECT 1 FROM alembic_version WHERE version_num LIKE 'copying-%')"
"""While a journal is copied, or recovered, what was written is not judged again."""
_WORDS = "credit_event: released"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER credit_event_released BEFORE INSERT ON credit_event "
            f"WHEN ({_BROKEN}) AND {_IS_NEW} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION credit_event_released() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF ({_BROKEN}) AND {_IS_NEW} THEN RAISE EXCEPTION '{_WORDS}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER credit_event_released BEFORE INSERT ON credit_event "
        "FOR EACH ROW EXECUTE FUNCTION credit_event_released()"
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
