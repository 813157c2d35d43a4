"""A WHMCS installation as a billing panel.

`AddCredit` has no key that would make a second call harmless: it is called once, whatever it
answers. What it has done stands in the customer's credit log, found by the credit's token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from credits.billing.ports import Entry, PanelSilent, Payment, Standing
from credits.life.applying import Account
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.kind import Sleep
from monitor.billing.whmcs.answers import PanelRefused, amount, items, text, whole
from monitor.billing.whmcs.client import WhmcsClient
from monitor.billing.whmcs.spec import WhmcsSpec

_CENT = Decimal("0.01")
_NOT_PAID = frozenset({"Unpaid", "Overdue", "Collections", "Payment Pending"})
"""An invoice that was paid, or there would be no credit for it: the bank took the payment back."""


class WhmcsPanel:
    """Implements `credits.billing.ports.BillingPanel`."""

    kind = "whmcs"
    is_by_hand = False

    def __init__(
        self, client: WhmcsClient, *, is_rehearsal: bool, reads_tickets: bool = True
    ) -> None:
        self._client = client
        self.is_rehearsal = is_rehearsal
        self._reads_tickets = reads_tickets

    @classmethod
    def built(cls, spec: WhmcsSpec, given: ChannelDependencies, sleep: Sleep) -> WhmcsPanel:
        client = WhmcsClient(spec, given, sleep)
        return cls(client, is_rehearsal=spec.dry_run, reads_tickets=spec.tickets)

    async def standing(self, payment: Payment) -> Standing:
        """The customer, the service, each invoice and the tickets, read now."""
        numbers = (payment.client_id, payment.service_id, *payment.invoices)
        strange = [one for one in numbers if not (one.isascii() and one.isdigit())]
        if strange:
            return Standing(refused="no_number", detail=f"WHMCS numbers things: {strange[0]!r}")
        if payment.amount.amount != payment.amount.amount.quantize(_CENT):
            return Standing(refused="decimals", detail=f"WHMCS has two: {payment.amount}")
        for read in (
            self._client_standing,
            self._service_standing,
            self._invoices_standing,
            self._tickets_standing,
        ):
            try:
                found = await read(payment)
            except PanelRefused as error:
                return Standing(refused="panel_says_no", detail=str(error))
            if found != Standing():
                return found
        return Standing()

    async def find(self, payment: Payment) -> Sequence[Entry]:
        try:
            answer = await self._client.read("GetCredits", clientid=payment.client_id)
        except PanelRefused as error:
            raise PanelSilent(f"GetCredits: {error}") from None
        if whole(answer.get("clientid"), "clientid") != int(payment.client_id):
            raise PanelSilent("GetCredits: of another client")
        lines = items(answer, "credits", "credit")
        if whole(answer.get("totalresults"), "totalresults") != len(lines):
            # Part of a log proves nothing about what is not in it.
            raise PanelSilent("GetCredits: not the whole log")
        return [
            Entry(reference=str(whole(line.get("id"), "id")), amount=amount(line.get("amount")))
            for line in lines
            if payment.token in text(line.get("description"), "description")
        ]

    async def apply(self, payment: Payment) -> str:
        """WHMCS names no line in its answer: the reference is looked up in the log."""
        given = payment.amount.amount
        try:
            answer = await self._client.call(
                "AddCredit",
                clientid=payment.client_id,
                description=payment.description,
                amount=f"{abs(given).quantize(_CENT):f}",
                type="add" if given > 0 else "remove",
            )
        except PanelRefused as error:
            raise PanelSilent(f"AddCredit: {error}") from None
        if amount(answer.get("newbalance")) is None:
            raise PanelSilent("AddCredit: success without a balance")
        return await self._reference(payment)

    async def _reference(self, payment: Payment) -> str:
        try:
            found = await self.find(payment)
        except PanelSilent:
            return ""
        return found[-1].reference if found else ""

    async def _client_standing(self, payment: Payment) -> Standing:
        answer = await self._client.read("GetClientsDetails", clientid=payment.client_id)
        client = answer.get("client")
        if not isinstance(client, Mapping):
            raise PanelSilent("GetClientsDetails: no client")
        if whole(client.get("id"), "id") != int(payment.client_id):
            raise PanelSilent("GetClientsDetails: another client")
        currency = text(client.get("currency_code"), "currency_code")
        if text(client.get("status"), "status") == "Closed":
            return Standing(account=Account.DELETED, detail="the client is closed")
        if currency != payment.amount.currency:
            detail = f"the client's balance is in {currency}, not {payment.amount.currency}"
            return Standing(refused="other_currency", detail=detail)
        return Standing()

    async def _service_standing(self, payment: Payment) -> Standing:
        answer = await self._client.read(
            "GetClientsProducts", clientid=payment.client_id, serviceid=payment.service_id
        )
        for service in items(answer, "products", "product"):
            if _is(service, "id", payment.service_id) and _is(
                service, "clientid", payment.client_id
            ):
                return _of_service(text(service.get("status"), "status"))
        return Standing(
            refused="other_owner",
            detail=f"service {payment.service_id} is not client {payment.client_id}'s",
        )

    async def _invoices_standing(self, payment: Payment) -> Standing:
        for invoice in payment.invoices:
            answer = await self._client.read("GetInvoice", invoiceid=invoice)
            if not _is(answer, "invoiceid", invoice):
                raise PanelSilent("GetInvoice: another invoice")
            if not _is(answer, "userid", payment.client_id):
                detail = f"invoice {invoice} is not client {payment.client_id}'s"
                return Standing(refused="other_owner", detail=detail)
            status = text(answer.get("status"), "status")
            if status in _NOT_PAID:
                detail = f"invoice {invoice} is {status} again"
                return Standing(account=Account.CHARGEBACK, detail=detail)
            if status != "Paid":
                return Standing(refused="invoice", detail=f"invoice {invoice} is {status}")
        return Standing()

    async def _tickets_standing(self, payment: Payment) -> Standing:
        """One ticket of the client's own is enough: who mistyped one asks by the right one too.
        What was asked for by tickets of nobody, or of others, moves no money."""
        if not self._reads_tickets or not payment.tickets:
            return Standing()
        for ticket in payment.tickets:
            owner = await self._owner(ticket)
            if owner is not None and owner == int(payment.client_id):
                return Standing()
        named = ", ".join(payment.tickets)
        detail = f"no ticket of client {payment.client_id}'s: {named}"
        return Standing(refused="foreign_ticket", detail=detail)

    async def _owner(self, ticket: str) -> int | None:
        """The number of the client whose ticket it is; None where there is no such ticket. Raises
        PanelRefused where WHMCS does not let its tickets be read."""
        try:
            answer = await self._client.read("GetTicket", ticketnum=ticket)
        except PanelRefused as error:
            if "not found" in str(error).lower():
                return None
            raise
        if text(answer.get("tid"), "tid").upper() != ticket:
            raise PanelSilent("GetTicket: another ticket")
        return whole(answer.get("userid"), "userid")


def _is(found: Mapping[str, Any], key: str, wanted: str) -> bool:
    return whole(found.get(key), key) == int(wanted)


def _of_service(status: str) -> Standing:
    """A service that has ended takes nothing from what its customer is owed."""
    match status:
        case "Suspended":
            return Standing(account=Account.SUSPENDED, detail="the service is suspended")
        case "Fraud":
            return Standing(account=Account.CHARGEBACK, detail="the service is marked as fraud")
        case "Pending":
            return Standing(refused="service", detail="the service is pending")
    return Standing()
