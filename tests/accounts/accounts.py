"""Accounts for tests: a real journal, real hashes, a clock that stands, numbers that count."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from monitor.accounts.authorize import Authorizer, SignedIn
from monitor.accounts.commands import AccountCommands
from monitor.accounts.own_account.own_account import OwnAccount
from monitor.accounts.own_account.proof import Proof, Prover
from monitor.accounts.own_account.second_factor import Enrolled, OwnSecondFactor
from monitor.accounts.secrets import (
    Argon2Passwords,
    KeyFileSealer,
    SystemRandomness,
    TotpSecondFactor,
)
from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.refused_tries import RefusedTries
from monitor.accounts.sign_in.sign_in import Attempt, SignIn
from monitor.accounts.sign_in.throttle import Throttle
from monitor.accounts.tokens import TokenCommands
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor, ActorKind, Change, Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, open_journal, open_journal_to_read
from tests.support.clock import FakeClock
from tests.support.journals import new_journal

PASSWORD = "correct horse battery"
SHELL = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)
HOME = "192.0.2.7"
SERVICES = (ServiceId("mail"), ServiceId("radio"))


@dataclass(slots=True)
class Office:
    """Who may act, over one journal."""

    journal: SqlJournal
    reading: SqlJournal
    sealer: KeyFileSealer
    clock: FakeClock = field(default_factory=FakeClock)
    passwords: Argon2Passwords = field(default_factory=lambda: Argon2Passwords(64, 1))
    second_factor: TotpSecondFactor = field(default_factory=lambda: TotpSecondFactor("Prueba"))
    throttle: Throttle = field(default_factory=Throttle)
    refused_tries: RefusedTries = field(default_factory=RefusedTries)
    two_factor_roles: frozenset[AccountRole] = frozenset()

    def commands(self, actor: Actor = SHELL) -> AccountCommands:
        return AccountCommands(
            journal=self.journal, passwords=self.passwords, randomness=SystemRandomness(),
            clock=self.clock, actor=actor, known_services=SERVICES,
        )  # fmt: skip

    def tokens(self, actor: Actor = SHELL) -> TokenCommands:
        return TokenCommands(
            journal=self.journal, randomness=SystemRandomness(), clock=self.clock, actor=actor
        )

    def authorizer(self) -> Authorizer:
        return Authorizer(
            reading=self.reading, journal=self.journal, clock=self.clock,
            two_factor_roles=self.two_factor_roles,
        )  # fmt: skip

    def signed_in(self, key: str, address: str = HOME) -> SignedIn:
        found = self.authorizer().by_session(key, address, Via.CONSOLE)
        assert found is not None
        return found

    def is_open(self, key: str) -> bool:
        return self.authorizer().by_session(key, HOME, Via.CONSOLE) is not None

    def own(self, key: str, address: str = HOME) -> OwnAccount:
        found = self.signed_in(key, address)
        return OwnAccount(
            journal=self.journal, passwords=self.passwords, randomness=SystemRandomness(),
            clock=self.clock, prover=self._prover(found), actor=found.actor, session=found.session,
        )  # fmt: skip

    def factor(self, key: str) -> OwnSecondFactor:
        found = self.signed_in(key)
        return OwnSecondFactor(
            second_factor=self.second_factor, sealer=self.sealer, randomness=SystemRandomness(),
            clock=self.clock, prover=self._prover(found), actor=found.actor, session=found.session,
            two_factor_roles=self.two_factor_roles,
        )  # fmt: skip

    def enrol(self, key: str, proof: Proof | None = None) -> tuple[bytes, Enrolled]:
        """A new second factor: its seed, and what is said once. A minute goes by, so that the next
        code is another one."""
        begun = self.factor(key).begin()
        seed = base64.b32decode(begun.secret)
        code = code_of(seed, self.clock.now())
        done = self.factor(key).confirm(proof or Proof(password=PASSWORD), begun.text, code)
        self.clock.advance(60)
        return seed, done

    def code(self, seed: bytes) -> str:
        """What the authenticator shows now."""
        return code_of(seed, self.clock.now())

    def _prover(self, found: SignedIn) -> Prover:
        return Prover(
            journal=self.journal, passwords=self.passwords,
            codes=Codes(second_factor=self.second_factor, sealer=self.sealer),
            throttle=self.throttle, clock=self.clock, actor=found.actor,
            session=found.session,
        )  # fmt: skip

    def add(self, name: str, *roles: AccountRole) -> None:
        self.commands().add(name, roles=roles or (AccountRole.OPERATOR,), password=PASSWORD)

    def sign_in(
        self, name: str, password: str = PASSWORD, code: str = "", address: str = HOME
    ) -> str:
        desk = SignIn(
            reading=self.reading, journal=self.journal, passwords=self.passwords,
            second_factor=self.second_factor, sealer=self.sealer, randomness=SystemRandomness(),
            clock=self.clock, throttle=self.throttle, refused_tries=self.refused_tries,
        )  # fmt: skip
        return desk.sign_in(Attempt(name=name, password=password, code=code, address=address))

    def changes(self) -> list[Change]:
        with self.journal.transaction() as tx:
            return list(tx.changes.since(0, 1_000))


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    url = new_journal(folder / "journal.db")
    with open_journal(url) as journal, open_journal_to_read(url) as reading:
        yield Office(journal=journal, reading=reading, sealer=KeyFileSealer(folder / "console.key"))


def code_of(seed: bytes, now: Second) -> str:
    """What an authenticator shows."""
    return TOTP(seed, 6, SHA1(), 30).generate(now).decode()  # noqa: S303
