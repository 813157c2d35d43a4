"""Passwords that are worth hashing."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.accounts.account import Account
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second

LONGEST_PASSWORD = 1_024
_SHORTEST_PASSWORD = 12
_TELLING_NAME = 3
_FEWEST_CHARACTERS = 5
"""Different ones."""


def acceptable(password: str, name: str) -> str:
    """A password that is worth hashing. Length is what counts (NIST SP 800-63B). Raises Refused."""
    if len(password) < _SHORTEST_PASSWORD:
        raise Refused("password.short", least=_SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refused("password.long", most=LONGEST_PASSWORD)
    if len(name) >= _TELLING_NAME and name.lower() in password.lower():
        raise Refused("password.has_name", name=name)
    if len(set(password)) < _FEWEST_CHARACTERS:
        raise Refused("password.repeats")
    return password


def with_password(account: Account, hashed: str, now: Second) -> Account:
    return replace(account, password_hash=hashed, password_changed_at=now)
