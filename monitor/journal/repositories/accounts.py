"""Accounts, their sessions and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.accounts.account import (
    KNOWN_S,
    AccessToken,
    Account,
    AccountName,
    AccountSession,
    OpenedBy,
)
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ServiceId
from monitor.domain.time.interval import Second
from monitor.journal.database import insert_into
from monitor.journal.ports import RowStale
from monitor.journal.tables import access_token, account, account_session


class SqlAccounts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wanted: AccountName) -> Account | None:
        row = self._connection.execute(sa.select(account).where(account.c.name == wanted)).first()
        return _account(row) if row else None

    def by_identity(self, issuer: str, subject: str) -> Account | None:
        this = sa.and_(account.c.issuer == issuer, account.c.subject == subject)
        row = self._connection.execute(sa.select(account).where(this)).first()
        return _account(row) if row else None

    def by_email(self, email: str) -> Account | None:
        row = self._connection.execute(sa.select(account).where(account.c.email == email)).first()
        return _account(row) if row else None

    def every(self) -> Sequence[Account]:
        rows = self._connection.execute(sa.select(account).order_by(account.c.name))
        return [_account(row) for row in rows]

    def save(self, account_: Account) -> Account:
        row = _row(account_)
        if account_.revision == 0:
            insert = insert_into(self._connection, account).values(row).on_conflict_do_nothing()
            done = self._connection.execute(insert.returning(account.c.name)).first()
        else:
            is_seen = account.c.revision == account_.revision
            this = sa.and_(account.c.name == account_.name, is_seen)
            update = sa.update(account).where(this).values(row).returning(account.c.name)
            done = self._connection.execute(update).first()
        if done is None:
            raise RowStale("account.changed", name=account_.name)
        found = self.get(account_.name)
        assert found is not None  # noqa: S101 - it was written a line above
        return found

    def session(self, key_hash: str) -> AccountSession | None:
        found = sa.select(account_session).where(account_session.c.key_hash == key_hash)
        row = self._connection.execute(found).first()
        return _session(row) if row else None

    def sessions(self, account_: AccountName) -> Sequence[AccountSession]:
        rows = self._connection.execute(
            sa.select(account_session)
            .where(account_session.c.account == account_, account_session.c.ended_at.is_(None))
            .order_by(account_session.c.created_at.desc(), account_session.c.key_hash)
        )
        return [_session(row) for row in rows]

    def newest_sessions(self) -> Mapping[AccountName, Second]:
        column = account_session.c
        newest = sa.select(column.account, sa.func.max(column.created_at))
        rows = self._connection.execute(
            newest.where(column.ended_at.is_(None)).group_by(column.account)
        )
        return {AccountName(name): Second(at) for name, at in rows}

    def add_session(self, session: AccountSession) -> None:
        row = {column.name: getattr(session, column.name) for column in account_session.columns}
        self._connection.execute(sa.insert(account_session), row)

    def touch_session(self, key_hash: str, at: Second) -> None:
        this = account_session.c.key_hash == key_hash
        self._connection.execute(sa.update(account_session).where(this).values(last_used_at=at))

    def end_sessions(self, account_: AccountName, at: Second, *, but: str = "") -> int:
        these = sa.and_(
            account_session.c.account == account_,
            account_session.c.key_hash != but,
            account_session.c.ended_at.is_(None),
        )
        ended = sa.update(account_session).where(these).values(ended_at=at)
        return self._connection.execute(ended).rowcount

    def end_session(self, key_hash: str, at: Second) -> None:
        this = sa.and_(account_session.c.key_hash == key_hash, account_session.c.ended_at.is_(None))
        self._connection.execute(sa.update(account_session).where(this).values(ended_at=at))

    def opened_from(self, account_: AccountName, since: Second) -> Sequence[str]:
        these = sa.and_(
            account_session.c.account == account_, account_session.c.created_at >= since
        )
        found = sa.select(account_session.c.address).where(these).distinct()
        return [row.address for row in self._connection.execute(found)]

    def forget_sessions(self, now: Second) -> int:
        over = sa.func.coalesce(account_session.c.ended_at, account_session.c.expires_at)
        these = over < now - KNOWN_S
        return self._connection.execute(sa.delete(account_session).where(these)).rowcount

    def token(self, wanted: str) -> AccessToken | None:
        found = sa.select(access_token).where(access_token.c.id == wanted)
        row = self._connection.execute(found).first()
        return _token(row) if row else None

    def tokens(self, owner: AccountName | None = None) -> Sequence[AccessToken]:
        found = sa.select(access_token).order_by(access_token.c.created_at, access_token.c.id)
        if owner is not None:
            found = found.where(access_token.c.owner == owner)
        return [_token(row) for row in self._connection.execute(found)]

    def add_token(self, token: AccessToken) -> None:
        names = [column.name for column in access_token.columns]
        row = {name: getattr(token, name) for name in names} | {"scopes": sorted(token.scopes)}
        self._connection.execute(sa.insert(access_token), row)

    def touch_token(self, wanted: str, at: Second) -> None:
        this = access_token.c.id == wanted
        self._connection.execute(sa.update(access_token).where(this).values(last_used_at=at))

    def revoke_token(self, wanted: str, at: Second) -> None:
        this = access_token.c.id == wanted
        self._connection.execute(sa.update(access_token).where(this).values(revoked_at=at))


def _row(account_: Account) -> dict[str, Any]:
    """Every column, with the next revision."""
    return {
        "name": account_.name,
        "full_name": account_.full_name,
        "roles": sorted(account_.roles),
        "services": sorted(account_.services),
        "password_hash": account_.password_hash,
        "password_changed_at": account_.password_changed_at,
        "totp_seed": account_.totp_seed,
        "last_totp_step": account_.last_totp_step,
        "recovery_hashes": list(account_.recovery_hashes),
        "created_at": account_.created_at,
        "disabled_at": account_.disabled_at,
        "revision": account_.revision + 1,
        "email": account_.email,
        "issuer": account_.issuer,
        "subject": account_.subject,
        "follows_groups": account_.follows_groups,
    }


def _account(row: sa.Row[Any]) -> Account:
    return Account(
        name=AccountName(row.name),
        full_name=row.full_name,
        roles=frozenset(map(AccountRole, row.roles)),
        services=frozenset(map(ServiceId, row.services)),
        password_hash=row.password_hash,
        password_changed_at=Second(row.password_changed_at),
        totp_seed=bytes(row.totp_seed),
        last_totp_step=row.last_totp_step,
        recovery_hashes=tuple(row.recovery_hashes),
        created_at=Second(row.created_at),
        disabled_at=row.disabled_at,
        revision=row.revision,
        email=row.email,
        issuer=row.issuer,
        subject=row.subject,
        follows_groups=row.follows_groups,
    )


def _session(row: sa.Row[Any]) -> AccountSession:
    values = {**row._asdict(), "opened_by": OpenedBy(row.opened_by)}
    return AccountSession(**values)


def _token(row: sa.Row[Any]) -> AccessToken:
    values = {**row._asdict(), "scopes": frozenset(map(Scope, row.scopes))}
    return AccessToken(**values)
