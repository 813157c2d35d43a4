"""Showing once more that it is oneself: whoever found an open session changes nothing with it that
outlasts the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from monitor.accounts.codes import Codes
from monitor.accounts.passwords import LONGEST_PASSWORD
from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Passwords
from monitor.accounts.rights import existing
from monitor.accounts.sign_in import has_opened, network_of
from monitor.accounts.throttle import Throttle
from monitor.domain.accounts.account import Account
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_seen
from monitor.domain.time.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proof:
    """What somebody types: the password, and a code where there is a second factor."""

    password: str
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
        is_right = self.passwords.is_right(proof.password[:LONGEST_PASSWORD], seen.password_hash)
        with self.journal.transaction() as tx:
            found = existing(tx, seen.name)
            require_seen("account", found.name, seen.revision, found.revision)
            used = self.codes.used(found, proof.code, self.clock.now()) if is_right else None
            if used is not None:
                yield tx, used
        if used is None:
            self._refuse(seen)
        self.throttle.succeeded(seen.name, network, self.clock.monotonic(), is_known=is_known)

    def _refuse(self, account: Account) -> None:
        """Written down: somebody may be guessing at an open session. Raises Refused."""
        with self.journal.transaction() as tx:
            done = self.actor.change(self.clock.now(), "account.not_proved", account.name)
            tx.changes.append([done])
        raise Refused("proof.wrong" if account.has_second_factor else "password.wrong")
