"""Rows that money or the audit rests on are never changed: the database itself refuses it."""

from __future__ import annotations

from alembic import op


def forbid_edits(table: str) -> None:
    """Refuse UPDATE and DELETE on a table, by triggers."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def forbid_replacing(table: str, *keys: list[str]) -> None:
    """Refuse SQLite's INSERT OR REPLACE, which deletes a row without a trigger; PostgreSQL has
    nothing of the kind."""
    if op.get_context().dialect.name != "sqlite":
        return
    taken = " OR ".join(
        "(" + " AND ".join(f"kept.{column} = NEW.{column}" for column in key) + ")" for key in keys
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ("  # noqa: S608
        f"SELECT 1 FROM {table} AS kept WHERE {taken}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} has it already'); END"
    )
