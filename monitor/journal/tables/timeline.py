"""Subjects, transitions, the configurations that they were decided under, and states of folds."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, KEY, METADATA, SECOND

catalogue_revision = sa.Table(
    "catalogue_revision",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("effective_from", SECOND, nullable=False),
)

# What a revision compiled to, as JSON: the text may be refused by a later version. It is a separate
# table, because the revisions of an older schema have no form until a core has compiled them again.
catalogue_form = sa.Table(
    "catalogue_form",
    METADATA,
    sa.Column(
        "number",
        sa.Integer,
        sa.ForeignKey("catalogue_revision.number"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("form", sa.Text, nullable=False),
)

# What each form changed in the one before it, as JSON. It is computed from the forms, so that a
# start need not read them all. Unlike them it may be replaced.
catalogue_step = sa.Table(
    "catalogue_step",
    METADATA,
    sa.Column(
        "number",
        sa.Integer,
        sa.ForeignKey("catalogue_revision.number"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("base_hash", sa.Text, nullable=False),
    sa.Column("form_hash", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
)

# A check at one location. With this table, "each fold's last transition before the window" is one
# index lookup for each fold, without first listing the folds from millions of transitions.
subject = sa.Table(
    "subject",
    METADATA,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("check_id", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.UniqueConstraint("check_id", "location"),
)

# Never updated, never deleted: triggers refuse it. A row that `supersedes` another takes its place
# from revision `revision` on; one that is also `withdrawn` only withdraws the other.
transition = sa.Table(
    "transition",
    METADATA,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("subject_id", KEY, sa.ForeignKey("subject.id"), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("effective_at", SECOND, nullable=False),
    sa.Column("previous_at", SECOND),
    sa.Column("decided_by", SECOND, nullable=False),
    sa.Column("decided_at", SECOND, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("catalogue_revision", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("supersedes", KEY, sa.ForeignKey("transition.id")),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    # A row is superseded once; checking whether it was is one lookup among few rows.
    sa.Index(
        "ix_transition_superseded",
        "supersedes",
        unique=True,
        sqlite_where=sa.text("supersedes IS NOT NULL"),
        postgresql_where=sa.text("supersedes IS NOT NULL"),
    ),
    # The 90 days of the page: what takes effect inside a window, over all folds.
    sa.Index(None, "effective_at", "subject_id"),
    # The last one before a window: from the newest backwards until one took effect before it. The
    # index alone is enough, because it contains the second.
    sa.Index("ix_transition_newest", "subject_id", "decided_by", "id", "effective_at"),
)

fold_state = sa.Table(
    "fold_state",
    METADATA,
    sa.Column("subject_id", KEY, sa.ForeignKey("subject.id"), primary_key=True),
    sa.Column("last_slot", SECOND),
    sa.Column("state", JSON, nullable=False),
)

# The states of the folds when an era of the clock began, copied by one statement from `fold_state`.
fold_snapshot = sa.Table(
    "fold_snapshot",
    METADATA,
    sa.Column("era", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column(
        "subject_id", KEY, sa.ForeignKey("subject.id"), primary_key=True, autoincrement=False
    ),
    sa.Column("state", JSON, nullable=False),
)

dirty_day = sa.Table(
    "dirty_day",
    METADATA,
    sa.Column("subject_id", KEY, sa.ForeignKey("subject.id"), primary_key=True),
    sa.Column("day", SECOND, primary_key=True),
)
