"""Of two who use one code at the same moment, one gets in: on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from monitor.accounts.ports import AccountsJournal, AccountsTransaction
from monitor.accounts.secrets import Argon2Passwords, KeyFileSealer, SystemRandomness
from monitor.accounts.sign_in.codes import hashes_of
from monitor.accounts.sign_in.refused_tries import RefusedTries
from monitor.accounts.sign_in.sign_in import Attempt, SignIn
from monitor.accounts.sign_in.throttle import Throttle
from monitor.domain.accounts.account import Account, AccountName
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from tests.accounts.accounts import PASSWORD, code_of
from tests.support.clock import FakeClock

SEED = b"s" * 20
RECOVERY = "k3f9-a27m-bbbb-cccc"
ANA = AccountName("ana")


@dataclass
class TogetherJournal:
    """The transaction in which a try is judged waits for the other one's."""

    inner: AccountsJournal
    barrier: Barrier

    @contextmanager
    def transaction(self) -> Iterator[AccountsTransaction]:
        self.barrier.wait()
        with self.inner.transaction() as tx:
            yield tx


class SteppedFactor:
    """Takes the code for the one of the present step."""

    def new_seed(self) -> bytes:
        return SEED

    def address(self, seed: bytes, account: AccountName) -> str:
        return ""

    def step_of(self, seed: bytes, code: str, now: Second) -> int | None:
        return now // 30 if code == code_of(seed, now) else None


@pytest.mark.parametrize("kind", ["recovery code", "authenticator's code"])
def test_of_two_who_use_one_code_at_once_one_gets_in(url: str, tmp_path: Path, kind: str) -> None:
    clock, passwords = FakeClock(), Argon2Passwords(64, 1)
    sealer = KeyFileSealer(tmp_path / "console.key")
    with open_journal(url) as journal, journal.transaction() as tx:
        tx.accounts.save(
            Account(
                name=ANA, roles=frozenset({AccountRole.VIEWER}), password_changed_at=clock.now(),
                password_hash=passwords.hashed(PASSWORD), created_at=clock.now(),
                totp_seed=sealer.seal(SEED, ANA), recovery_hashes=hashes_of((RECOVERY,)),
            )
        )  # fmt: skip
    code = RECOVERY if kind == "recovery code" else code_of(SEED, clock.now())
    barrier = Barrier(2, timeout=20)

    def tried() -> str:
        with open_journal(url) as journal:
            desk = SignIn(
                reading=journal, journal=TogetherJournal(journal, barrier), passwords=passwords,
                second_factor=SteppedFactor(), sealer=sealer, randomness=SystemRandomness(),
                clock=clock, throttle=Throttle(), refused_tries=RefusedTries(),
            )  # fmt: skip
            return outcome(
                lambda: desk.sign_in(Attempt(name=ANA, password=PASSWORD, code=code, address=""))
            )

    with ThreadPoolExecutor(2) as pool:
        found = sorted(future.result() for future in [pool.submit(tried), pool.submit(tried)])
    assert found == ["opened", "signin.refused"]
    with open_journal(url) as journal, journal.transaction() as tx:
        assert len(tx.accounts.sessions(ANA)) == 1


def outcome(attempt: Callable[[], str]) -> str:
    try:
        attempt()
    except Refused as refused:
        return refused.code
    return "opened"
