"""Who somebody is at an OpenID provider, as the provider has said and we have checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from monitor.domain.accounts.permissions import AccountRole

_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`issuer` and `subject` together name one person for ever; everything else may change, and may
    be another person's tomorrow. `email` is one that the provider has verified, else None.
    `methods` is how it made sure who it is (`amr` and `acr`)."""

    issuer: str
    subject: str
    email: str | None = None
    full_name: str = ""
    username: str = ""
    groups: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRules:
    """What an installation makes of a provider's word."""

    roles_of_group: Mapping[str, frozenset[AccountRole]]
    """Members of these groups get an account with these roles; empty: no account is made."""
    second_factor: frozenset[str]
    """Of `amr` and `acr`: any of these counts as a second factor."""

    def roles_of(self, groups: Collection[str]) -> frozenset[AccountRole]:
        """Those of every group together."""
        return frozenset().union(*(self.roles_of_group.get(group, ()) for group in groups))

    def has_second_factor(self, identity: Identity) -> bool:
        return not self.second_factor.isdisjoint(identity.methods)


def plain_email(written: str) -> str | None:
    """As it is compared: in small letters. None where it is none, or is not plain ASCII: letters
    that look or fold alike would make two people one.

    >>> plain_email("Ana@Example.COM"), plain_email("ana@exämple.com"), plain_email("ana")
    ('ana@example.com', None, None)
    """
    local, at, domain = written.partition("@")
    is_plain = written.isascii() and written.isprintable() and " " not in written
    is_whole = local and at and domain and "@" not in domain
    return written.lower() if is_plain and is_whole and len(written) <= _LONGEST_EMAIL else None
