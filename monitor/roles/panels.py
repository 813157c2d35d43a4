"""The billing panel of a configuration, read from this host: what commands need of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from credits.billing.ports import PanelSilent
from credits.contracts.from_panel import Assignment, RentedService
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.read_so_far import ServicesFile, ServicesMoved
from monitor.billing.whmcs.client import WhmcsClient
from monitor.billing.whmcs.services import WhmcsServices
from monitor.billing.whmcs.spec import WhmcsSpec
from monitor.domain.catalogue import Catalogue
from monitor.domain.refusals import Refused
from monitor.net.egress_guard import egress_guard
from monitor.roles.settings import panel_services_file
from monitor.roles.tools import Tools


def read_services(tools: Tools) -> Sequence[RentedService]:
    """What the panel's customers rent, going on where an earlier attempt ended. Raises Refused
    where the panel cannot be read; the next attempt goes on."""
    spec = _spec(tools.catalogue)
    admit = egress_guard(lambda: tools.catalogue.operations.allow_private)
    given = ChannelDependencies(clock=tools.clock, admit=admit)
    pages = WhmcsServices(WhmcsClient(spec, given, asyncio.sleep))
    file = ServicesFile(panel_services_file(tools.data_dir))
    try:
        return asyncio.run(file.read(pages, tools.clock.now()))
    except (PanelSilent, ServicesMoved, OSError) as error:
        raise Refused("contracts.panel_unread", why=str(error)) from error


def forget_services(tools: Tools) -> None:
    """Once they are imported."""
    ServicesFile(panel_services_file(tools.data_dir)).forget()


def assignment_of(catalogue: Catalogue) -> Assignment:
    """Raises Refused where the configuration promises nothing."""
    spec = _spec(catalogue)
    if not catalogue.terms:
        raise Refused("contracts.no_terms")
    return Assignment(
        default_terms=catalogue.terms[0].id,
        terms_of_product=spec.products,
        components_of_server=spec.servers,
    )


def _spec(catalogue: Catalogue) -> WhmcsSpec:
    spec = catalogue.billing.spec
    if not isinstance(spec, WhmcsSpec):
        raise Refused("contracts.no_panel", kind=catalogue.billing.kind)
    return spec
