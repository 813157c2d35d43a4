"""Showing once more that it is oneself: whoever found an open session changes nothing with it that
outlasts the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from monitor.accounts.passwords import LONGEST_PASSWORD
from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Passwords
from monitor.accounts.rights import existing
from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.sign_in import has_opened, network_of
from monitor.accounts.sign_in.throttle import Throttle
from monitor.domain.accounts.account import Account, AccountSession
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_seen
from monitor.domain.time.clock import Clock

FRESH_S = 600


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proof:
    """What somebody types: the password, where the account has one, and a code where there is a
    second factor."""

    password: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """Tries count as those to sign in do, from the same address."""

    journal: AccountsJournal
    passwords: Passwords
    codes: Codes
    throttle: Throttle
    clock: Clock
    actor: Actor
    session: AccountSession

    @contextmanager
    def proved(self, proof: Proof) -> Iterator[tuple[AccountsTransaction, Account]]:
        """A transaction, and the account with its code used up, for the caller to save.

        Raises Refused: `signin.wait`; `password.wrong`, or `proof.wrong` where there is a second
        factor, which says nothing of what was wrong. Raises Stale where the account has changed
        meanwhile.
        """
        network = network_of(self.actor.address)
        with self.journal.transaction() as tx:
            seen = existing(tx, self.actor.id)
            is_known = has_opened(tx, seen.name, network, self.clock.now())
        wait = self.throttle.take(seen.name, network, self.clock.monotonic(), is_known=is_known)
        if wait > 0:
            raise Refused("signin.wait", seconds=int(wait) + 1)
        is_right = self._is_oneself(seen, proof.password)
        with self.journal.transaction() as tx:
            found = existing(tx, seen.name)
            require_seen("account", found.name, seen.revision, found.revision)
            used = self.codes.used(found, proof.code, self.clock.now()) if is_right else None
            if used is not None:
                yield tx, used
        if used is None:
            self._refuse(seen)
        self.throttle.succeeded(seen.name, network, self.clock.monotonic(), is_known=is_known)

    def _is_oneself(self, account: Account, password: str) -> bool:
        """Who has no password shows it by having just signed in elsewhere. Raises Refused."""
        if account.password_hash:
            return self.passwords.is_right(password[:LONGEST_PASSWORD], account.password_hash)
        if self.clock.now() - self.session.created_at >= FRESH_S:
            raise Refused("session.not_fresh", minutes=FRESH_S // 60)
        return True

    def _refuse(self, account: Account) -> None:
        """Written down: somebody may be guessing at an open session. Raises Refused."""
        with self.journal.transaction() as tx:
            done = self.actor.change(self.clock.now(), "account.not_proved", account.name)
            tx.changes.append([done])
        if account.has_second_factor:
            raise Refused("proof.wrong")
        raise Refused("password.wrong")
