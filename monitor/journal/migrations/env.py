"""What alembic runs: on the connection that it is given, in the transaction that is open."""

from __future__ import annotations

from alembic import context

from monitor.journal.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite alters a table by creating it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
