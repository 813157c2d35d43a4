"""Who an account is at an OpenID provider, as somebody who looks after accounts says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.accounts.ports import AccountsTransaction
from monitor.domain.accounts.account import Account
from monitor.domain.accounts.identity import plain_email
from monitor.domain.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """In place of whom it was before: a `subject`, or nobody until the provider has verified the
    `email` of whoever comes first; with neither it opens by password alone. `issuer` is the
    provider of the configuration in force, None where there is none."""

    issuer: str | None
    email: str | None = None
    subject: str | None = None

    def bound(self, tx: AccountsTransaction, account: Account) -> Account:
        """Raises Refused."""
        email = self._email()
        if self.subject is not None and self.issuer is None:
            raise Refused("account.no_provider")
        if not account.password_hash and not (email or self.subject):
            raise Refused("account.no_way_in")
        self._require_free(tx, account, email)
        issuer = self.issuer if self.subject is not None else None
        return replace(account, email=email, issuer=issuer, subject=self.subject)

    def _email(self) -> str | None:
        if self.email is None:
            return None
        email = plain_email(self.email)
        if email is None:
            raise Refused("account.email", email=self.email)
        return email

    def _require_free(self, tx: AccountsTransaction, account: Account, email: str | None) -> None:
        other = None if email is None else tx.accounts.by_email(email)
        if other is not None and other.name != account.name:
            raise Refused("account.email_taken", email=email)
        if self.subject is not None and self.issuer is not None:
            other = tx.accounts.by_identity(self.issuer, self.subject)
            if other is not None and other.name != account.name:
                raise Refused("account.identity_taken", name=other.name)
