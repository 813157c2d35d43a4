"""What WHMCS's customers rent, read page by page. Of each service only what a contract needs is
kept: its login stands beside it in the answer, and goes no further than this module."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credits.billing.ports import PanelSilent
from credits.contracts.from_panel import RentedService
from monitor.billing.whmcs.answers import PanelRefused, items, text, whole
from monitor.billing.whmcs.client import WhmcsClient

PAGE = 250
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ENDED = frozenset({"Terminated", "Cancelled"})
_NOT_RENTED = frozenset({"Pending", "Fraud"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesPage:
    """`read` services were on it, those too that are no contract; `total` there are in all."""

    services: Sequence[RentedService]
    read: int
    total: int


class WhmcsServices:
    """Implements `credits.contracts.from_panel.ServicesPages`."""

    def __init__(self, client: WhmcsClient) -> None:
        self._client = client

    async def page(self, start: int) -> ServicesPage:
        """Those from that place on, by their numbers. Raises PanelSilent."""
        try:
            answer = await self._client.read(
                "GetClientsProducts", limitstart=str(start), limitnum=str(PAGE)
            )
        except PanelRefused as error:
            raise PanelSilent(f"GetClientsProducts: {error}") from None
        found = items(answer, "products", "product")
        total = whole(answer.get("totalresults"), "totalresults")
        if not found and start < total:
            raise PanelSilent(f"GetClientsProducts: nothing from {start} on, of {total}")
        return ServicesPage(
            services=[one for one in map(_service, found) if one is not None],
            read=len(found),
            total=total,
        )


def _service(found: Mapping[str, Any]) -> RentedService | None:
    """None for what nobody rents (yet)."""
    status = text(found.get("status"), "status")
    since = text(found.get("regdate"), "regdate")
    if status in _NOT_RENTED or _DAY.fullmatch(since) is None or since.startswith("0000"):
        return None
    return RentedService(
        service_id=str(whole(found.get("id"), "id")),
        client_id=str(whole(found.get("clientid"), "clientid")),
        product=text(found.get("name"), "name"),
        product_id=str(whole(found.get("pid"), "pid")),
        server=text(found.get("serverhostname") or "", "serverhostname"),
        since=since,
        is_suspended=status == "Suspended",
        has_ended=status in _ENDED,
    )
