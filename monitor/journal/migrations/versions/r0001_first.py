"""The first schema: timelines, what people read, the feed, the lease's epoch."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.journal.migrations.append_only import forbid_edits

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECOND = sa.BigInteger()
JSON = sa.JSON(none_as_null=True)
UNRESOLVED = "phase <> 'resolved'"
SUPERSEDING = "supersedes IS NOT NULL"
PENDING = "delivery = 'pending'"


def upgrade() -> None:
    _timeline()
    _incidents()
    _maintenance()
    _feed()
    for table in ("catalogue_revision", "transition", "change"):
        forbid_edits(table)


def downgrade() -> None:
    raise NotImplementedError("put back the copy that was made before the migration")


def _must(name: str, kind: sa.types.TypeEngine[Any], **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    """An index of only some rows. Both databases have it, each with its own option."""
    some = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some)


def _timeline() -> None:
    op.create_table(
        "catalogue_revision",
        _must("number", sa.Integer(), autoincrement=False),
        _must("hash", sa.Text()),
        _must("text", sa.Text()),
        _must("effective_from", SECOND),
        sa.PrimaryKeyConstraint("number", name="pk_catalogue_revision"),
    )
    op.create_table(
        "subject",
        _must("id", KEY),
        _must("check_id", sa.Text()),
        _must("location", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("check_id", "location", name="uq_subject_check_id_location"),
    )
    op.create_table(
        "transition",
        _must("id", KEY),
        _must("subject_id", KEY),
        _must("source", sa.Text()),
        _must("target", sa.Text()),
        _must("effective_at", SECOND),
        sa.Column("previous_at", SECOND),
        _must("decided_by", SECOND),
        _must("decided_at", SECOND),
        _must("cause", sa.Text()),
        _must("catalogue_revision", sa.Integer()),
        _must("revision", sa.Integer()),
        sa.Column("supersedes", KEY),
        _must("withdrawn", sa.Boolean()),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_transition_subject_id"),
        sa.ForeignKeyConstraint(["supersedes"], ["transition.id"], name="fk_transition_supersedes"),
        sa.PrimaryKeyConstraint("id", name="pk_transition"),
    )
    op.create_index(
        "ix_transition_effective_at_subject_id", "transition", ["effective_at", "subject_id"]
    )
    _partial("ix_transition_superseded", "transition", ["supersedes"], SUPERSEDING, unique=True)
    op.create_index(
        "ix_transition_newest", "transition", ["subject_id", "decided_by", "id", "effective_at"]
    )
    op.create_table(
        "fold_state",
        _must("subject_id", KEY),
        sa.Column("last_slot", SECOND),
        _must("state", JSON),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_fold_state_subject_id"),
        sa.PrimaryKeyConstraint("subject_id", name="pk_fold_state"),
    )
    op.create_table(
        "dirty_day",
        _must("subject_id", KEY),
        _must("day", SECOND),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_dirty_day_subject_id"),
        sa.PrimaryKeyConstraint("subject_id", "day", name="pk_dirty_day"),
    )


def _incidents() -> None:
    op.create_table(
        "incident",
        _must("id", sa.Text()),
        _must("revision", sa.Integer()),
        _must("phase", sa.Text()),
        _must("impact", sa.Text()),
        _must("started_at", SECOND),
        _must("created_at", SECOND),
        sa.Column("monitoring_at", SECOND),
        sa.Column("resolved_at", SECOND),
        _must("machine_title", JSON),
        sa.Column("person_title", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_started_at", "incident", ["started_at"])
    _partial("ix_incident_unresolved", "incident", ["id"], UNRESOLVED)
    op.create_table(
        "incident_component",
        _must("incident_id", sa.Text()),
        _must("position", sa.Integer(), autoincrement=False),
        _must("component", sa.Text()),
        _must("status", sa.Text()),
        _must("cause", sa.Text()),
        _must("start", SECOND),
        sa.Column("end", SECOND),
        _must("is_dependent", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_incident_component_incident_id"
        ),
        sa.PrimaryKeyConstraint("incident_id", "position", name="pk_incident_component"),
    )
    op.create_table(
        "incident_update",
        _must("incident_id", sa.Text()),
        _must("number", sa.Integer(), autoincrement=False),
        _must("at", SECOND),
        _must("phase", sa.Text()),
        _must("happening", sa.Text()),
        _must("actor", sa.Text()),
        sa.Column("machine", JSON),
        sa.Column("person", JSON),
        _must("former", JSON),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_incident_update_incident_id"
        ),
        sa.PrimaryKeyConstraint("incident_id", "number", name="pk_incident_update"),
    )


def _maintenance() -> None:
    op.create_table(
        "maintenance_window",
        _must("id", sa.Text()),
        _must("revision", sa.Integer()),
        _must("title", JSON),
        _must("impact", JSON),
        _must("start", SECOND),
        _must("end", SECOND),
        _must("published_at", SECOND),
        sa.Column("cancelled_at", SECOND),
        _must("reason", sa.Text()),
        _must("created_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance_window"),
    )
    op.create_index("ix_maintenance_window_end", "maintenance_window", ["end"])
    op.create_table(
        "maintenance_component",
        _must("window_id", sa.Text()),
        _must("position", sa.Integer(), autoincrement=False),
        _must("component", sa.Text()),
        sa.ForeignKeyConstraint(
            ["window_id"], ["maintenance_window.id"], name="fk_maintenance_component_window_id"
        ),
        sa.PrimaryKeyConstraint("window_id", "position", name="pk_maintenance_component"),
    )
    op.create_table(
        "exclusion",
        _must("id", KEY),
        _must("reference", sa.Text()),
        _must("revision", sa.Integer()),
        _must("component", sa.Text()),
        _must("start", SECOND),
        _must("end", SECOND),
        _must("cause", sa.Text()),
        _must("evidence", sa.Text()),
        _must("proposed_by", sa.Text()),
        sa.Column("approved_by", sa.Text()),
        _must("decided_at", SECOND),
        _must("withdrawn", sa.Boolean()),
        sa.CheckConstraint("approved_by <> proposed_by", name="ck_exclusion_two_people"),
        sa.PrimaryKeyConstraint("id", name="pk_exclusion"),
        sa.UniqueConstraint("reference", "revision", name="uq_exclusion_reference_revision"),
    )
    op.create_index("ix_exclusion_end", "exclusion", ["end"])


def _feed() -> None:
    op.create_table(
        "change_counter",
        _must("id", sa.Integer(), autoincrement=False),
        _must("seq", SECOND),
        sa.CheckConstraint("id = 1", name="ck_change_counter_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_change_counter"),
    )
    op.create_table(
        "change",
        _must("seq", KEY, autoincrement=False),
        _must("at", SECOND),
        _must("actor", sa.Text()),
        _must("kind", sa.Text()),
        _must("subject", sa.Text()),
        _must("before", JSON),
        _must("after", JSON),
        sa.PrimaryKeyConstraint("seq", name="pk_change"),
    )
    op.create_table(
        "cursor",
        _must("name", sa.Text()),
        _must("seq", SECOND),
        sa.PrimaryKeyConstraint("name", name="pk_cursor"),
    )
    op.create_table(
        "notification",
        _must("id", KEY),
        _must("event", sa.Text()),
        _must("target", sa.Text()),
        _must("route", sa.Text()),
        _must("position", sa.Integer()),
        _must("kind", sa.Text()),
        _must("subject", sa.Text()),
        _must("number", sa.Integer()),
        _must("due_at", SECOND),
        _must("attempts", sa.Integer()),
        _must("delivery", sa.Text()),
        sa.Column("sent_at", SECOND),
        _must("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.UniqueConstraint("event", "target", name="uq_notification_event_target"),
    )
    _partial("ix_notification_pending", "notification", ["due_at", "id"], PENDING)
    op.create_index("ix_notification_subject_id", "notification", ["subject", "id"])
    op.create_table(
        "core_epoch",
        _must("id", sa.Integer(), autoincrement=False),
        _must("epoch", SECOND),
        _must("host", sa.Text()),
        _must("pid", sa.Integer()),
        _must("taken_at", SECOND),
        sa.CheckConstraint("id = 1", name="ck_core_epoch_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_core_epoch"),
    )
    op.execute("INSERT INTO change_counter (id, seq) VALUES (1, 0)")
    op.execute("INSERT INTO core_epoch (id, epoch, host, pid, taken_at) VALUES (1, 0, '', 0, 0)")
