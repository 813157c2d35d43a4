"""`whmcs`: credits as lines of the customer's credit log in WHMCS, by its API.

Written from WHMCS's published reference and samples; no installation of it was at hand.
"""

from __future__ import annotations

from monitor.billing.kind import PanelKind
from monitor.billing.whmcs.panel import WhmcsPanel
from monitor.billing.whmcs.spec import WhmcsSpec

KIND = PanelKind(name="whmcs", spec=WhmcsSpec, build=WhmcsPanel.built, summary="WHMCS, by its API")
