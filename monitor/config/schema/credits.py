"""How approved credits get into the billing panel."""

from __future__ import annotations

from typing import Any

from monitor.config.schema.base import Schema
from monitor.config.schema.values import Line, Seconds


class BillingSchema(Schema):
    """The billing panel that approved credits go to."""

    kind: Line = "csv"
    """The kind of panel; with `csv` people carry the credits there in a file, and confirm them."""
    settings: dict[str, Any] = {}
    """The panel's own settings."""
    by_itself: bool = False
    """Whether the core applies what is approved by itself, every few minutes; else a person starts
    it: `estado credits apply`."""
    apply_settle: Seconds = 3600
    """How long the panel is searched for a credit about which it gave no answer, before a person
    may release it to be applied again."""
    description: Line = "Bonificación por tiempo sin servicio"
    """What the customer reads beside the credit in the panel; its token stands before it, and the
    month behind it."""


class CreditsSchema(Schema):
    """What happens to credits beyond the figure."""

    billing: BillingSchema = BillingSchema()
    """The billing panel that approved credits go to."""
