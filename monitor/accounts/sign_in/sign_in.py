"""Signing in: password and code, in equal time and with one refusal, whoever asks for whatever."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from monitor.accounts.passwords import LONGEST_PASSWORD
from monitor.accounts.ports import (
    AccountsJournal,
    AccountsTransaction,
    Passwords,
    Randomness,
    Sealer,
    SecondFactor,
)
from monitor.accounts.session_keys import new_session
from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.refused_tries import RefusedTries
from monitor.accounts.sign_in.throttle import Throttle
from monitor.domain.accounts.account import KNOWN_S, Account, AccountName, AccountSession
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.ip_address import read_address
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a person typed, and from where. `code`: of the authenticator, or a recovery code."""

    name: str
    password: str
    code: str = ""
    address: str
    user_agent: str = ""
    via: Via = Via.CONSOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """`reading` waits for nobody: whoever tries too often holds up no writer. `journal` is written
    to once a try is judged."""

    reading: AccountsJournal
    journal: AccountsJournal
    passwords: Passwords
    second_factor: SecondFactor
    sealer: Sealer
    randomness: Randomness
    clock: Clock
    throttle: Throttle
    refused_tries: RefusedTries

    def sign_in(self, attempt: Attempt) -> str:
        """The key of a new session.

        Raises Refused: `signin.wait` with the seconds where there were too many tries, else
        `signin.refused`, which says nothing of what was wrong.
        """
        name = AccountName(attempt.name.strip()[:_LONGEST_NAME])
        network = network_of(attempt.address)
        with self.reading.transaction() as tx:
            account = tx.accounts.get(name)
            is_known = account is not None and has_opened(tx, name, network, self.clock.now())
        # Counted before it is judged: tries side by side are tries.
        wait = self.throttle.take(name, network, self.clock.monotonic(), is_known=is_known)
        if wait > 0:
            raise Refused("signin.wait", seconds=int(wait) + 1)
        password = attempt.password[:LONGEST_PASSWORD]
        hashed = account.password_hash if account is not None and account.is_enabled else ""
        is_right = self.passwords.is_right(password, hashed)
        with self.journal.transaction() as tx:
            # Read anew: meanwhile it may have been disabled, or the code used.
            account = tx.accounts.get(name)
            is_known_password = is_right and account is not None and account.password_hash == hashed
            if account and is_known_password and (proved := self._proved(account, attempt.code)):
                moment = self.clock.monotonic()
                self.throttle.succeeded(name, network, moment, is_known=is_known)
                return self._begin(tx, proved, attempt)
            self._refuse(tx, name, network, attempt)
        raise Refused("signin.refused")

    def _proved(self, account: Account, code: str) -> Account | None:
        """The account with its code used up; None where the code is wrong or was used."""
        if not account.is_enabled:
            return None
        codes = Codes(second_factor=self.second_factor, sealer=self.sealer)
        return codes.used(account, code, self.clock.now())

    def _begin(self, tx: AccountsTransaction, account: Account, attempt: Attempt) -> str:
        now = self.clock.now()
        if account != tx.accounts.get(account.name):
            tx.accounts.save(account)
        key, session = new_session(
            self.randomness, account.name, now,
            address=attempt.address, user_agent=attempt.user_agent,
        )  # fmt: skip
        tx.accounts.add_session(session)
        actor = Actor(
            id=account.name, kind=ActorKind.PERSON, via=attempt.via, address=attempt.address
        )
        after = {"recovery_codes_left": len(account.recovery_hashes)}
        tx.changes.append([actor.change(now, "session.begun", account.name, after=after)])
        return key

    def _refuse(
        self, tx: AccountsTransaction, name: AccountName, network: str, attempt: Attempt
    ) -> None:
        """Written for a name that there is not, too, for the two take equally long. The name is
        left out then: people type their password there."""
        moment = self.clock.monotonic()
        has_row = self.refused_tries.has_row(network, moment)
        self.refused_tries.write(tx, self.clock.now(), moment)
        if not has_row:
            return
        known = name if tx.accounts.get(name) is not None else ""
        actor = Actor(id=known, kind=ActorKind.PERSON, via=attempt.via, address=attempt.address)
        tx.changes.append([actor.change(self.clock.now(), "session.refused", known)])


def sign_out(journal: AccountsJournal, session: AccountSession, actor: Actor, now: Second) -> None:
    """The session's key opens nothing any more. Raises JournalError."""
    with journal.transaction() as tx:
        tx.accounts.end_session(session.key_hash, now)
        tx.changes.append([actor.change(now, "session.ended", session.account)])


def has_opened(tx: AccountsTransaction, name: AccountName, network: str, now: Second) -> bool:
    """Within the last 30 days, also where that session is over."""
    since = Second(now - KNOWN_S)
    return network in map(network_of, tx.accounts.opened_from(name, since))


def network_of(address: str) -> str:
    """Whose tries count together: an IPv4 address, an IPv6 /64.

    >>> network_of("2001:db8::7"), network_of("192.0.2.7"), network_of("::ffff:192.0.2.7")
    ('2001:db8::/64', '192.0.2.7', '192.0.2.7')
    """
    try:
        found = read_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))
