"""Who signs in is who knows the password and has the authenticator; who guesses learns nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from monitor.accounts.own_account.proof import Proof
from monitor.accounts.secrets import Argon2Passwords
from monitor.accounts.session_keys import IDLE_S, SESSION_S, hash_of
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import Via
from monitor.domain.refusals import Refused
from tests.accounts.accounts import HOME, PASSWORD, Office, code_of

WRONG = "incorrect horse battery"


def refusal(made: Office, *args: str, **kwargs: str) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refused) as refused:
        made.sign_in(*args, **kwargs)
    return refused.value.code, dict(refused.value.fields)


class CountingPasswords(Argon2Passwords):
    """Counts how often somebody had to wait for a hash."""

    def __init__(self) -> None:
        super().__init__(64, 1)
        self.asked = 0

    def is_right(self, password: str, hashed: str) -> bool:
        self.asked += 1
        return super().is_right(password, hashed)


def is_used(made: Office, key: str) -> bool:
    """A request with this session's key, which opens, and whose last use is written."""
    authorizer = made.authorizer()
    signed_in = authorizer.by_session(key, HOME, Via.CONSOLE)
    if signed_in is not None and signed_in.last_use is not None:
        authorizer.note(signed_in.last_use)
    return signed_in is not None


def with_second_factor(made: Office, name: str) -> tuple[bytes, tuple[str, ...]]:
    """The seed and the recovery codes."""
    seed, enrolled = made.enrol(made.sign_in(name))
    return seed, enrolled.recovery_codes


def test_a_session_says_who_asks_and_what_that_may_do(made: Office) -> None:
    made.add("ana", AccountRole.OPERATOR)
    signed_in = made.authorizer().by_session(made.sign_in("ana"), HOME, Via.CONSOLE)
    assert signed_in is not None
    actor = signed_in.actor
    assert (actor.id, actor.via, actor.address) == ("ana", Via.CONSOLE, HOME)
    assert actor.may(Scope.INCIDENTS_WRITE)
    assert not actor.may(Scope.BILLING_READ)


def test_an_unknown_account_and_a_wrong_password_are_refused_alike(made: Office) -> None:
    made.add("ana")
    made.add("off")
    made.commands().add("boss", roles=[AccountRole.ADMIN], password=PASSWORD)
    made.commands().disable("off")
    refused = {
        str(refusal(made, "ana", WRONG)),
        str(refusal(made, "nobody", WRONG)),
        str(refusal(made, "off", PASSWORD)),
        str(refusal(made, "", "")),
        str(refusal(made, "ana", PASSWORD + "\0")),
    }
    assert refused == {"('signin.refused', {})"}
    kinds = [(c.kind, c.subject) for c in made.changes() if c.kind.startswith("session")]
    assert kinds == [("session.refused", s) for s in ("ana", "", "off", "", "ana")]


@pytest.mark.parametrize("name", ["ana", "nobody", "off", "provider"])
def test_every_try_to_sign_in_costs_one_hash_whoever_is_named(made: Office, name: str) -> None:
    """Else the time would tell which accounts there are."""
    made.add("ana")
    made.add("boss", AccountRole.ADMIN)
    made.add("off")
    made.commands().disable("off")
    made.add("provider")
    with made.journal.transaction() as tx:
        account = tx.accounts.get(AccountName("provider"))
        assert account is not None
        tx.accounts.save(replace(account, password_hash=""))
    made.passwords = counting = CountingPasswords()
    assert refusal(made, name, WRONG)[0] == "signin.refused"
    assert counting.asked == 1


def test_a_code_opens_once_and_only_for_its_account(made: Office) -> None:
    made.add("ana")
    seed, _ = with_second_factor(made, "ana")
    code = code_of(seed, made.clock.now())
    assert refusal(made, "ana")[0] == "signin.refused"
    assert refusal(made, "ana", code="000000")[0] == "signin.refused"
    made.sign_in("ana", code=f"{code[:3]} {code[3:]}")
    assert refusal(made, "ana", code=code)[0] == "signin.refused"
    assert refusal(made, "ana", code="١٢٣٤٥٦")[0] == "signin.refused"


