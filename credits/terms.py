"""Terms: what a customer was promised, as a value with a hash of its own.

A change of terms cuts a billing window; a price segment alone does not (see `credits.contract`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from credits.fields import Fields, InvalidFields, Problem
from credits.money import Rounding, exact_text
from monitor.domain.exclusions.rules import ExclusionRules


class Basis(StrEnum):
    """Which downtime is paid once the guarantee is broken."""

    FULL_DOWNTIME = "full_downtime"
    EXCESS = "excess_over_allowance"


class Denominator(StrEnum):
    """What the guarantee is a share of: all contracted time, or the time that was measured."""

    CONTRACTED = "contracted"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """With an uptime strictly below `below`, `credit` of the fee is due. Both are shares."""

    below: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceRule:
    """Whether maintenance is excluded, and how long before its start it has to be published."""

    is_excluded: bool = True
    min_notice_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A guarantee and what follows when it is broken. Shares are exact decimals.

    `required` None: every required component of the catalogue. `groups` pairs a component with
    its redundant set. `exclusions_allowed` None: every approved cause is excluded. `settings`
    are the policy's own, by name.
    """

    guarantee: Decimal
    policy: str = "prorata"
    policy_version: int = 1
    basis: Basis = Basis.FULL_DOWNTIME
    multiplier: Decimal = Decimal(1)
    cap_fraction: Decimal = Decimal(1)
    rounding: Rounding = Rounding.HALF_UP
    denominator: Denominator = Denominator.CONTRACTED
    degraded_weight: Decimal = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    maintenance: MaintenanceRule = MaintenanceRule()
    zone: str = "America/Argentina/Buenos_Aires"
    required: tuple[str, ...] | None = None
    groups: tuple[tuple[str, str], ...] = ()
    management: str = "managed"
    exclusions_allowed: tuple[str, ...] | None = None
    settings: tuple[tuple[str, Fraction], ...] = ()
    request_within_s: int = 0
    """How long a customer may ask for a credit once it is eligible; 0: for ever."""
    request_paused_by: str = ""
    """The component by which customers ask: while it is down that time stands still."""

    @property
    def tolerance(self) -> Fraction:
        """The share of time that may be lost: 1 - guarantee."""
        return 1 - Fraction(self.guarantee)

    def setting(self, name: str, default: Fraction) -> Fraction:
        """What these terms set for their policy, or its default."""
        return dict(self.settings).get(name, default)

    def allows(self, cause: str) -> bool:
        """Whether an approved exclusion of this cause excludes time."""
        return self.exclusion_rules.allows(cause)

    @property
    def exclusion_rules(self) -> ExclusionRules:
        """What these terms exclude, as the domain's rules."""
        allowed = self.exclusions_allowed
        return ExclusionRules(
            is_maintenance_excluded=self.maintenance.is_excluded,
            min_notice_s=self.maintenance.min_notice_s,
            causes=None if allowed is None else frozenset(allowed),
        )

    @property
    def text(self) -> str:
        """Canonical JSON: equal terms give equal bytes, however their numbers were written."""
        return _canonical(self)[0]

    @property
    def hash(self) -> str:
        return _canonical(self)[1]


_MOST_KEPT = 4_096
_KEPT: dict[int, tuple[Terms, tuple[str, str]]] = {}
"""By identity, for to compare terms costs as much as their text; each is held, so that no other has
the same."""


def _canonical(terms: Terms) -> tuple[str, str]:
    """The text and its hash. Kept: thousands of contracts share few terms."""
    kept = _KEPT.get(id(terms))
    if kept is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        kept = _KEPT[id(terms)] = (terms, _canonical_of(terms))
    return kept[1]


