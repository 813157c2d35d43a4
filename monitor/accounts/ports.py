"""What the accounts' use cases ask of the outside: rows of the journal, and secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from monitor.domain.accounts.account import AccessToken, Account, AccountName, AccountSession
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction


class Accounts(Protocol):
    """Rows of a transaction; may raise `monitor.journal.ports.JournalError`."""

    def get(self, wanted: AccountName) -> Account | None: ...

    def by_identity(self, issuer: str, subject: str) -> Account | None:
        """Whose it is at a provider; a disabled one too."""
        ...

    def by_email(self, email: str) -> Account | None: ...

    def every(self) -> Sequence[Account]:
        """All of them, by name; disabled ones too, for the audit log names them."""
        ...

    def save(self, account: Account) -> Account:
        """Insert (revision 0) or update; the saved value, its revision one higher. Raises Stale
        unless the stored revision equals the given one."""
        ...

    def session(self, key_hash: str) -> AccountSession | None:
        """An ended one too: `AccountSession.is_valid` says so."""
        ...

    def sessions(self, account: AccountName) -> Sequence[AccountSession]:
        """Those that nobody ended, newest first."""
        ...

    def newest_sessions(self) -> Mapping[AccountName, Second]:
        """When the newest of each account began that nobody ended."""
        ...

    def opened_from(self, account: AccountName, since: Second) -> Sequence[str]:
        """The addresses of its sessions that began since then, ended ones too."""
        ...

    def add_session(self, session: AccountSession) -> None: ...

    def touch_session(self, key_hash: str, at: Second) -> None:
        """It was used."""
        ...

    def end_sessions(self, account: AccountName, at: Second, *, but: str = "") -> int:
        """End an account's sessions, but for one of this hash; how many there were."""
        ...

    def end_session(self, key_hash: str, at: Second) -> None:
        """End one, as of its last use: who signs out has just used it."""
        ...

    def forget_sessions(self, now: Second) -> int:
        """Drop those that have been over for more than 30 days; how many."""
        ...

    def token(self, wanted: str) -> AccessToken | None:
        """By its public id."""
        ...

    def tokens(self, owner: AccountName | None = None) -> Sequence[AccessToken]:
        """All, or those of an owner, oldest first; revoked and expired ones too."""
        ...

    def add_token(self, token: AccessToken) -> None: ...

    def touch_token(self, wanted: str, at: Second) -> None:
        """It was used."""
        ...

    def revoke_token(self, wanted: str, at: Second) -> None: ...


class AccountsTransaction(JournalTransaction, Protocol):
    """A journal's transaction, accounts included."""

    @property
    def accounts(self) -> Accounts: ...


class AccountsJournal(Protocol):
    def transaction(self) -> AbstractContextManager[AccountsTransaction]:
        """Read and write as one; see `monitor.journal.ports.Journal`."""
        ...


class Passwords(Protocol):
    """A slow hash. Both methods take a tenth of a second of CPU and tens of megabytes."""

    def hashed(self, password: str) -> str: ...

    def is_right(self, password: str, hashed: str) -> bool:
        """Takes as long for an empty hash, which no password fits."""
        ...


class SecondFactor(Protocol):
    """Time-based codes (RFC 6238): six digits, a step of 30 s, SHA-1, as authenticators have it."""

    def new_seed(self) -> bytes: ...

    def address(self, seed: bytes, account: AccountName) -> str:
        """The `otpauth://` address that an authenticator reads."""
        ...

    def step_of(self, seed: bytes, code: str, now: Second) -> int | None:
        """The time step that a code belongs to, of the present one and its two neighbours; None
        where it belongs to none of them."""
        ...


class Sealer(Protocol):
    """Encrypts with a key that does not stand in the journal."""

    def seal(self, plain: bytes, context: str) -> bytes: ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises Refused where the key is another one, or the row belongs to another account."""
        ...


class Randomness(Protocol):
    def key(self) -> str:
        """256 bits, for a cookie or a token: 43 characters of the URL-safe alphabet."""
        ...

    def recovery_code(self) -> str:
        """80 bits that a person can copy: `k3f9-a27m-…`, lower case."""
        ...

    def token_id(self) -> str:
        """Eight letters and digits."""
        ...
