"""Every kind of billing panel there is; a new one is a file and a line here."""

from __future__ import annotations

from monitor.billing.kind import PanelKind
from monitor.registry import Registry

PANELS: Registry[PanelKind] = Registry(
    "billing panel",
    PanelKind,
    {
        "csv": "monitor.billing.by_hand:KIND",
        "whmcs": "monitor.billing.whmcs:KIND",
        "webhook": "monitor.billing.webhook:KIND",
    },
    "estado.panels",
)
