"""Who may act: accounts, signed-in browsers, tokens of programs. No secret stands in them."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.journal.tables.base import JSON, METADATA, SECOND

account = sa.Table(
    "account",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("full_name", sa.Text, nullable=False),
    sa.Column("roles", JSON, nullable=False),
    sa.Column("services", JSON, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("password_changed_at", SECOND, nullable=False),
    # Encrypted with a key that stands elsewhere.
    sa.Column("totp_seed", sa.LargeBinary, nullable=False),
    sa.Column("last_totp_step", sa.BigInteger, nullable=False),
    sa.Column("recovery_hashes", JSON, nullable=False),
    sa.Column("created_at", SECOND, nullable=False),
    sa.Column("disabled_at", SECOND),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("email", sa.Text),
    # Together one person at an OpenID provider.
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("follows_groups", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "email", unique=True),
    sa.Index(None, "issuer", "subject", unique=True),
)

account_session = sa.Table(
    "account_session",
    METADATA,
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, sa.ForeignKey("account.name"), nullable=False),
    sa.Column("created_at", SECOND, nullable=False),
    sa.Column("last_used_at", SECOND, nullable=False),
    sa.Column("expires_at", SECOND, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text, nullable=False),
    # Its row stays for a while: it says from where the account was opened.
    sa.Column("ended_at", SECOND),
    sa.Column("opened_by", sa.Text, nullable=False, server_default="password"),
    sa.Index(None, "account"),
)

access_token = sa.Table(
    "access_token",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, sa.ForeignKey("account.name"), nullable=False),
    sa.Column("secret_hash", sa.Text, nullable=False),
    sa.Column("scopes", JSON, nullable=False),
    sa.Column("created_at", SECOND, nullable=False),
    sa.Column("expires_at", SECOND),
    sa.Column("last_used_at", SECOND),
    sa.Column("revoked_at", SECOND),
    sa.Index(None, "owner"),
)
