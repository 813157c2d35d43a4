"""Whose account a provider's word opens: the person's, by what never changes; and nobody else's."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from monitor.accounts.elsewhere import Elsewhere
from monitor.accounts.own_account.proof import FRESH_S, Proof
from monitor.accounts.secrets import SystemRandomness
from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.provider_sign_in import CodeNeeded, ProviderSignIn, Visitor
from monitor.accounts.sign_in.throttle import PAIR
from monitor.domain.accounts.account import Account, AccountName, OpenedBy
from monitor.domain.accounts.identity import Identity, ProviderRules
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.refusals import Refused
from tests.accounts.accounts import HOME, PASSWORD, SHELL, Office
from tests.accounts.test_own_account import refused

ISSUER = "https://id.example"
ANA = Identity(issuer=ISSUER, subject="7f3a", email="ana@example.com", username="ana.perez")
RULES = ProviderRules(roles_of_group={}, second_factor=frozenset())
GROUPS = replace(
    RULES,
    roles_of_group={
        "ops": frozenset({AccountRole.OPERATOR}), "bosses": frozenset({AccountRole.ADMIN}),
    },
)  # fmt: skip
STRONG = replace(RULES, second_factor=frozenset({"mfa"}))


def open_by(made: Office, identity: Identity, rules: ProviderRules = RULES, code: str = "") -> str:
    desk = ProviderSignIn(
        reading=made.reading, journal=made.journal,
        codes=Codes(second_factor=made.second_factor, sealer=made.sealer),
        randomness=SystemRandomness(), clock=made.clock, throttle=made.throttle, rules=rules,
    )  # fmt: skip
    return desk.sign_in(Visitor(identity=identity, address=HOME, code=code))


def add(made: Office, name: str, email: str | None = None, subject: str | None = None) -> None:
    made.commands().add(
        name, roles=[AccountRole.OPERATOR], has_password=False,
        elsewhere=Elsewhere(issuer=ISSUER, email=email, subject=subject),
    )  # fmt: skip


def account(made: Office, name: str) -> Account:
    with made.journal.transaction() as tx:
        found = tx.accounts.get(AccountName(name))
    assert found is not None
    return found


def why(made: Office) -> object:
    last = made.changes()[-1]
    assert last.kind == "session.refused"
    return last.after["why"]


def test_a_subject_opens_the_account_that_is_bound_to_it(made: Office) -> None:
    add(made, "ana", subject="7f3a")
    found = made.signed_in(open_by(made, ANA))
    assert (found.actor.id, found.session.opened_by) == ("ana", OpenedBy.PROVIDER)
    assert found.actor.may(Scope.INCIDENTS_WRITE)


def test_the_same_subject_at_another_provider_is_another_person(made: Office) -> None:
    add(made, "ana", subject="7f3a")
    other = replace(ANA, issuer="https://id.example/other-tenant", email=None)
    assert refused(open_by, made, other) == "signin.no_account"
    assert why(made) == "unknown"


def test_a_verified_address_binds_once_and_then_the_subject_counts(made: Office) -> None:
    """A provider gives a former colleague's address to the next one."""
    add(made, "ana", email="Ana@Example.com")
    open_by(made, ANA)
    assert (account(made, "ana").issuer, account(made, "ana").subject) == (ISSUER, "7f3a")
    successor = replace(ANA, subject="9b1c")
    assert refused(open_by, made, successor) == "signin.no_account"
    assert why(made) == "email_of_another"
    renamed = replace(ANA, email="ana.gomez@example.com")
    assert made.signed_in(open_by(made, renamed)).actor.id == "ana"


def test_an_address_that_is_not_verified_binds_nothing(made: Office) -> None:
    add(made, "ana", email="ana@example.com")
    assert refused(open_by, made, replace(ANA, email=None)) == "signin.no_account"
    assert account(made, "ana").subject is None


def test_a_name_at_the_provider_opens_nothing(made: Office) -> None:
    """Anybody may call himself as the admin does there."""
    made.add("ana.perez", AccountRole.ADMIN)
    for rules in (RULES, GROUPS):
        identity = replace(ANA, email=None, groups=frozenset({"ops"}))
        assert refused(open_by, made, identity, rules) == "signin.no_account"
    assert why(made) == "name_taken"
    assert account(made, "ana.perez").subject is None


