"""Every credit policy, by the name and version that terms carry.

A version that has been used in an invoice is never changed: a new rule is a new line here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from credits.fields import Fields
from credits.policies._policy import AmountDue, Line, Policy, PolicyKind, name_of
from credits.terms import Terms, read_terms
from monitor.registry import Registry

POLICIES: Registry[PolicyKind] = Registry(
    "credit policy",
    PolicyKind,
    {
        "prorata-1": "credits.policies.prorata:KIND",
        "tiers-1": "credits.policies.tiers:KIND",
    },
    "estado.credit_policies",
)
_INDEX = re.compile(r"\[[0-9]+\]")


def policy_of(terms: Terms) -> Policy:
    """Raises LookupError for terms whose policy this program does not have; `check_policy` finds
    that out while reading."""
    return POLICIES[name_of(terms.policy, terms.policy_version)].amount_due


def check_policy(fields: Fields, terms: Terms) -> None:
    """Add a problem for a policy that does not exist, or for terms that lack what it needs."""
    kinds = POLICIES.usable().values()
    versions = sorted(kind.version for kind in kinds if kind.policy == terms.policy)
    if not versions:
        fields.complain("policy", "one of " + ", ".join(policy_names()))
    elif terms.policy_version not in versions:
        fields.complain("policy_version", "one of " + ", ".join(map(str, versions)))
    else:
        kind = POLICIES[name_of(terms.policy, terms.policy_version)]
        own = Fields(dict(terms.settings), fields.at("settings"), fields.problems)
        own.known(kind.settings)
        try:
            kind.check(fields, terms)
        except Exception as error:  # noqa: BLE001 - a plugin's check may raise anything
            fields.complain("policy", f"another: {POLICIES.why_broken(kind.name, error)}")


def problems_of_terms(values: Mapping[str, object]) -> list[tuple[tuple[str, ...], str]]:
    """The path and what was wanted, of each problem that terms have as plain fields."""
    fields = Fields(values, "", [])
    check_policy(fields, read_terms(fields))
    return [(tuple(_INDEX.split(p.path)[0].split(".")), p.wanted) for p in fields.problems]


def policy_names() -> tuple[str, ...]:
    """Policy names without versions, each once."""
    return tuple(dict.fromkeys(kind.policy for kind in POLICIES.usable().values()))


def policy_versions() -> tuple[tuple[str, int], ...]:
    """Every policy that can be used, with its version."""
    return tuple((kind.policy, kind.version) for kind in POLICIES.usable().values())


__all__ = [
    "POLICIES",
    "AmountDue",
    "Line",
    "Policy",
    "PolicyKind",
    "check_policy",
    "policy_names",
    "policy_of",
    "policy_versions",
    "problems_of_terms",
]
