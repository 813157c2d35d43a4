"""What somebody does to the own account, and what whoever finds it open cannot do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.accounts.own_account.proof import Proof
from monitor.accounts.own_account.second_factor import ENROLMENT_S
from monitor.accounts.secrets import LockedSealer
from monitor.accounts.session_keys import IDLE_S, SESSION_S
from monitor.accounts.sign_in.throttle import PAIR
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import Change
from monitor.domain.refusals import NotFound, Refused
from tests.accounts.accounts import PASSWORD, Office, code_of

NEW = "a whole new sentence"
TYPED = Proof(password=PASSWORD)


def refused(attempt: Callable[..., object], *given: object, **named: object) -> str:
    with pytest.raises(Refused) as found:
        attempt(*given, **named)
    return found.value.code


def last(made: Office) -> Change:
    return made.changes()[-1]


def test_a_new_password_opens_and_the_former_one_does_not(made: Office) -> None:
    made.add("ana")
    made.own(made.sign_in("ana")).change_password(TYPED, NEW)
    assert refused(made.sign_in, "ana", PASSWORD) == "signin.refused"
    made.sign_in("ana", NEW)


def test_no_session_outlives_a_new_password_not_even_under_the_key_that_asked(
    made: Office,
) -> None:
    """Whoever copied the cookie of the browser in use has that key too."""
    made.add("ana")
    made.add("eva")
    here, elsewhere, evas = made.sign_in("ana"), made.sign_in("ana"), made.sign_in("eva")
    changed = made.own(here).change_password(TYPED, NEW)
    assert changed.sessions_ended == 1
    assert [made.is_open(key) for key in (here, elsewhere, changed.key, evas)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert (last(made).kind, last(made).after) == (
        "account.password_changed", {"sessions_ended": 1},
    )  # fmt: skip


def test_tokens_stay_with_a_new_password_and_are_named(made: Office) -> None:
    made.add("ana")
    kept, _ = made.tokens().create("Grafana", owner="ana", scopes=[Scope.STATE_READ], days=None)
    over, _ = made.tokens().create("old", owner="ana", scopes=[Scope.STATE_READ], days=None)
    made.tokens().revoke(over.id)
    changed = made.own(made.sign_in("ana")).change_password(TYPED, NEW)
    assert [(token.id, token.label) for token in changed.tokens] == [(kept.id, "Grafana")]


@pytest.mark.parametrize(
    ("new", "code"),
    [(PASSWORD, "password.same"), ("short", "password.short"), ("ana " * 4, "password.has_name")],
)
def test_a_new_password_is_a_good_one_and_another(made: Office, new: str, code: str) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    assert refused(made.own(key).change_password, TYPED, new) == code
    assert made.is_open(key)


def test_with_a_second_factor_a_new_password_needs_a_code_that_was_not_used(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    code = made.code(seed)
    key = made.sign_in("ana", code=code)
    own = made.own(key)
    for wrong in ("", "000000", code, enrolled.recovery_codes[0] + "x"):
        proof = Proof(password=PASSWORD, code=wrong)
        assert refused(own.change_password, proof, NEW) == "proof.wrong"
    made.clock.advance(30)
    made.own(key).change_password(Proof(password=PASSWORD, code=made.code(seed)), NEW)


def test_what_was_wrong_is_not_said_where_there_is_a_second_factor(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    own = made.own(enrolled.key)
    right_code = Proof(password="wrong horse battery", code=made.code(seed))
    right_password = Proof(password=PASSWORD, code="000000")
    for proof in (right_code, right_password):
        with pytest.raises(Refused) as found:
            own.change_password(proof, NEW)
        assert (found.value.code, found.value.fields) == ("proof.wrong", {})
        assert (last(made).kind, last(made).subject) == ("account.not_proved", "ana")


def test_a_code_that_came_with_a_wrong_password_is_not_used_up(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    code = made.code(seed)
    own = made.own(enrolled.key)
    wrong = Proof(password="wrong horse battery", code=code)
    assert refused(own.change_password, wrong, NEW) == "proof.wrong"
    own.change_password(Proof(password=PASSWORD, code=code), NEW)


def test_whoever_finds_a_session_open_guesses_no_faster_than_at_the_door(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    wrong = Proof(password="wrong horse battery")
    for _ in range(PAIR.most):
        assert refused(made.own(key).change_password, wrong, NEW) == "password.wrong"
    assert refused(made.own(key).change_password, TYPED, NEW) == "signin.wait"
    assert refused(made.sign_in, "ana") == "signin.wait", "at the door as well"
    made.clock.advance(PAIR.window_s)
    made.own(key).change_password(TYPED, NEW)


def test_a_stolen_key_guesses_from_many_addresses_as_one_account(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    wrong = Proof(password="wrong horse battery")
    codes = [
        refused(made.own(key, f"198.51.100.{n}").change_password, wrong, NEW) for n in range(60)
    ]
    assert codes.count("password.wrong") == 50
    made.own(key).change_password(TYPED, NEW)


def test_a_seed_counts_once_a_code_shows_that_the_authenticator_has_it(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    begun = made.factor(key).begin()
    assert begun.secret in begun.address
    made.sign_in("ana")
    seed = base64.b32decode(begun.secret)
    other = code_of(b"another seed that it is", made.clock.now())
    assert refused(made.factor(key).confirm, TYPED, begun.text, other) == ("second_factor.code")
    wrong = Proof(password="wrong horse battery")
    assert refused(made.factor(key).confirm, wrong, begun.text, made.code(seed)) == (
        "password.wrong"
    )
    made.sign_in("ana")
    enrolled = made.factor(key).confirm(TYPED, begun.text, made.code(seed))
    assert len(set(enrolled.recovery_codes)) == 10
    assert refused(made.sign_in, "ana") == "signin.refused"
    assert not made.is_open(key)
    assert made.is_open(enrolled.key)


def test_the_code_that_set_it_up_does_not_open_as_well(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    begun = made.factor(key).begin()
    code = made.code(base64.b32decode(begun.secret))
    made.factor(key).confirm(TYPED, begun.text, code)
    assert refused(made.sign_in, "ana", code=code) == "signin.refused"


def test_a_seed_is_brought_back_by_its_session_and_soon(made: Office) -> None:
    """Else whoever saw a seed once could have it set up by somebody else, or much later."""
    made.add("ana")
    made.add("eva")
    key = made.sign_in("ana")
    begun = made.factor(key).begin()
    code = made.code(base64.b32decode(begun.secret))
    for other in (made.sign_in("ana"), made.sign_in("eva")):
        confirm = made.factor(other).confirm
        assert refused(confirm, TYPED, begun.text, code) == "second_factor.begin_again"
    for broken in ("", "x", begun.text[:-4], "AAAA" * 20):
        confirm = made.factor(key).confirm
        assert refused(confirm, TYPED, broken, code) == "second_factor.begin_again"
    made.clock.advance(ENROLMENT_S - 30)
    fresh = made.code(base64.b32decode(begun.secret))
    made.clock.advance(30)
    assert refused(made.factor(key).confirm, TYPED, begun.text, fresh) == (
        "second_factor.begin_again"
    )


def test_what_goes_to_the_browser_is_not_what_the_journal_keeps(
    made: Office, tmp_path: Path
) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    begun = made.factor(key).begin()
    code = made.code(base64.b32decode(begun.secret))
    made.factor(key).confirm(TYPED, begun.text, code)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
    assert base64.urlsafe_b64decode(begun.text) not in stored
    assert begun.secret.encode() not in stored


def test_another_authenticator_needs_a_code_of_the_one_before(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    begun = made.factor(enrolled.key).begin()
    new_seed = base64.b32decode(begun.secret)
    confirm = made.factor(enrolled.key).confirm
    assert refused(confirm, TYPED, begun.text, made.code(new_seed)) == "proof.wrong"
    proof = Proof(password=PASSWORD, code=made.code(seed))
    again = confirm(proof, begun.text, made.code(new_seed))
    made.clock.advance(60)
    assert refused(made.sign_in, "ana", code=made.code(seed)) == "signin.refused"
    assert refused(made.sign_in, "ana", code=enrolled.recovery_codes[0]) == ("signin.refused")
    made.sign_in("ana", code=made.code(new_seed))
    made.sign_in("ana", code=again.recovery_codes[0])


def test_new_recovery_codes_void_those_before(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    factor = made.factor(enrolled.key)
    assert refused(factor.renew_recovery_codes, TYPED) == "proof.wrong"
    proof = Proof(password=PASSWORD, code=made.code(seed))
    codes = factor.renew_recovery_codes(proof)
    assert not set(codes) & set(enrolled.recovery_codes)
    for old in enrolled.recovery_codes[:3]:
        assert refused(made.sign_in, "ana", code=old) == "signin.refused"
    made.sign_in("ana", code=codes[0].upper())
    assert refused(made.sign_in, "ana", code=codes[0]) == "signin.refused"
    assert made.is_open(enrolled.key), "nothing else has changed"


def test_without_a_second_factor_there_is_nothing_to_remove_or_to_renew(made: Office) -> None:
    made.add("ana")
    factor = made.factor(made.sign_in("ana"))
    assert refused(factor.remove, TYPED) == "second_factor.none"
    assert refused(factor.renew_recovery_codes, TYPED) == "second_factor.none"


def test_a_second_factor_is_removed_by_who_has_it_with_every_other_session(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    other = made.sign_in("ana", code=enrolled.recovery_codes[0])
    assert refused(made.factor(enrolled.key).remove, TYPED) == "proof.wrong"
    proof = Proof(password=PASSWORD, code=made.code(seed))
    key = made.factor(enrolled.key).remove(proof)
    assert [made.is_open(k) for k in (enrolled.key, other, key)] == [False, False, True]
    assert last(made).kind == "account.second_factor_removed"
    made.sign_in("ana")


def test_what_a_role_demands_is_not_removed(made: Office) -> None:
    made.add("ana", AccountRole.ADMIN)
    seed, enrolled = made.enrol(made.sign_in("ana"))
    made.two_factor_roles = frozenset({AccountRole.ADMIN})
    proof = Proof(password=PASSWORD, code=made.code(seed))
    assert refused(made.factor(enrolled.key).remove, proof) == "second_factor.demanded"
    made.sign_in("ana", code=made.code(seed))


def test_who_lacks_what_a_role_demands_may_set_it_up_and_nothing_else(made: Office) -> None:
    made.two_factor_roles = frozenset({AccountRole.ADMIN, AccountRole.APPROVER})
    made.add("boss", AccountRole.ADMIN, AccountRole.OPERATOR)
    made.add("ana")
    key = made.sign_in("boss")
    found = made.signed_in(key)
    assert found.must_enrol
    assert found.actor.scopes == frozenset()
    tokens = made.tokens(found.actor)
    given = {"owner": "boss", "scopes": [Scope.STATE_READ], "days": 1}
    assert refused(tokens.create, "", **given) == "account.beyond"
    assert not made.signed_in(made.sign_in("ana")).must_enrol
    _, enrolled = made.enrol(key)
    now = made.signed_in(enrolled.key)
    assert not now.must_enrol
    assert now.actor.may(Scope.ACCOUNTS_WRITE)


def test_a_reset_makes_them_set_it_up_again(made: Office) -> None:
    made.two_factor_roles = frozenset({AccountRole.ADMIN})
    made.add("boss", AccountRole.ADMIN)
    made.enrol(made.sign_in("boss"))
    _, said = made.commands().reset("boss")
    assert made.signed_in(made.sign_in("boss", said)).must_enrol


def test_tokens_open_without_a_second_factor_for_programs_have_none(made: Office) -> None:
    made.add("boss", AccountRole.ADMIN)
    _, text = made.tokens().create("", owner="boss", scopes=[Scope.AUDIT_READ], days=1)
    made.two_factor_roles = frozenset({AccountRole.ADMIN})
    assert made.authorizer().by_token(text, "").actor.may(Scope.AUDIT_READ)


def test_without_the_key_nothing_is_set_up(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    made.sealer = LockedSealer("no such file")  # type: ignore[assignment]
    assert refused(made.factor(key).begin) == "second_factor.no_key"


def test_one_sees_where_one_is_signed_in_and_ends_it(made: Office) -> None:
    made.add("ana")
    made.add("eva")
    over = made.sign_in("ana")
    made.clock.advance(IDLE_S)
    first = made.sign_in("ana", address="192.0.2.8")
    made.clock.advance(1)
    second, evas = made.sign_in("ana"), made.sign_in("eva")
    known = made.own(second).sessions()
    assert [s.address for s in known] == ["192.0.2.7", "192.0.2.8"]
    assert made.own(first).end_session(known[0].id).id == known[0].id
    assert [made.is_open(key) for key in (over, first, second, evas)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert (last(made).kind, last(made).after) == ("session.ended", {"session": known[0].id})
    with pytest.raises(NotFound):
        made.own(first).end_session(made.own(evas).sessions()[0].id)
    assert made.is_open(evas)


def test_a_sessions_id_opens_nothing(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    (found,) = made.own(key).sessions()
    assert not made.is_open(found.id)
    assert found.id not in key
    assert len(found.id) < len(found.key_hash) / 3


def test_a_key_lasts_from_its_renewal_on(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    made.clock.advance(IDLE_S - 1)
    key = made.own(key).change_password(TYPED, NEW).key
    (session,) = made.own(key).sessions()
    assert session.expires_at == made.clock.now() + SESSION_S


def test_the_audit_log_has_no_secret_of_it(made: Office) -> None:
    made.add("ana")
    seed, enrolled = made.enrol(made.sign_in("ana"))
    proof = Proof(password=PASSWORD, code=made.code(seed))
    key = made.own(enrolled.key).change_password(proof, NEW).key
    said = str(made.changes())
    secrets = (key, NEW, PASSWORD, base64.b32encode(seed).decode(), *enrolled.recovery_codes)
    assert not any(secret in said for secret in secrets)
    assert NEW not in repr(proof)
    assert PASSWORD not in repr(proof)