@pytest.mark.parametrize(("late_s", "opens"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_clock_may_be_a_step_off_and_no_more(made: Office, late_s: int, opens: bool) -> None:
    made.add("ana")
    seed, _ = with_second_factor(made, "ana")
    made.clock.advance(300)
    code = code_of(seed, type(made.clock.now())(made.clock.now() + late_s))
    if opens:
        assert made.sign_in("ana", code=code)
    else:
        assert refusal(made, "ana", code=code)[0] == "signin.refused"


def test_a_recovery_code_opens_once(made: Office) -> None:
    made.add("ana")
    _, codes = with_second_factor(made, "ana")
    assert len(set(codes)) == 10
    made.sign_in("ana", code=codes[3].upper())
    assert refusal(made, "ana", code=codes[3])[0] == "signin.refused"
    made.sign_in("ana", code=codes[4])


class ShutJournal:
    """A writer has it, for as long as it likes."""

    def transaction(self) -> NoReturn:
        raise AssertionError("this would wait")


def test_a_try_that_comes_too_soon_waits_for_no_writer(
    made: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.add("ana", AccountRole.VIEWER)
    while refusal(made, "ana", WRONG)[0] != "signin.wait":
        pass
    monkeypatch.setattr(made, "journal", ShutJournal())
    assert refusal(made, "ana", WRONG)[0] == "signin.wait"
    assert refusal(made, "ana", PASSWORD)[0] == "signin.wait"


def test_who_guesses_waits_longer_and_longer(made: Office) -> None:
    made.add("ana")
    for _ in range(5):
        assert refusal(made, "ana", WRONG)[0] == "signin.refused"
    code, fields = refusal(made, "ana", PASSWORD)
    assert code == "signin.wait"
    made.clock.advance(float(str(fields["seconds"])))
    made.sign_in("ana")


def test_a_colleague_is_not_locked_out_by_who_guesses_his_password_elsewhere(made: Office) -> None:
    made.add("ana")
    made.sign_in("ana")
    for n in range(60):
        refusal(made, "ana", WRONG, address=f"198.51.100.{n}")
    assert refusal(made, "ana", address="198.51.100.99")[0] == "signin.wait"
    made.sign_in("ana", address=HOME)


@pytest.mark.parametrize("leaves", ["signs out", "is reset", "has a new password", "is disabled"])
def test_a_colleague_is_known_by_his_network_for_30_days_after_he_left(
    made: Office, leaves: str
) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    password = "a whole new sentence"
    match leaves:
        case "signs out":
            with made.journal.transaction() as tx:
                tx.accounts.end_session(hash_of(key), made.clock.now())
            password = PASSWORD
        case "is reset":
            made.commands().reset("ana", password=password)
        case "has a new password":
            made.own(key).change_password(Proof(password=PASSWORD), password)
            again = made.own(made.sign_in("ana", password))
            again.change_password(Proof(password=password), password + "!")
            password += "!"
        case _:
            made.add("boss", AccountRole.ADMIN)
            made.commands().disable("ana")
            made.commands().enable("ana")
            password = PASSWORD
    assert made.authorizer().by_session(key, HOME, Via.CONSOLE) is None
    made.clock.advance(30 * 86_400)
    for n in range(60):
        refusal(made, "ana", WRONG, address=f"198.51.100.{n}")
    made.sign_in("ana", password)
    made.clock.advance(30 * 86_400 + 1)
    for n in range(60):
        refusal(made, "ana", WRONG, address=f"198.51.100.{n}")
    assert refusal(made, "ana", password)[0] == "signin.wait"


def test_who_signs_in_rightly_counts_nowhere(made: Office) -> None:
    made.add("ana")
    made.add("eva")
    for _ in range(40):
        made.sign_in("ana")
    made.sign_in("eva")
    for n in range(60):
        made.sign_in("eva", address=f"198.51.100.{n}")


def test_a_right_sign_in_forgives_no_other_try_from_its_address(made: Office) -> None:
    made.add("ana")
    for n in range(30):
        assert refusal(made, f"guess-{n}", WRONG)[0] == "signin.refused"
        if n < 29:
            made.sign_in("ana")
    assert refusal(made, "ana")[0] == "signin.wait"


def test_an_empty_name_is_a_name_like_others(made: Office) -> None:
    for _ in range(5):
        assert refusal(made, "  ", WRONG)[0] == "signin.refused"
    assert refusal(made, "", WRONG)[0] == "signin.wait"


def test_addresses_of_one_network_guess_together(made: Office) -> None:
    made.add("ana")
    for n in range(5):
        refusal(made, "ana", WRONG, address=f"2001:db8:0:1::{n:x}")
    assert refusal(made, "ana", address="2001:db8:0:1:ffff::1")[0] == "signin.wait"
    made.sign_in("ana", address="2001:db8:0:2::1")


def test_a_session_ends_by_time_by_idleness_and_by_a_new_password(made: Office) -> None:
    made.add("ana")
    key, other = made.sign_in("ana"), made.sign_in("ana")
    former = key
    key = made.own(key).change_password(Proof(password=PASSWORD), "a whole new sentence").key
    assert made.authorizer().by_session(other, HOME, Via.CONSOLE) is None
    assert made.authorizer().by_session(former, HOME, Via.CONSOLE) is None
    assert made.authorizer().by_session(key, HOME, Via.CONSOLE) is not None
    assert refusal(made, "ana", PASSWORD)[0] == "signin.refused"
    idle = made.sign_in("ana", "a whole new sentence")
    began = made.clock.now()
    while made.clock.now() + IDLE_S - 1 < began + SESSION_S:
        made.clock.advance(IDLE_S - 1)
        assert is_used(made, key)
    assert not is_used(made, idle)
    made.clock.advance(began + SESSION_S - made.clock.now() - 1)
    assert is_used(made, key)
    made.clock.advance(1)
    assert not is_used(made, key)


def test_a_session_is_idle_from_its_last_use_on(made: Office) -> None:
    made.add("ana")
    key = made.sign_in("ana")
    made.clock.advance(IDLE_S - 1)
    assert is_used(made, key)
    made.clock.advance(IDLE_S)
    assert not is_used(made, key)


def test_a_reset_ends_sessions_and_takes_the_second_factor_off(made: Office) -> None:
    made.add("ana")
    seed, _ = with_second_factor(made, "ana")
    key = made.sign_in("ana", code=code_of(seed, made.clock.now()))
    _, said = made.commands().reset("ana")
    assert made.authorizer().by_session(key, HOME, Via.CONSOLE) is None
    made.sign_in("ana", said)


def test_the_seed_opens_with_the_key_file_alone(made: Office, tmp_path: Path) -> None:
    made.add("ana")
    seed, codes = with_second_factor(made, "ana")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("journal.db*"))
    assert seed not in stored
    assert PASSWORD.encode() not in stored
    assert not any(code.encode() in stored for code in codes)
    assert (tmp_path / "console.key").stat().st_mode & 0o777 == 0o600
    sealed = made.sealer.seal(seed, "ana")
    with pytest.raises(Refused, match=r"second_factor\.other_key"):
        made.sealer.open(sealed, "eva")
    with pytest.raises(Refused, match=r"second_factor\.other_key"):
        made.sealer.open(sealed[:-1], "ana")