@lru_cache(maxsize=_MOST_KEPT)
def _canonical_of(terms: Terms) -> tuple[str, str]:
    text = json.dumps(
        terms_fields(terms), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text, hashlib.sha256(text.encode()).hexdigest()


KNOWN = frozenset(
    {
        "guarantee", "policy", "policy_version", "basis", "multiplier", "cap_fraction", "rounding",
        "denominator", "degraded_weight", "tiers", "maintenance_exclusion", "tz", "required",
        "groups", "management", "exclusions_allowed", "settings", "request_within_s",
        "request_paused_by",
    }
)  # fmt: skip


def terms_fields(terms: Terms) -> dict[str, object]:
    """Terms as plain fields, numbers as text; `read_terms` gives them back.

    Without settings, and without a time to ask in, there is no such field: the hash of terms that
    are stored does not change.
    """
    own = {name: exact_text(value) for name, value in terms.settings}
    given = {
        "settings": own,
        "request_within_s": terms.request_within_s,
        "request_paused_by": terms.request_paused_by,
    }
    return {name: value for name, value in given.items() if value} | {
        "guarantee": exact_text(terms.guarantee),
        "policy": terms.policy,
        "policy_version": terms.policy_version,
        "basis": terms.basis.value,
        "multiplier": exact_text(terms.multiplier),
        "cap_fraction": exact_text(terms.cap_fraction),
        "rounding": terms.rounding.value,
        "denominator": terms.denominator.value,
        "degraded_weight": exact_text(terms.degraded_weight),
        "tiers": [
            {"below": exact_text(t.below), "credit": exact_text(t.credit)} for t in terms.tiers
        ],
        "maintenance_exclusion": {
            "enabled": terms.maintenance.is_excluded,
            "min_notice_s": terms.maintenance.min_notice_s,
        },
        "tz": terms.zone,
        "required": None if terms.required is None else list(terms.required),
        "groups": dict(terms.groups),
        "management": terms.management,
        "exclusions_allowed": (
            None if terms.exclusions_allowed is None else list(terms.exclusions_allowed)
        ),
    }


def terms_of(values: Mapping[str, object], path: str = "terms") -> Terms:
    """Terms from plain fields. Raises InvalidFields with every problem."""
    problems: list[Problem] = []
    found = read_terms(Fields(values, path, problems))
    if problems:
        raise InvalidFields(problems)
    return found


def terms_of_text(text: str) -> Terms:
    """The inverse of `Terms.text`."""
    return terms_of(json.loads(text, parse_float=Decimal))


def read_terms(fields: Fields) -> Terms:
    """Terms from fields; problems are added to `fields.problems`."""
    fields.known(KNOWN)
    one = Decimal(1)
    planned = fields.inner("maintenance_exclusion")
    planned.known({"enabled", "min_notice_s"})
    return Terms(
        guarantee=fields.number("guarantee", most=one),
        policy=fields.text("policy", "prorata"),
        policy_version=fields.count("policy_version", 1, least=1),
        basis=fields.choice("basis", Basis, Basis.FULL_DOWNTIME),
        multiplier=fields.number("multiplier", one),
        cap_fraction=fields.number("cap_fraction", one),
        rounding=fields.choice("rounding", Rounding, Rounding.HALF_UP),
        denominator=fields.choice("denominator", Denominator, Denominator.CONTRACTED),
        degraded_weight=fields.number("degraded_weight", Decimal(0), most=one),
        tiers=_tiers(fields),
        maintenance=MaintenanceRule(
            is_excluded=planned.flag("enabled", default=True),
            min_notice_s=planned.count("min_notice_s", 0),
        ),
        zone=fields.text("tz", "America/Argentina/Buenos_Aires"),
        required=_sorted(fields, "required"),
        groups=_groups(fields.inner("groups")),
        management=fields.text("management", "managed"),
        exclusions_allowed=_sorted(fields, "exclusions_allowed"),
        settings=tuple(fields.inner("settings").fractions().items()),
        request_within_s=fields.count("request_within_s", 0),
        request_paused_by=fields.text("request_paused_by", ""),
    )


def _sorted(fields: Fields, key: str) -> tuple[str, ...] | None:
    return tuple(sorted(set(fields.texts(key)))) if fields.has(key) else None


def _tiers(fields: Fields) -> tuple[Tier, ...]:
    found = set()
    for tier in fields.inners("tiers"):
        tier.known({"below", "credit"})
        found.add(Tier(below=tier.number("below", most=Decimal(1)), credit=tier.number("credit")))
    return tuple(sorted(found, key=lambda t: (-t.below, t.credit)))


def _groups(fields: Fields) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, fields.text(key)) for key in fields.values))
