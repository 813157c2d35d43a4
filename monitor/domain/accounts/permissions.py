"""Roles of accounts, and the scopes that each of them gives. A route or a command asks for a scope;
roles are for people to hand out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Scope(StrEnum):
    """What somebody may do. The value is stored in tokens and named by refusals."""

    STATE_READ = "state:read"
    INCIDENTS_WRITE = "incidents:write"
    MAINTENANCE_WRITE = "maintenance:write"
    PROBE_RUN = "probe:run"
    CONFIG_READ = "config:read"
    CONFIG_APPLY = "config:apply"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    EXCLUSIONS_PROPOSE = "exclusions:propose"
    EXCLUSIONS_APPROVE = "exclusions:approve"
    CREDITS_READ = "credits:read"
    CREDITS_REQUEST = "credits:request"
    CREDITS_APPROVE = "credits:approve"
    CREDITS_APPLY = "credits:apply"
    UNKNOWN_PROPOSE = "unknown:propose"
    UNKNOWN_APPROVE = "unknown:approve"
    PROBLEMS_READ = "problems:read"
    PROBLEMS_WRITE = "problems:write"
    ACCOUNTS_WRITE = "accounts:write"
    AUDIT_READ = "audit:read"


class AccountRole(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    BILLING = "billing"
    APPROVER = "approver"
    ADMIN = "admin"


_OPERATES = {
    Scope.STATE_READ, Scope.INCIDENTS_WRITE, Scope.MAINTENANCE_WRITE, Scope.PROBE_RUN,
    Scope.CONFIG_READ, Scope.EXCLUSIONS_PROPOSE, Scope.PROBLEMS_READ, Scope.PROBLEMS_WRITE,
}  # fmt: skip
_BILLS = {
    Scope.STATE_READ, Scope.BILLING_READ, Scope.BILLING_WRITE, Scope.EXCLUSIONS_PROPOSE,
    Scope.CREDITS_READ, Scope.CREDITS_REQUEST, Scope.CREDITS_APPLY, Scope.UNKNOWN_PROPOSE,
}  # fmt: skip
_APPROVES = {
    Scope.STATE_READ, Scope.BILLING_READ, Scope.EXCLUSIONS_APPROVE, Scope.CREDITS_READ,
    Scope.CREDITS_APPROVE, Scope.UNKNOWN_APPROVE,
}  # fmt: skip
SCOPES_OF: Mapping[AccountRole, frozenset[Scope]] = {
    AccountRole.VIEWER: frozenset({Scope.STATE_READ}),
    AccountRole.OPERATOR: frozenset(_OPERATES),
    AccountRole.BILLING: frozenset(_BILLS),
    AccountRole.APPROVER: frozenset(_APPROVES),
    # An admin hands out roles. Approving what one has asked for oneself is refused elsewhere.
    AccountRole.ADMIN: frozenset(Scope),
}


def scopes_of(roles: Iterable[AccountRole]) -> frozenset[Scope]:
    """All that these roles give together.

    >>> sorted(scopes_of([AccountRole.VIEWER]))
    [<Scope.STATE_READ: 'state:read'>]
    """
    return frozenset().union(*(SCOPES_OF[role] for role in roles))
