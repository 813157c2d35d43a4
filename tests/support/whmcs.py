"""A stand-in for WHMCS on loopback, whose answers are those of its published reference and samples
(developers.whmcs.com). No WHMCS was at hand: what a real one does otherwise is not known here.

It keeps clients, services, invoices and credit logs, and misbehaves as a test says.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

Fields = dict[str, str]
Fault = Callable[[Fields], Awaitable[web.StreamResponse | None]]
IDENTIFIER, SECRET = "IdDeLaPrueba0123", "SecretoDeLaPrueba4567"
CANARY_USER, CANARY_PASSWORD = "canario-usuario", "canario-clave"
"""They stand in every answer that carries a service's login."""


@dataclass
class Service:
    client: str
    status: str = "Active"
    name: str = "Hosting básico"
    regdate: str = "2026-01-10"
    amount: str = "1234.56"


@dataclass
class Whmcs:
    url: str = ""
    clients: dict[str, Fields] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    invoices: dict[str, Fields] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    """The client of each, by its code."""
    log: list[Fields] = field(default_factory=list)
    asked: list[Fields] = field(default_factory=list)
    late: list[Fields] = field(default_factory=list)
    """Calls whose effect has not landed yet."""
    fault: Fault | None = None
    """Asked before each answer: it may answer in its place."""
    is_flat: bool = False
    """Lists as `credits[credit][0][id]`, as the samples print them."""
    separators: str = "{}"
    """How the credit log writes an amount."""
    most_a_page: int = 250
    _leaving: asyncio.Event = field(default_factory=asyncio.Event)

    def calls(self, action: str) -> list[Fields]:
        return [one for one in self.asked if one["action"] == action]

    def add_client(self, number: str = "77", currency: str = "USD", status: str = "Active") -> None:
        self.clients[number] = {"id": number, "status": status, "currency_code": currency}
        for ticket in ticket_of(number), f"{ticket_of(number)}2":
            self.tickets.setdefault(ticket, number)

    def add_paid(self, client: str = "77", service: str = "501", invoice: str = "9001") -> None:
        self.services[service] = Service(client)
        self.invoices[invoice] = {"invoiceid": invoice, "userid": client, "status": "Paid"}

    def land(self) -> None:
        """What was taken in and not booked is booked now."""
        while self.late:
            self._book(self.late.pop(0))

    def balance(self, client: str = "77") -> Decimal:
        return sum((Decimal(x["amount"]) for x in self.log if x["clientid"] == client), Decimal(0))

    async def take(self, request: web.Request) -> web.StreamResponse:
        fields = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self.asked.append(fields)
        if self.fault is not None:
            answer = await self.fault(fields)
            if answer is not None:
                return answer
        if (fields.get("identifier"), fields.get("secret")) != (IDENTIFIER, SECRET):
            return said({"result": "error", "message": "Invalid IP 127.0.0.1"}, 403)
        return said(getattr(self, f"_{fields['action']}")(fields))

    async def hang(self, fields: Fields) -> web.StreamResponse:
        """Say nothing until the test is over."""
        await self._leaving.wait()
        return web.Response()

    def _GetClientsDetails(self, fields: Fields) -> dict[str, Any]:  # noqa: N802 - an action's name
        client = self.clients.get(fields["clientid"])
        if client is None:
            return {"result": "error", "message": "Client Not Found"}
        return {
            "result": "success",
            "client": {**client, "password": CANARY_PASSWORD, "email": "ana@example.com"},
            **client, "password": CANARY_PASSWORD,
        }  # fmt: skip

    def _GetClientsProducts(self, fields: Fields) -> dict[str, Any]:  # noqa: N802
        start, most = int(fields.get("limitstart", 0)), int(fields.get("limitnum", 25))
        found = [
            self._product(number, one)
            for number, one in sorted(self.services.items(), key=lambda item: int(item[0]))
            if fields.get("clientid") in (None, one.client)
            and fields.get("serviceid") in (None, number)
        ]
        page = found[start : start + min(most, self.most_a_page)]
        return {
            "result": "success", "clientid": fields.get("clientid"), "totalresults": len(found),
            "startnumber": start, "numreturned": len(page),
            "products": {"product": page} if page else "",
        }  # fmt: skip

    def _product(self, number: str, one: Service) -> dict[str, Any]:
        return {
            "id": number, "clientid": one.client, "pid": "3", "name": one.name,
            "regdate": one.regdate, "status": one.status, "billingcycle": "Monthly",
            "recurringamount": one.amount, "nextduedate": "2026-11-01", "suspensionreason": "",
            "serverhostname": "web-1.example.com", "username": CANARY_USER,
            "password": CANARY_PASSWORD, "customfields": {"customfield": []},
        }  # fmt: skip

    def _GetInvoice(self, fields: Fields) -> dict[str, Any]:  # noqa: N802
        invoice = self.invoices.get(fields["invoiceid"])
        if invoice is None:
            return {"result": "error", "message": "Invoice ID Not Found"}
        return {"result": "success", **invoice}

    def _GetTicket(self, fields: Fields) -> dict[str, Any]:  # noqa: N802
        owner = self.tickets.get(fields["ticketnum"])
        if owner is None:
            return {"result": "error", "message": "Ticket ID Not Found"}
        return {
            "result": "success", "ticketid": "31", "tid": fields["ticketnum"], "userid": owner,
            "status": "Open", "subject": "Bonificación", "email": "ana@example.com",
        }  # fmt: skip

    def _GetCredits(self, fields: Fields) -> dict[str, Any]:  # noqa: N802
        if fields["clientid"] not in self.clients:
            return {"result": "error", "message": "Client ID Not Found"}
        own = [
            {**line, "amount": self.separators.format(Decimal(line["amount"]))}
            for line in self.log
            if line["clientid"] == fields["clientid"]
        ]
        found: dict[str, Any] = {
            "result": "success", "totalresults": str(len(own)), "clientid": fields["clientid"],
        }  # fmt: skip
        if self.is_flat:
            for n, line in enumerate(own):
                found |= {f"credits[credit][{n}][{key}]": value for key, value in line.items()}
            return found
        return {**found, "credits": {"credit": own} if own else ""}

    def _AddCredit(self, fields: Fields) -> dict[str, Any]:  # noqa: N802
        if fields["clientid"] not in self.clients:
            return {"result": "error", "message": "Client ID Not Found"}
        self._book(fields)
        return {"result": "success", "newbalance": f"{self.balance(fields['clientid']):.2f}"}

    def _book(self, fields: Fields) -> None:
        sign = "-" if fields.get("type") == "remove" else ""
        self.log.append(
            {
                "id": str(len(self.log) + 1), "date": "2026-11-05",
                "description": fields["description"], "amount": f"{sign}{fields['amount']}",
                "relid": "0", "clientid": fields["clientid"],
            }
        )  # fmt: skip


def ticket_of(client: str) -> str:
    """The code of the ticket by which a client asks for a credit; with a 2 behind it another."""
    return f"T-{client}"


def said(fields: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(fields), content_type="application/json", charset="utf-8"
    )


@asynccontextmanager
async def whmcs() -> AsyncIterator[Whmcs]:
    opened = Whmcs()
    opened.add_client()
    opened.add_paid()
    app = web.Application()
    app.router.add_post("/includes/api.php", opened.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        opened.url = f"http://127.0.0.1:{runner.addresses[0][1]}/includes/api.php"
        yield opened
    finally:
        opened._leaving.set()
        await runner.cleanup()
