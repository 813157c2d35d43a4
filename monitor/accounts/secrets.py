"""Hashes, codes, encryption and randomness, by the `cryptography` library."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidKey, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from monitor.domain.accounts.account import AccountName
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second
from monitor.runtime.key_file import KEY_BYTES, read_or_make_key

_MEMORY_KIB = 32_768
_PASSES = 3
_STEP_S = 30
_DIGITS = 6
_NONCE = 12
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the characters that people mistake for each other."""


class Argon2Passwords:
    """Argon2id, above what OWASP asks for at least (19 MiB, two passes)."""

    def __init__(self, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES) -> None:
        self._memory_kib, self._passes = memory_kib, passes
        self._unknown = ""

    def hashed(self, password: str) -> str:
        kdf = Argon2id(
            salt=os.urandom(16),
            length=32,
            iterations=self._passes,
            lanes=1,
            memory_cost=self._memory_kib,
        )
        return kdf.derive_phc_encoded(password.encode())

    def is_right(self, password: str, hashed: str) -> bool:
        # Made where it is first needed: who only lists accounts does not wait for it.
        self._unknown = self._unknown or self.hashed(secrets.token_hex())
        try:
            Argon2id.verify_phc_encoded(password.encode(), hashed or self._unknown)
        except InvalidKey:
            return False
        return bool(hashed)


class TotpSecondFactor:
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def new_seed(self) -> bytes:
        return os.urandom(20)

    def address(self, seed: bytes, account: AccountName) -> str:
        return _totp(seed).get_provisioning_uri(account, self._issuer)

    def step_of(self, seed: bytes, code: str, now: Second) -> int | None:
        if len(code) != _DIGITS or not code.isascii() or not code.isdigit():
            return None
        present = now // _STEP_S
        return next((s for s in (present, present - 1, present + 1) if _is(seed, code, s)), None)


class KeyFileSealer:
    """AES-256-GCM with the key of a file that stands beside the journal, or elsewhere, and never in
    it. What is sealed for one account opens for no other."""

    def __init__(self, path: Path) -> None:
        """Makes the file where there is none, for its owner alone. Raises OSError, ValueError."""
        self._cipher = AESGCM(read_or_make_key(path))

    def seal(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise Refused("second_factor.other_key", name=context) from error


class PassingSealer(KeyFileSealer):
    """With a key that ends with this process: for what need not outlast it."""

    def __init__(self) -> None:
        self._cipher = AESGCM(os.urandom(KEY_BYTES))


class LockedSealer:
    """Stands where the key cannot be used: whoever has a second factor cannot sign in until it can,
    and everybody else can."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def seal(self, plain: bytes, context: str) -> bytes:
        raise Refused("second_factor.no_key", reason=self._reason)

    def open(self, sealed: bytes, context: str) -> bytes:
        raise Refused("second_factor.no_key", reason=self._reason)


class SystemRandomness:
    def key(self) -> str:
        return secrets.token_urlsafe(32)

    def recovery_code(self) -> str:
        """Four groups of four of 31 characters: 79 bits."""
        return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))

    def token_id(self) -> str:
        return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def _totp(seed: bytes) -> TOTP:
    return TOTP(seed, _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - what authenticators know


def _is(seed: bytes, code: str, step: int) -> bool:
    try:
        _totp(seed).verify(code.encode(), step * _STEP_S)
    except InvalidToken:
        return False
    return True