def test_an_address_does_not_tell_whether_it_has_an_account(made: Office) -> None:
    add(made, "ana", email="ana@example.com")
    add(made, "off", email="off@example.com")
    made.add("boss", AccountRole.ADMIN)
    made.commands().disable("off")
    open_by(made, ANA)
    answers = set()
    for identity in (
        replace(ANA, subject="1"),
        replace(ANA, subject="2", email="off@example.com"),
        replace(ANA, subject="3", email="nobody@example.com"),
        replace(ANA, subject="4", email=None),
    ):
        with pytest.raises(Refused) as found:
            open_by(made, identity)
        answers.add(str(found.value))
    assert answers == {"signin.no_account"}


def test_a_disabled_account_stays_out_and_is_not_bound(made: Office) -> None:
    add(made, "ana", email="ana@example.com")
    made.add("boss", AccountRole.ADMIN)
    made.commands().disable("ana")
    assert refused(open_by, made, ANA) == "signin.no_account"
    assert (why(made), account(made, "ana").subject) == ("disabled", None)
    made.commands().enable("ana")
    open_by(made, ANA)
    made.commands().disable("ana")
    assert refused(open_by, made, ANA) == "signin.no_account"


def test_no_account_springs_up_where_no_group_is_configured(made: Office) -> None:
    member = replace(ANA, groups=frozenset({"ops"}))
    assert refused(open_by, made, member) == "signin.no_account"
    assert refused(open_by, made, replace(ANA, groups=frozenset({"staff"})), GROUPS) == (
        "signin.no_account"
    )


def test_a_member_of_a_group_gets_an_account_with_its_roles(made: Office) -> None:
    key = open_by(made, replace(ANA, groups=frozenset({"ops", "staff"})), GROUPS)
    found = account(made, "ana.perez")
    assert (found.roles, found.password_hash, found.follows_groups) == (
        frozenset({AccountRole.OPERATOR}), "", True,
    )  # fmt: skip
    assert made.signed_in(key).actor.id == "ana.perez"
    added, begun = made.changes()[-2:]
    assert (added.kind, added.actor, added.address) == ("account.added", "estado", HOME)
    assert (begun.kind, begun.actor) == ("session.begun", "ana.perez")
    assert refused(made.sign_in, "ana.perez", "") == "signin.refused"


def test_who_leaves_a_group_loses_its_roles_and_in_none_everything(made: Office) -> None:
    member = replace(ANA, groups=frozenset({"ops", "bosses"}))
    first = open_by(made, member, GROUPS)
    _, text = made.tokens().create("", owner="ana.perez", scopes=[Scope.AUDIT_READ], days=1)
    open_by(made, replace(member, groups=frozenset({"ops"})), GROUPS)
    assert not made.signed_in(first).actor.may(Scope.ACCOUNTS_WRITE)
    assert refused(open_by, made, replace(member, groups=frozenset()), GROUPS) == (
        "signin.no_account"
    )
    assert why(made) == "no_group"
    assert not made.is_open(first)
    assert made.authorizer().by_token(text, "").actor.scopes == frozenset()
    again = made.signed_in(open_by(made, member, GROUPS))
    assert again.actor.may(Scope.ACCOUNTS_WRITE)


def test_groups_do_not_touch_an_account_that_was_made_here(made: Office) -> None:
    """Else whoever may name groups at the provider would make himself an admin here."""
    add(made, "ana", subject="7f3a")
    found = made.signed_in(open_by(made, replace(ANA, groups=frozenset({"bosses"})), GROUPS))
    assert not found.actor.may(Scope.ACCOUNTS_WRITE)


def test_roles_that_were_given_here_are_not_taken_back_by_groups(made: Office) -> None:
    member = replace(ANA, groups=frozenset({"ops"}))
    open_by(made, member, GROUPS)
    made.commands().change("ana.perez", roles=[AccountRole.BILLING])
    open_by(made, member, GROUPS)
    assert account(made, "ana.perez").roles == {AccountRole.BILLING}


