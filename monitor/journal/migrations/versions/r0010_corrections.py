"""When an update's text was corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of corrections that were made before, the former text is known and the time is not."""
    op.add_column("incident_update", sa.Column("corrected_at", sa.BigInteger()))


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")
