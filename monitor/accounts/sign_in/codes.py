"""Codes of the second factor: each opens once, the authenticator's as well as a recovery code."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.accounts.ports import Randomness, Sealer, SecondFactor
from monitor.accounts.session_keys import hash_of
from monitor.domain.accounts.account import Account
from monitor.domain.time.interval import Second

RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    second_factor: SecondFactor
    sealer: Sealer

    def used(self, account: Account, code: str, now: Second) -> Account | None:
        """The account with its code used up, for the caller to save; as it is where it has no
        second factor; None where the code is wrong or was used. Raises Refused where the seed
        cannot be read."""
        if not account.has_second_factor:
            return account
        typed = plain_code(code)
        seed = self.sealer.open(account.totp_seed, account.name)
        step = self.second_factor.step_of(seed, typed, now)
        if step is not None and step > account.last_totp_step:
            return replace(account, last_totp_step=step)
        used = hash_of(typed)
        if used in account.recovery_hashes:
            left = tuple(h for h in account.recovery_hashes if h != used)
            return replace(account, recovery_hashes=left)
        return None


def plain_code(typed: str) -> str:
    """As authenticators and people write it: in groups, in capitals.

    >>> plain_code(" 123 456"), plain_code("K3F9-A27M-BBBB-CCCC")
    ('123456', 'k3f9-a27m-bbbb-cccc')
    """
    return "".join(typed.split()).lower()


def new_recovery_codes(randomness: Randomness) -> tuple[str, ...]:
    return tuple(randomness.recovery_code() for _ in range(RECOVERY_CODES))


def hashes_of(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(hash_of, codes))
