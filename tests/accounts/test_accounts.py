"""Accounts are made, changed and ended by those who may, and never so that nobody can any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.accounts.own_account.proof import Proof
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import MACHINE, Actor, ActorKind, Via
from monitor.domain.refusals import NotFound, Refused, Stale
from tests.accounts.accounts import HOME, PASSWORD, Office


@pytest.mark.parametrize(
    "name", ["", "Ana", "ana maria", "-ana", "ana-", "a" * 65, "añá", "../ana", "ana\n", "=1+1"]
)
def test_a_name_is_plain(made: Office, name: str) -> None:
    with pytest.raises(Refused, match=r"account\.name"):
        made.commands().add(name, roles=[AccountRole.VIEWER], password=PASSWORD)


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "short"), ("x" * 1_025, "long"), ("aaaaaaaaaaaaaa", "repeats"),
     ("my name is ANA!", "has_name")],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused(
    made: Office, password: str, code: str
) -> None:
    with pytest.raises(Refused, match=rf"password\.{code}"):
        made.commands().add("ana", roles=[AccountRole.VIEWER], password=password)


def test_a_password_that_is_made_opens(made: Office) -> None:
    _, said = made.commands().add("ana", roles=[AccountRole.VIEWER])
    made.sign_in("ana", said)


def test_there_is_one_account_of_a_name(made: Office) -> None:
    made.add("ana")
    with pytest.raises(Refused, match=r"account\.exists"):
        made.add("ana")


def test_the_last_admin_stays_one(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana", AccountRole.ADMIN)
    made.commands().disable("ana")
    with pytest.raises(Refused, match=r"account\.last_admin"):
        made.commands().disable("boss")
    with pytest.raises(Refused, match=r"account\.last_admin"):
        made.commands().change("boss", roles=[AccountRole.VIEWER])
    made.commands().enable("ana")
    made.commands().disable("boss")


def test_only_who_looks_after_accounts_touches_them(made: Office) -> None:
    made.add("ana")
    everything_else = frozenset(Scope) - {Scope.ACCOUNTS_WRITE}
    actor = Actor(id="eva", kind=ActorKind.PERSON, scopes=everything_else)
    commands = made.commands(actor)
    attempts: list[Callable[[], object]] = [
        commands.every,
        lambda: commands.add("new", roles=[AccountRole.ADMIN], password=PASSWORD),
        lambda: commands.change("ana", roles=[AccountRole.ADMIN]),
        lambda: commands.disable("ana"),
        lambda: commands.reset("ana", password=PASSWORD),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match=r"scope\.missing"):
            attempt()


def test_nobody_gives_what_he_lacks_or_takes_over_who_may_more(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana", AccountRole.VIEWER)
    few = frozenset({Scope.ACCOUNTS_WRITE, Scope.STATE_READ})
    commands = made.commands(Actor(id="eva", kind=ActorKind.PERSON, scopes=few))
    attempts: list[Callable[[], object]] = [
        lambda: commands.add("new", roles=[AccountRole.ADMIN], password=PASSWORD),
        lambda: commands.change("ana", roles=[AccountRole.OPERATOR]),
        lambda: commands.reset("boss", password=PASSWORD),
        lambda: commands.disable("boss"),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match=r"account\.beyond"):
            attempt()
    commands.reset("ana", password=PASSWORD)


def test_a_token_makes_itself_no_lasting_door(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana")
    actor = Actor(id="boss", kind=ActorKind.TOKEN, scopes=frozenset(Scope), token="abcd2345")
    commands = made.commands(actor)
    attempts: list[Callable[[], object]] = [
        lambda: commands.add("new", roles=[AccountRole.VIEWER], password=PASSWORD),
        lambda: commands.change("ana", roles=[AccountRole.ADMIN]),
        lambda: commands.reset("ana", password=PASSWORD),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match=r"account\.by_token"):
            attempt()
    commands.disable("ana")


def test_a_change_that_changes_nothing_is_refused(made: Office) -> None:
    made.add("ana", AccountRole.VIEWER)
    before = made.changes()
    for roles in (None, [AccountRole.VIEWER]):
        with pytest.raises(Refused, match=r"account\.unchanged"):
            made.commands().change("ana", roles=roles)
    assert made.changes() == before


def test_nobody_takes_the_name_of_the_machine(made: Office) -> None:
    with pytest.raises(Refused, match=r"account\.reserved"):
        made.commands().add(MACHINE.id, roles=[AccountRole.VIEWER], password=PASSWORD)


def test_a_reset_revokes_tokens_and_the_audit_log_says_how_many(made: Office) -> None:
    made.add("ana")
    made.add("eva")
    _, over, *live = (
        made.tokens().create("", owner=owner, scopes=[Scope.STATE_READ], days=days)[0]
        for owner, days in (("eva", None), ("ana", 1), ("ana", 2), ("ana", None), ("ana", None))
    )
    made.clock.advance(86_400)
    made.tokens().revoke(live.pop().id)
    made.commands().reset("ana", password=PASSWORD)
    assert made.changes()[-1].after["tokens_revoked"] == 2
    now = made.clock.now()
    revoked = {t.id for t in made.tokens().visible() if t.revoked_at == now}
    assert revoked >= {token.id for token in live}
    assert over.id not in revoked
    assert [t.revoked_at for t in made.tokens().visible() if t.owner == "eva"] == [None]


def test_of_two_who_change_what_they_saw_one_is_refused(made: Office) -> None:
    made.add("ana")
    made.commands().change("ana", roles=[AccountRole.VIEWER], revision=1)
    with pytest.raises(Stale):
        made.commands().change("ana", roles=[AccountRole.ADMIN], revision=1)


def test_an_unknown_one_is_named_with_what_comes_closest(made: Office) -> None:
    made.add("ana.perez")
    with pytest.raises(NotFound) as refused:
        made.commands().disable("ana.peres")
    assert refused.value.fields["near"] == "ana.perez"


def test_a_new_password_needs_the_present_one(made: Office) -> None:
    made.add("ana")
    own = made.own(made.sign_in("ana"))
    with pytest.raises(Refused, match=r"password\.wrong"):
        own.change_password(Proof(password="not the present one"), "a whole new sentence")


def test_the_audit_log_says_who_what_and_from_where_and_no_secret(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    key = made.sign_in("boss")
    signed_in = made.authorizer().by_session(key, HOME, Via.CONSOLE)
    assert signed_in is not None
    made.commands(signed_in.actor).add("ana", roles=[AccountRole.VIEWER], password=PASSWORD)
    first, _, last = made.changes()
    assert (first.actor, first.via, first.kind) == ("root", Via.SHELL, "account.added")
    assert (last.actor, last.via, last.address, last.subject) == ("boss", Via.CONSOLE, HOME, "ana")
    assert "argon2" not in str(made.changes())
