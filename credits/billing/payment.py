"""A credit as a payment, and what a search of the panel proves about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credits.billing.ports import Entry, Payment, Standing, token_of
from credits.contract import Contract
from credits.life.applying import Account, Found
from credits.life.credit import CreditRecord
from credits.money import Money
from monitor.domain.refusals import Refused


def payment_of(record: CreditRecord, description: str = "") -> Payment:
    """What a panel is asked to do for a credit: one amount, the sum of its lines. The token stands
    first in what the customer reads: a panel may cut the end off. Raises Refused where the lines
    are in several currencies: a customer's balance has one."""
    amounts = [money for _, money in record.amounts]
    currencies = sorted({money.currency for money in amounts})
    if len(currencies) != 1:
        raise Refused("credit.currencies", id=record.id, currencies=", ".join(currencies) or "-")
    total = sum((money.amount for money in amounts), Decimal(0))
    one = record.credit
    return Payment(
        credit=record.id,
        client_id=one.client_id,
        service_id=one.service_id,
        invoices=tuple(dict.fromkeys(line.invoice_id for line in one.lines)),
        amount=Money(total, currencies[0]),
        tickets=record.tickets,
        description=" ".join(filter(None, (token_of(record.id), description, one.period))),
    )


def own_standing(record: CreditRecord, contract: Contract | None) -> Standing:
    """What this product's own contracts say of it now. An import may have changed them since the
    credit came about."""
    if contract is None:
        return Standing(refused="no_contract", detail=f"no contract {record.credit.key.contract}")
    if contract.client_id != record.credit.client_id:
        return Standing(
            refused="other_owner", detail=f"the contract is client {contract.client_id}'s now"
        )
    lines = {segment.key: segment.net.currency for segment in contract.segments}
    for line in record.credit.lines:
        found = lines.get((line.invoice_id, line.line_id), line.amount.currency)
        if found != line.amount.currency:
            return Standing(
                refused="other_currency",
                detail=f"invoice {line.invoice_id} is in {found} now, not {line.amount.currency}",
            )
    return Standing(account=Account.SUSPENDED if contract.is_suspended else Account.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a customer's credit log proves. `is_odd`: somebody has to look at it, for `detail`'s
    reason."""

    found: Found
    reference: str = ""
    detail: str = ""
    is_odd: bool = False


def judge(payment: Payment, entries: Sequence[Entry]) -> SearchResult:
    """What the lines with the credit's token prove. A line with another amount proves neither that
    it was applied nor that it was not.

    >>> from credits.life.credit import CreditId
    >>> pay = Payment(credit=CreditId("B"), client_id="1", service_id="2", invoices=(),
    ...               amount=Money(Decimal("6.86"), "USD"), description="[B]")
    >>> judge(pay, []).found.value
    'absent'
    >>> twice = judge(pay, [Entry(reference=n, amount=Decimal("6.86")) for n in ("8", "9")])
    >>> twice.reference, twice.detail
    ('8', 'it is there 2 times: 8, 9')
    """
    if not entries:
        return SearchResult(found=Found.ABSENT)
    names = ", ".join(entry.reference for entry in entries)
    amounts = [entry.amount for entry in entries]
    if all(amount == payment.amount.amount for amount in amounts):
        is_odd = len(entries) > 1
        return SearchResult(
            found=Found.PRESENT,
            reference=entries[0].reference,
            detail=f"it is there {len(entries)} times: {names}" if is_odd else "",
            is_odd=is_odd,
        )
    if sum(amount or 0 for amount in amounts) == payment.amount.amount and None not in amounts:
        # Somebody has put a double right, beside the same token.
        return SearchResult(found=Found.PRESENT, reference=entries[0].reference)
    detail = f"it is there with another amount than {payment.amount}: {names}"
    return SearchResult(found=Found.SILENT, detail=detail, is_odd=True)
