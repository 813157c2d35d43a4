"""Every credit policy, by the name and version that terms carry.

A version that has been used in an invoice is never changed: a new rule is a new line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from credits.fields import Fields
from credits.policies._policy import AmountDue, Line, Policy
from credits.policies.prorata import prorata
from credits.policies.tiers import tiers
from credits.terms import Terms

POLICIES: Mapping[tuple[str, int], Policy] = {
    ("prorata", 1): prorata,
    ("tiers", 1): tiers,
}


def policy_of(terms: Terms) -> Policy:
    """Raises KeyError for terms whose policy this program does not have; `check_policy` is how
    to find out while reading."""
    return POLICIES[terms.policy, terms.policy_version]


def check_policy(fields: Fields, terms: Terms) -> None:
    """Note a policy that does not exist, and one that lacks what it works with."""
    versions = sorted(version for name, version in POLICIES if name == terms.policy)
    if not versions:
        names = dict.fromkeys(name for name, _ in POLICIES)
        fields.complain("policy", "one of " + ", ".join(names))
    elif terms.policy_version not in versions:
        fields.complain("policy_version", "one of " + ", ".join(map(str, versions)))
    if terms.policy == "tiers" and not terms.tiers:
        fields.complain("tiers", "at least one tier")


__all__ = ["POLICIES", "AmountDue", "Line", "Policy", "check_policy", "policy_of"]
