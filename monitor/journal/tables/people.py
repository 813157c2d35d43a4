"""What people read and say about failures: incidents, maintenance, classifications."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, KEY, METADATA, SECOND, Words

incident = sa.Table(
    "incident",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("impact", sa.Text, nullable=False),
    sa.Column("started_at", SECOND, nullable=False),
    sa.Column("created_at", SECOND, nullable=False),
    sa.Column("monitoring_at", SECOND),
    sa.Column("resolved_at", SECOND),
    sa.Column("machine_title", Words, nullable=False),
    sa.Column("person_title", Words),
    sa.Column("origin", sa.Text, nullable=False, server_default="machine"),
    sa.Column("related", JSON, nullable=False, server_default="[]"),
    sa.Column("merged_into", sa.Text),
    # Newest first, within a window.
    sa.Index(None, "started_at"),
    # Every tick asks for the unresolved ones: a handful among all that ever were.
    sa.Index(
        "ix_incident_unresolved",
        "id",
        sqlite_where=sa.text("phase <> 'resolved'"),
        postgresql_where=sa.text("phase <> 'resolved'"),
    ),
)

incident_component = sa.Table(
    "incident_component",
    METADATA,
    sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND),
    sa.Column("is_dependent", sa.Boolean, nullable=False),
    sa.Column("is_unwatched", sa.Boolean, nullable=False, server_default=sa.false()),
)

# A person's word about a component: money reads `incident_component` and never this.
incident_statement = sa.Table(
    "incident_statement",
    METADATA,
    sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND),
)

incident_update = sa.Table(
    "incident_update",
    METADATA,
    sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", SECOND, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("happening", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("machine", Words),
    sa.Column("person", Words),
    sa.Column("former", JSON, nullable=False),
    sa.Column("corrected_at", SECOND),
    sa.Column("next_update_at", SECOND),
)

# One row for each occurrence. `published_at` decides about money: only the journal sets it.
maintenance_window = sa.Table(
    "maintenance_window",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("title", Words, nullable=False),
    sa.Column("impact", Words, nullable=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
    sa.Column("published_at", SECOND, nullable=False),
    sa.Column("cancelled_at", SECOND),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    # Upcoming and present ones are those that end late: few, however long the history grows.
    sa.Index(None, "end"),
)

maintenance_component = sa.Table(
    "maintenance_component",
    METADATA,
    sa.Column("window_id", sa.Text, sa.ForeignKey("maintenance_window.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("component", sa.Text, nullable=False),
)

# How an end was put off, oldest first. Its `published_at` decides about money as the window's does.
maintenance_extension = sa.Table(
    "maintenance_extension",
    METADATA,
    sa.Column("window_id", sa.Text, sa.ForeignKey("maintenance_window.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
    sa.Column("published_at", SECOND, nullable=False),
)

# A classification. Each proposal, and each decision about one, is a new revision of the same
# `reference`; `monitor.domain.exclusions.classification` says which is in force. A row with neither
# `approved_by` nor `refused_by` is a proposal. `decided_at` is when the step was taken. A trigger
# refuses a decision by whoever proposed any revision of the reference.
exclusion = sa.Table(
    "exclusion",
    METADATA,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("component", sa.Text, nullable=False),
    sa.Column("start", SECOND, nullable=False),
    sa.Column("end", SECOND, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("decided_at", SECOND, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("refused_by", sa.Text),
    sa.Column("incident", sa.Text),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("files", JSON, nullable=False, server_default="[]"),
    sa.Column("links", JSON, nullable=False, server_default="[]"),
    sa.UniqueConstraint("reference", "revision"),
    sa.CheckConstraint("approved_by <> proposed_by", name="two_people"),
    sa.Index(None, "end"),
    sa.Index(None, "incident"),
)
