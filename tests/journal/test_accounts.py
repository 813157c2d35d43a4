"""Accounts, sessions and tokens are stored whole and read back equal; stale ones are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.accounts.account import AccessToken, Account, AccountName, AccountSession
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import RowStale

ANA = Account(
    name=AccountName("ana"),
    full_name="Ana",
    roles=frozenset({AccountRole.OPERATOR, AccountRole.BILLING}),
    services=frozenset({ServiceId("mail"), ServiceId("radio")}),
    password_hash="$argon2id$…",
    password_changed_at=Second(100),
    totp_seed=b"\x00\xff sealed",
    last_totp_step=59_000_000,
    recovery_hashes=("a" * 64, "b" * 64),
    created_at=Second(100),
    disabled_at=Second(300),
)
SESSION = AccountSession(
    key_hash="c" * 64, account=ANA.name, created_at=Second(100), last_used_at=Second(150),
    expires_at=Second(900), address="2001:db8::1", user_agent="Firefox",
)  # fmt: skip
TOKEN = AccessToken(
    id="abcd2345", label="Grafana", owner=ANA.name, secret_hash="d" * 64,
    scopes=frozenset({Scope.STATE_READ}), created_at=Second(100), expires_at=Second(500),
)  # fmt: skip


@pytest.fixture
def accounts(journal: SqlJournal) -> SqlJournal:
    with journal.transaction() as tx:
        tx.accounts.save(ANA)
    return journal


def test_an_account_is_read_as_it_was_saved(accounts: SqlJournal) -> None:
    with accounts.transaction() as tx:
        assert tx.accounts.get(ANA.name) == replace(ANA, revision=1)
        assert list(tx.accounts.every()) == [replace(ANA, revision=1)]
        assert tx.accounts.get(AccountName("eva")) is None


def test_of_two_who_read_the_same_account_one_saves(accounts: SqlJournal) -> None:
    seen = replace(ANA, revision=1)
    with accounts.transaction() as tx:
        assert tx.accounts.save(replace(seen, disabled_at=None)).revision == 2
    with pytest.raises(RowStale), accounts.transaction() as tx:
        tx.accounts.save(replace(seen, full_name="Other"))
    with pytest.raises(RowStale), accounts.transaction() as tx:
        tx.accounts.save(ANA)


def test_sessions_end_one_by_one_or_all_but_one(accounts: SqlJournal) -> None:
    others = [replace(SESSION, key_hash=str(n) * 64) for n in range(3)]
    with accounts.transaction() as tx:
        for session in (SESSION, *others):
            tx.accounts.add_session(session)
        tx.accounts.touch_session(SESSION.key_hash, Second(200))
        tx.accounts.end_session(others[0].key_hash, Second(200))
    with accounts.transaction() as tx:
        assert tx.accounts.session(SESSION.key_hash) == replace(SESSION, last_used_at=Second(200))
        ended = replace(others[0], ended_at=Second(200))
        assert tx.accounts.session(ended.key_hash) == ended
        assert tx.accounts.end_sessions(ANA.name, Second(300), but=SESSION.key_hash) == 2
        assert [s.key_hash for s in tx.accounts.sessions(ANA.name)] == [SESSION.key_hash]
        assert tx.accounts.end_sessions(ANA.name, Second(400)) == 1
        stored = [tx.accounts.session(one.key_hash) for one in (SESSION, *others)]
    assert [one and one.ended_at for one in stored] == [400, 200, 300, 300]


def test_from_where_an_account_was_opened_outlives_the_session_by_30_days(
    accounts: SqlJournal,
) -> None:
    day = 86_400
    began = Second(40 * day)
    over = Second(began + 14 * day)
    left, ended = (
        replace(SESSION, key_hash=key, address=address, created_at=began, last_used_at=began,
                expires_at=over)
        for key, address in (("1", "192.0.2.1"), ("2", "192.0.2.2"))
    )  # fmt: skip
    with accounts.transaction() as tx:
        tx.accounts.add_session(replace(SESSION, expires_at=over))
        for session in (left, ended, replace(ended, key_hash="3")):
            tx.accounts.add_session(session)
            tx.accounts.end_session("2", began)
    with accounts.transaction() as tx:
        assert set(tx.accounts.opened_from(ANA.name, began)) == {"192.0.2.1", "192.0.2.2"}
        assert len(tx.accounts.opened_from(ANA.name, began)) == 2
        assert tx.accounts.opened_from(ANA.name, Second(began + 1)) == []
        assert tx.accounts.opened_from(AccountName("eva"), Second(0)) == []
        assert tx.accounts.forget_sessions(Second(began + 30 * day)) == 0
        assert tx.accounts.forget_sessions(Second(began + 30 * day + 1)) == 1
        assert tx.accounts.session("2") is None
        assert tx.accounts.forget_sessions(Second(over + 30 * day)) == 0
        assert tx.accounts.forget_sessions(Second(over + 30 * day + 1)) == 3


def test_a_token_keeps_its_last_use_and_its_revocation(accounts: SqlJournal) -> None:
    with accounts.transaction() as tx:
        tx.accounts.add_token(TOKEN)
        tx.accounts.touch_token(TOKEN.id, Second(210))
        tx.accounts.revoke_token(TOKEN.id, Second(220))
    used = replace(TOKEN, last_used_at=Second(210), revoked_at=Second(220))
    with accounts.transaction() as tx:
        assert tx.accounts.token(TOKEN.id) == used
        assert list(tx.accounts.tokens()) == list(tx.accounts.tokens(ANA.name)) == [used]
        assert list(tx.accounts.tokens(AccountName("eva"))) == []


def test_a_change_says_by_which_door_it_came(journal: SqlJournal) -> None:
    actor = Actor(
        id="ana", kind=ActorKind.TOKEN, via=Via.API, token="abcd2345", address="192.0.2.7"
    )
    done = actor.change(Second(100), "incident.updated", "k3f9a2", after={"update": 2})
    with journal.transaction() as tx:
        tx.changes.append([done])
    with journal.transaction() as tx:
        assert list(tx.changes.since(0, 9)) == [replace(done, seq=1)]
