"""Until when the next update of an incident was promised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Updates that are there promise it in their text, if at all."""
    op.add_column("incident_update", sa.Column("next_update_at", sa.BigInteger()))


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
