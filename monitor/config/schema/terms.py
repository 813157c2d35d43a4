"""What a configuration promises, and what a broken promise is worth."""

from __future__ import annotations

from typing import Literal

from monitor.config.schema.base import Count, Schema
from monitor.config.schema.values import Exact, Line, Number, Seconds, Share, Slug
from monitor.domain.exclusions.classification import CAUSES, ExclusionCause


class TierSchema(Schema):
    below: Share
    """Uptime strictly below this…"""
    credit: Share
    """…earns this part of the price."""


class MaintenanceTermsSchema(Schema):
    excluded: bool = True
    """Whether the time of planned work is excluded from the guarantee, if the work was published
    in time."""
    min_notice: Seconds = 0
    """How long before its start it has to be public."""


class TermsSchema(Schema):
    """What is promised, and what a broken promise is worth."""

    id: Slug
    """Its permanent id."""
    guarantee: Share
    """Uptime below this is a breach."""
    policy: Line = "prorata"
    """How a credit is computed."""
    policy_version: Count = 1
    """The version of the policy; what was promised keeps its own version."""
    basis: Literal["full_downtime", "excess_over_allowance"] = "full_downtime"
    """Which downtime a breach pays for."""
    multiplier: Number = "1"
    """How many times the price of the lost time is credited."""
    tiers: list[TierSchema] = []
    """The tiers of the policy `tiers`."""
    settings: dict[str, Exact] = {}
    """What the policy needs of its own, by name: a number, `5 %` or `1/30` each."""
    cap: Share = "1"
    """The most that is credited, as a part of the line's price."""
    rounding: Literal["half_up", "half_even"] = "half_up"
    """How a credit is rounded: once for each invoice line, to the currency's smallest unit."""
    denominator: Literal["contracted", "measured"] = "contracted"
    """The time of which uptime is a part."""
    degraded_weight: Share = "0"
    """How much of the slow time counts as downtime."""
    maintenance: MaintenanceTermsSchema = MaintenanceTermsSchema()
    """Planned work."""
    request_within: Seconds = 0
    """How long a customer may ask for a credit once it is eligible; 0: for ever."""
    request_paused_by: Slug | None = None
    """The component by which customers ask, such as the panel: while it is down that time stands
    still."""
    exclusions: list[ExclusionCause] = list(CAUSES)
    """Causes that a person may classify as not the company's."""
    required: list[Slug] | None = None
    """Components whose failure is a failure of the product; none: all that are no `courtesy`."""
    management: Line = "managed"
    """Who manages the product, fixed at signup."""
