"""What somebody does to the account that is signed in: its password, and where it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.accounts.own_account.proof import Proof, Prover
from monitor.accounts.passwords import acceptable, with_password
from monitor.accounts.ports import AccountsJournal, AccountsTransaction, Passwords, Randomness
from monitor.accounts.rights import existing
from monitor.accounts.session_keys import IDLE_S, new_session
from monitor.domain.accounts.account import AccessToken, Account, AccountSession
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, no_such
from monitor.domain.time.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged:
    """`key` is of the session that goes on. `tokens` open as before: programs would break, and who
    thinks that somebody has one revokes it."""

    key: str
    sessions_ended: int
    tokens: Sequence[AccessToken]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """`session` is the one that asks. Raises as `AccountCommands`, and what `Prover` raises."""

    journal: AccountsJournal
    passwords: Passwords
    randomness: Randomness
    clock: Clock
    prover: Prover
    actor: Actor
    session: AccountSession

    def show(self) -> Account:
        with self.journal.transaction() as tx:
            return existing(tx, self.actor.id)

    def change_password(self, proof: Proof, new: str) -> PasswordChanged:
        """Every session ends; this one goes on under another key, for its own may be known to
        whom the new password is to keep out."""
        if new == proof.password:
            raise Refused("password.same")
        if not self.show().password_hash:
            # Another way in, beside the provider, is given by who looks after accounts.
            raise Refused("password.none")
        hashed = self.passwords.hashed(acceptable(new, self.actor.id))
        with self.prover.proved(proof) as (tx, account):
            now = self.clock.now()
            tx.accounts.save(with_password(account, hashed, now))
            key, ended = renewed(tx, self.randomness, self.session, self.clock)
            after = {"sessions_ended": ended}
            done = self.actor.change(now, "account.password_changed", account.name, after=after)
            tx.changes.append([done])
            live = [token for token in tx.accounts.tokens(account.name) if not token.is_over(now)]
        return PasswordChanged(key=key, sessions_ended=ended, tokens=live)

    def sessions(self) -> Sequence[AccountSession]:
        """Those that open now, newest first."""
        with self.journal.transaction() as tx:
            return self._open_sessions(tx)

    def end_session(self, wanted: str) -> AccountSession:
        """One of one's own, by its id; also the one that asks."""
        with self.journal.transaction() as tx:
            known = self._open_sessions(tx)
            found = next((session for session in known if session.id == wanted), None)
            if found is None:
                raise no_such("session", wanted, [session.id for session in known])
            now = self.clock.now()
            tx.accounts.end_session(found.key_hash, now)
            after = {"session": found.id}
            done = self.actor.change(now, "session.ended", found.account, after=after)
            tx.changes.append([done])
            return found

    def _open_sessions(self, tx: AccountsTransaction) -> Sequence[AccountSession]:
        account, now = existing(tx, self.actor.id), self.clock.now()
        known = tx.accounts.sessions(account.name)
        return [session for session in known if session.is_valid(now, account, IDLE_S)]


def renewed(
    tx: AccountsTransaction, randomness: Randomness, session: AccountSession, clock: Clock
) -> tuple[str, int]:
    """End every session of the account, and begin this one anew: its key, and how many others have
    ended. A key that was copied, or set by somebody else, opens nothing any more."""
    now = clock.now()
    ended = tx.accounts.end_sessions(session.account, now)
    key, begun = new_session(
        randomness, session.account, now,
        address=session.address, user_agent=session.user_agent, opened_by=session.opened_by,
    )  # fmt: skip
    tx.accounts.add_session(begun)
    return key, max(0, ended - 1)