def test_the_word_of_a_provider_is_no_second_factor_unless_it_is_said_to_be(made: Office) -> None:
    add(made, "ana", subject="7f3a")
    key = open_by(made, ANA)
    seed, _ = made.enrol(key, Proof())
    claims_it = replace(ANA, methods=frozenset({"mfa"}))
    with pytest.raises(CodeNeeded):
        open_by(made, claims_it)
    found = made.signed_in(open_by(made, claims_it, STRONG))
    assert found.session.opened_by is OpenedBy.PROVIDER_TWO_FACTOR
    with pytest.raises(CodeNeeded):
        open_by(made, ANA, STRONG)
    code = made.code(seed)
    open_by(made, ANA, code=code)
    assert refused(open_by, made, ANA, code=code) == "signin.code", "a code opens once"


def test_nobody_is_bound_to_an_account_whose_second_factor_he_does_not_have(
    made: Office,
) -> None:
    """Who has taken over a mailbox could else shut its owner out."""
    made.add("ana")
    made.enrol(made.sign_in("ana"))
    made.commands().change("ana", elsewhere=Elsewhere(issuer=ISSUER, email="ana@example.com"))
    with pytest.raises(CodeNeeded):
        open_by(made, ANA)
    assert refused(open_by, made, ANA, code="000000") == "signin.code"
    assert account(made, "ana").subject is None
    assert [c.kind for c in made.changes()].count("account.bound") == 0


def test_codes_after_a_provider_are_guessed_no_faster_than_others(
    made: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(made, "ana", subject="7f3a")
    seed, _ = made.enrol(open_by(made, ANA), Proof())
    for _ in range(PAIR.most):
        assert refused(open_by, made, ANA, code="000000") == "signin.code"
    with monkeypatch.context() as shut:
        shut.setattr(made, "journal", None)  # it waits for no writer
        assert refused(open_by, made, ANA, code=made.code(seed)) == "signin.wait"
    made.clock.advance(PAIR.window_s)
    open_by(made, ANA, code=made.code(seed))


def test_a_role_that_demands_a_second_factor_takes_the_providers_where_it_counts(
    made: Office,
) -> None:
    made.two_factor_roles = frozenset({AccountRole.OPERATOR})
    add(made, "ana", subject="7f3a")
    assert made.signed_in(open_by(made, ANA)).must_enrol
    strong = replace(ANA, methods=frozenset({"mfa"}))
    assert not made.signed_in(open_by(made, strong, STRONG)).must_enrol
    assert made.signed_in(open_by(made, strong)).must_enrol, "it is not configured to count"


def test_who_has_no_password_proves_it_by_having_just_signed_in(made: Office) -> None:
    add(made, "ana", subject="7f3a")
    key = open_by(made, ANA)
    assert refused(made.own(key).change_password, Proof(), "a whole new sentence") == (
        "password.none"
    )
    made.clock.advance(FRESH_S)
    begun = made.factor(key).begin()
    code = made.code(base64.b32decode(begun.secret))
    assert refused(made.factor(key).confirm, Proof(), begun.text, code) == "session.not_fresh"
    made.enrol(open_by(made, ANA), Proof())


def test_another_person_elsewhere_ends_the_sessions_of_the_one_before(made: Office) -> None:
    add(made, "ana", subject="7f3a")
    key = open_by(made, ANA)
    made.commands().change("ana", elsewhere=Elsewhere(issuer=ISSUER, subject="9b1c"))
    assert not made.is_open(key)
    assert refused(open_by, made, replace(ANA, email=None)) == "signin.no_account"
    open_by(made, replace(ANA, subject="9b1c"))


def test_an_account_is_bound_to_one_and_one_to_an_account(made: Office) -> None:
    add(made, "ana", email="ana@example.com")
    add(made, "eva", subject="7f3a")
    cases = {
        "account.email_taken": Elsewhere(issuer=ISSUER, email="ANA@example.com"),
        "account.identity_taken": Elsewhere(issuer=ISSUER, subject="7f3a"),
        "account.no_provider": Elsewhere(issuer=None, subject="1"),
        "account.no_way_in": Elsewhere(issuer=ISSUER),
        "account.email": Elsewhere(issuer=ISSUER, email="\u0430na@example.com"),
    }
    for code, elsewhere in cases.items():
        given = {"roles": [AccountRole.VIEWER], "elsewhere": elsewhere, "has_password": False}
        assert refused(made.commands(SHELL).add, "new", **given) == code
    made.commands().add(
        "eli", roles=[AccountRole.VIEWER], password=PASSWORD, elsewhere=Elsewhere(issuer=None)
    )
    made.sign_in("eli")
