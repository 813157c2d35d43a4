"""Setting up, replacing and removing the second factor of the account that is signed in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass, replace

from monitor.accounts.own_account.own_account import renewed
from monitor.accounts.own_account.proof import Proof, Prover
from monitor.accounts.ports import (
    AccountsTransaction,
    Randomness,
    Sealer,
    SecondFactor,
)
from monitor.accounts.sign_in.codes import hashes_of, new_recovery_codes, plain_code
from monitor.domain.accounts.account import Account, AccountName, AccountSession
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

ENROLMENT_S = 900
_STAMP = 8


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Enrolment:
    """`text` is the seed for the form to bring back, encrypted; `secret` the same to be typed into
    an authenticator, and `address` to be read by it. Nothing is kept of it here."""

    text: str
    secret: str
    address: str
    expires_at: Second


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Enrolled:
    """`key` is of the session that goes on; the recovery codes are said this once."""

    key: str
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSecondFactor:
    """`session` is the one that asks. Raises as `OwnAccount`."""

    second_factor: SecondFactor
    sealer: Sealer
    randomness: Randomness
    clock: Clock
    prover: Prover
    actor: Actor
    session: AccountSession
    two_factor_roles: Collection[AccountRole] = ()

    def begin(self) -> Enrolment:
        """A new seed. It counts once a code shows that the authenticator has it; a second factor
        that is there holds until then."""
        seed, now = self.second_factor.new_seed(), self.clock.now()
        sealed = self.sealer.seal(now.to_bytes(_STAMP, "big") + seed, self._enrols)
        return Enrolment(
            text=base64.urlsafe_b64encode(sealed).decode(),
            secret=base64.b32encode(seed).decode(),
            address=self.second_factor.address(seed, self._name),
            expires_at=Second(now + ENROLMENT_S),
        )

    def confirm(self, proof: Proof, enrolment: str, code: str) -> Enrolled:
        """The new seed counts from here on, with new recovery codes. `proof` has a code of the
        second factor that is replaced, where there is one."""
        seed, now = self._seed_of(enrolment), self.clock.now()
        step = self.second_factor.step_of(seed, plain_code(code), now)
        if step is None:
            raise Refused("second_factor.code")
        codes = new_recovery_codes(self.randomness)
        with self.prover.proved(proof) as (tx, account):
            kept = replace(
                account,
                totp_seed=self.sealer.seal(seed, account.name),
                last_totp_step=step,
                recovery_hashes=hashes_of(codes),
            )
            key = self._keep(tx, "account.second_factor_set", kept)
        return Enrolled(key=key, recovery_codes=codes)

    def remove(self, proof: Proof) -> str:
        """The key of the session that goes on."""
        with self.prover.proved(proof) as (tx, account):
            self._require(account)
            if not account.roles.isdisjoint(self.two_factor_roles):
                raise Refused("second_factor.demanded")
            bare = replace(account, totp_seed=b"", recovery_hashes=())
            return self._keep(tx, "account.second_factor_removed", bare)

    def renew_recovery_codes(self, proof: Proof) -> tuple[str, ...]:
        """Those that were there open nothing any more."""
        codes = new_recovery_codes(self.randomness)
        with self.prover.proved(proof) as (tx, account):
            self._require(account)
            tx.accounts.save(replace(account, recovery_hashes=hashes_of(codes)))
            self._note(tx, "account.recovery_codes_renewed")
        return codes

    def _seed_of(self, enrolment: str) -> bytes:
        """Raises Refused unless this session began it, and not long ago."""
        try:
            sealed = base64.urlsafe_b64decode(enrolment)
            plain = self.sealer.open(sealed, self._enrols)
        except (binascii.Error, ValueError) as error:
            raise Refused("second_factor.begin_again") from error
        except Refused as error:
            if error.code != "second_factor.other_key":
                raise
            raise Refused("second_factor.begin_again") from error
        age = self.clock.now() - int.from_bytes(plain[:_STAMP], "big")
        if not 0 <= age < ENROLMENT_S:
            raise Refused("second_factor.begin_again")
        return plain[_STAMP:]

    def _keep(self, tx: AccountsTransaction, kind: str, account: Account) -> str:
        tx.accounts.save(account)
        key, _ = renewed(tx, self.randomness, self.session, self.clock)
        self._note(tx, kind)
        return key

    def _note(self, tx: AccountsTransaction, kind: str) -> None:
        tx.changes.append([self.actor.change(self.clock.now(), kind, self._name)])

    @property
    def _name(self) -> AccountName:
        return AccountName(self.actor.id)

    @property
    def _enrols(self) -> str:
        """What an enrolment is sealed for: this account, in this session."""
        return f"{self._name} enrols in {self.session.key_hash}"

    @staticmethod
    def _require(account: Account) -> None:
        if not account.has_second_factor:
            raise Refused("second_factor.none")
