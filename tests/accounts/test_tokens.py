"""A token acts for its owner, within its scopes, for as long as both may."""

from __future__ import annotations

import pytest

from monitor.domain.accounts.permissions import SCOPES_OF, AccountRole, Scope
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import NotFound, Refused
from tests.accounts.accounts import HOME, PASSWORD, Office

DAY = 86_400


def person(name: str, *roles: AccountRole) -> Actor:
    scopes = frozenset[str]().union(*(SCOPES_OF[role] for role in roles))
    return Actor(id=name, kind=ActorKind.PERSON, scopes=scopes, via=Via.CONSOLE, address=HOME)


def token(made: Office, owner: str, *scopes: Scope, days: int | None = 1) -> str:
    return made.tokens().create("Grafana", owner=owner, scopes=scopes, days=days)[1]


def opens(made: Office, text: str) -> bool:
    try:
        made.authorizer().by_token(text, HOME)
    except Refused as refused:
        return (refused.code, dict(refused.fields)) != ("token.invalid", {})
    return True


def test_it_acts_as_its_owner_within_its_scopes(made: Office) -> None:
    made.commands().add(
        "ana", roles=[AccountRole.OPERATOR], services=[ServiceId("mail")], password=PASSWORD
    )
    text = token(made, "ana", Scope.STATE_READ)
    actor = made.authorizer().by_token(text, HOME).actor
    assert (actor.id, actor.kind, actor.via) == ("ana", ActorKind.TOKEN, Via.API)
    assert text.startswith(f"estado_{actor.token}_")
    assert actor.scopes == frozenset({Scope.STATE_READ})
    assert actor.services == frozenset({ServiceId("mail")})


def test_it_may_no_more_than_its_owner_then_and_now(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana", AccountRole.OPERATOR)
    with pytest.raises(Refused, match=r"token\.beyond_owner"):
        token(made, "ana", Scope.BILLING_READ)
    text = token(made, "ana", Scope.STATE_READ, Scope.INCIDENTS_WRITE)
    made.commands().change("ana", roles=[AccountRole.VIEWER])
    assert made.authorizer().by_token(text, HOME).actor.scopes == frozenset({Scope.STATE_READ})


def test_what_is_over_revoked_or_of_a_disabled_owner_opens_nothing(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana")
    short, revoked, last = (token(made, "ana", Scope.STATE_READ) for _ in range(3))
    forever = token(made, "boss", Scope.STATE_READ, days=None)
    assert all(opens(made, text) for text in (short, revoked, last, forever))
    made.tokens().revoke(revoked.split("_")[1])
    assert not opens(made, revoked)
    made.clock.advance(DAY - 1)
    assert opens(made, short)
    made.clock.advance(1)
    assert not opens(made, short)
    assert opens(made, forever)
    made.commands().disable("ana")
    assert not opens(made, last)


def test_nothing_but_the_whole_token_opens(made: Office) -> None:
    made.add("ana")
    text = token(made, "ana", Scope.STATE_READ)
    other = token(made, "ana", Scope.STATE_READ)
    forged = [
        "", "estado_", text[:-1], text + "x", text.removeprefix("estado_"), text.swapcase(),
        "_".join([*text.split("_")[:2], *other.split("_")[2:]]), "estado_" + "_" * 50, "\0" * 300,
    ]  # fmt: skip
    assert [opens(made, one) for one in forged] == [False] * len(forged)


def test_its_last_use_is_due_at_most_once_a_minute(made: Office) -> None:
    made.add("ana")
    text = token(made, "ana", Scope.STATE_READ)
    used = []
    for _ in range(5):
        use = made.authorizer().by_token(text, HOME).last_use
        if use is not None:
            made.authorizer().note(use)
        used.append(made.tokens().visible()[0].last_used_at)
        made.clock.advance(20)
    assert [at - used[0] for at in used if at is not None and used[0]] == [0, 0, 0, 60, 60]


def test_one_sees_and_revokes_ones_own_alone_unless_one_looks_after_accounts(made: Office) -> None:
    made.add("ana")
    made.add("eva")
    token(made, "ana", Scope.STATE_READ)
    (of_ana,) = made.tokens().visible()
    eva = made.tokens(person("eva", AccountRole.OPERATOR))
    assert list(eva.visible()) == []
    with pytest.raises(NotFound):
        eva.revoke(of_ana.id)
    with pytest.raises(Refused, match=r"scope\.missing"):
        eva.create("x", owner="ana", scopes=[Scope.STATE_READ], days=None)
    assert made.tokens(person("boss", AccountRole.ADMIN)).revoke(of_ana.id).revoked_at


def test_a_token_makes_no_token(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    actor = made.authorizer().by_token(token(made, "boss", *Scope), HOME).actor
    with pytest.raises(Refused, match=r"token\.by_token"):
        made.tokens(actor).create("x", owner="boss", scopes=[Scope.STATE_READ], days=None)


def test_nobody_makes_a_token_for_another_that_may_more_than_he(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    few = frozenset({Scope.ACCOUNTS_WRITE, Scope.STATE_READ})
    eva = made.tokens(Actor(id="eva", kind=ActorKind.PERSON, scopes=few))
    with pytest.raises(Refused, match=r"account\.beyond"):
        eva.create("x", owner="boss", scopes=list(Scope), days=None)


def test_who_is_bounded_to_services_sees_and_revokes_his_own_alone(made: Office) -> None:
    made.add("ana")
    text = token(made, "ana", Scope.STATE_READ)
    bounded = Actor(
        id="eva", kind=ActorKind.PERSON, scopes=frozenset(Scope),
        services=frozenset({ServiceId("mail")}),
    )  # fmt: skip
    assert list(made.tokens(bounded).visible()) == []
    with pytest.raises(NotFound):
        made.tokens(bounded).revoke(text.split("_")[1])


def test_a_token_revokes_itself_and_others_only_as_far_as_it_may(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    made.add("ana", AccountRole.OPERATOR)
    small, keeper, more, itself, every = (
        token(made, owner, *scopes)
        for owner, scopes in (
            ("ana", [Scope.STATE_READ]),
            ("boss", [Scope.ACCOUNTS_WRITE, Scope.STATE_READ]),
            ("ana", [Scope.INCIDENTS_WRITE]),
            ("ana", [Scope.INCIDENTS_WRITE]),
            ("boss", [*Scope]),
        )
    )

    def revokes(text: str, other: str) -> None:
        actor = made.authorizer().by_token(text, HOME).actor
        made.tokens(actor).revoke(other.split("_")[1])

    with pytest.raises(Refused, match=r"scope\.missing"):
        revokes(itself, more)
    with pytest.raises(NotFound):
        revokes(itself, every)
    revokes(itself, itself)
    for other in (more, every):
        with pytest.raises(Refused, match=r"account\.beyond"):
            revokes(keeper, other)
    revokes(keeper, small)
    revokes(keeper, keeper)
    revokes(every, more)
    assert [opens(made, one) for one in (small, keeper, more, itself, every)] == [False] * 4 + [
        True
    ]


def test_a_disabled_owner_gets_no_token(made: Office) -> None:
    made.add("ana")
    made.commands().disable("ana")
    with pytest.raises(Refused, match=r"token\.owner_disabled"):
        token(made, "ana", Scope.STATE_READ)
