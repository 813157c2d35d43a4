"""What a billing panel was ever asked for is superseded by nothing, also where it was released: the
call may still arrive."""

from __future__ import annotations

from alembic import op

revision = "r0021"
down_revision = "r0020"
branch_labels = None
depends_on = None

_BROKEN = (
    "NEW.state_after = 'superseded' AND EXISTS (SELECT 1 FROM credit_event AS sent"
    " WHERE sent.credit_id = NEW.credit_id AND sent.state_after = 'applying')"
)
_IS_NEW = "NOT EXISTS (SELECT 1 FROM alembic_version WHERE version_num LIKE 'copying-%')"
"""While a journal is copied, or recovered, what was written is not judged again."""
_WORDS = "credit_event: sent"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER credit_event_sent BEFORE INSERT ON credit_event "
            f"WHEN ({_BROKEN}) AND {_IS_NEW} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION credit_event_sent() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF ({_BROKEN}) AND {_IS_NEW} THEN RAISE EXCEPTION '{_WORDS}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER credit_event_sent BEFORE INSERT ON credit_event "
        "FOR EACH ROW EXECUTE FUNCTION credit_event_sent()"
    )


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
