"""What somebody does to the account that is signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.accounts.passwords import LONGEST_PASSWORD, acceptable, with_password
from monitor.accounts.ports import (
    AccountsJournal,
    AccountsTransaction,
    Passwords,
    Randomness,
    Sealer,
    SecondFactor,
)
from monitor.accounts.rights import existing
from monitor.accounts.sign_in import hash_of
from monitor.domain.accounts.account import Account, AccountName
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused, require_seen
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

_RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """`key_hash` is of the session that stays. Raises as `AccountCommands`."""

    journal: AccountsJournal
    passwords: Passwords
    second_factor: SecondFactor
    sealer: Sealer
    randomness: Randomness
    clock: Clock
    actor: Actor
    key_hash: str

    def change_password(self, current: str, new: str) -> None:
        """Every other session ends."""
        account = self._require_password(current)
        hashed = self.passwords.hashed(acceptable(new, account.name))
        with self.journal.transaction() as tx:
            found = existing(tx, account.name)
            require_seen("account", found.name, account.revision, found.revision)
            tx.accounts.end_sessions(found.name, self._now(), but=self.key_hash)
            self._save(tx, "account.password_changed", with_password(found, hashed, self._now()))

    def begin_second_factor(self) -> tuple[bytes, str]:
        """A new seed, sealed, for the form to bring back, and the address for the authenticator.
        Nothing is kept before a code proves that the authenticator has it."""
        seed = self.second_factor.new_seed()
        name = AccountName(self.actor.id)
        return self.sealer.seal(seed, name), self.second_factor.address(seed, name)

    def confirm_second_factor(self, current: str, sealed: bytes, code: str) -> tuple[str, ...]:
        """Keep the seed; the recovery codes, to be said once."""
        account = self._require_password(current)
        seed = self.sealer.open(sealed, account.name)
        step = self.second_factor.step_of(seed, "".join(code.split()), self._now())
        if step is None:
            raise Refused("second_factor.code")
        codes = tuple(self.randomness.recovery_code() for _ in range(_RECOVERY_CODES))
        with self.journal.transaction() as tx:
            found = existing(tx, account.name)
            require_seen("account", found.name, account.revision, found.revision)
            kept = replace(
                found,
                totp_seed=sealed,
                last_totp_step=step,
                recovery_hashes=tuple(hash_of(plain) for plain in codes),
            )
            tx.accounts.end_sessions(found.name, self._now(), but=self.key_hash)
            self._save(tx, "account.second_factor_set", kept)
        return codes

    def _require_password(self, typed: str) -> Account:
        with self.journal.transaction() as tx:
            account = existing(tx, self.actor.id)
        if not self.passwords.is_right(typed[:LONGEST_PASSWORD], account.password_hash):
            raise Refused("password.wrong")
        return account

    def _save(self, tx: AccountsTransaction, kind: str, account: Account) -> None:
        tx.accounts.save(account)
        tx.changes.append([self.actor.change(self._now(), kind, account.name)])

    def _now(self) -> Second:
        return self.clock.now()
