"""One row of a contracts file: a contract with one of its invoice lines.

Dates and times are local to the configuration's zone; a date alone is its midnight, and ends are
exclusive: the period from 2026-10-01 to 2026-11-01 is October.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from credits.cases.times import read_instant
from credits.client import LANGUAGES, ClientAddress
from credits.contract import PriceSegment
from credits.fields import Fields, Problem, nearest, shown
from credits.money import MINOR_UNITS, Money, minor_units
from monitor.domain.customers.names import BadName, read_name
from monitor.domain.subscriptions.mail_address import BadAddress, read_address
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.untrusted_text import is_plain_line

COLUMNS: Mapping[str, str] = {
    "contract_id": "your own id; rows of one contract stand together",
    "client_id": "the customer's number in the billing panel",
    "service_id": "the service's number in the billing panel",
    "product": "what was sold, for people",
    "terms": "an id under `terms` in the configuration",
    "components": "required components by id, separated by spaces; empty: as the terms say",
    "management": "managed, self-managed, ...; empty: as the terms say",
    "active_from": "when the contract began",
    "active_to": "when it ended; empty: it has not",
    "suspended": "past suspensions, start/end separated by spaces",
    "suspended_now": "yes while the account is suspended for non-payment",
    "paid_at": "when the invoice was paid, no time to come: terms of that day hold; empty: "
    "period_start",
    "invoice_id": "the invoice; empty on a contract without one",
    "invoice_line_id": "its line",
    "period_start": "the invoice's period",
    "period_end": "its end, exclusive",
    "net": "paid for the line: after promotions, without tax, domains or setup",
    "currency": "ISO 4217",
    "weight": "the line's share in a bundle; empty: 1",
    "email": "where the customer is told of credits; empty: nowhere, what was known is erased",
    "language": "es or en, in which the customer is told; empty: es",
    "already_credited": "credited before, in the line's currency, at most net; empty: 0",
    "names": "domains that these components serve, separated by spaces; empty: none",
}
NEEDED = frozenset({"contract_id", "client_id", "service_id", "product", "terms", "active_from"})
_MAX_NET = Decimal(10**12)
"""More than any hosting costs in any currency: a higher price is a mistyped one."""
_A_TIME = "a date such as 2026-10-01, or a time such as 2026-10-01T12:00:00, from 1970 on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every row of one contract repeats."""

    contract: str
    client: str
    service: str
    product: str
    active: Interval
    suspended: tuple[Interval, ...]
    is_suspended: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChoice:
    """Which terms the row chooses, for which period; None: as those terms have it."""

    label: str
    period: Interval
    paid_at: Second
    components: tuple[str, ...] | None
    management: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """A row as read; `line` is its place in the file; `segment` None where it names no invoice."""

    line: int
    head: Head
    terms_choice: TermsChoice
    segment: PriceSegment | None
    has_email: bool = False
    """Whether the file says where its customer is told."""
    email: ClientAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """What is wrong with a line of the file."""

    line: int
    problem: Problem


def complain(problems: list[BadRow], line: int, column: str, wanted: str, got: object) -> None:
    """Add a problem that several rows cause together."""
    problem = Problem(path=column, wanted=wanted, got=shown(got))
    problems.append(BadRow(line=line, problem=problem))


def read_row(
    line: int, values: Mapping[str, str], zone: ZoneInfo, now: Second, problems: list[Problem]
) -> ContractRow:
    """Read one row; problems are added to `problems`, and the row must not be used then."""
    fields = _Cells(values, zone, problems)
    fields.refuse_controls()
    head = Head(
        contract=fields.text("contract_id"),
        client=fields.text("client_id"),
        service=fields.text("service_id"),
        product=fields.text("product"),
        active=fields.active(),
        suspended=fields.spans("suspended"),
        is_suspended=fields.yes("suspended_now"),
        names=fields.names(),
    )
    segment = fields.segment()
    period = head.active if segment is None else segment.period
    terms_choice = TermsChoice(
        label=fields.text("terms"),
        period=period,
        paid_at=fields.past("paid_at", now) if fields.has("paid_at") else period.start,
        components=tuple(sorted(set(values["components"].split())))
        if fields.has("components")
        else None,
        management=fields.text("management") if fields.has("management") else None,
    )
    return ContractRow(
        line=line, head=head, terms_choice=terms_choice, segment=segment,
        has_email="email" in values, email=fields.email(),
    )  # fmt: skip


class _Cells(Fields):
    """A row's cells: an empty cell counts as absent."""

    def __init__(self, values: Mapping[str, str], zone: ZoneInfo, problems: list[Problem]) -> None:
        filled = {key: cell for key, value in values.items() if (cell := value.strip())}
        super().__init__(filled, "", problems)
        self._zone = zone

    def refuse_controls(self) -> None:
        """Refuse control characters: cells are shown on terminals, in messages and spreadsheets."""
        for key, value in self.values.items():
            # An address has no place for one, and is never repeated.
            if key != "email" and not is_plain_line(str(value)):
                self.complain(key, "one line without control characters")

    def moment(self, key: str) -> Second:
        found = self._instant(self.values.get(key))
        if found is None:
            self.complain(key, _A_TIME)
        return found or Second(0)

    def past(self, key: str, now: Second) -> Second:
        found = self.moment(key)
        if found > now:
            self.complain(key, "a time that has come")
        return found

    def _instant(self, value: object) -> Second | None:
        """None for times before 1970 too: a year such as 26 is mistyped."""
        found = read_instant(value, self._zone)
        return found if found is not None and found > 0 else None

    def active(self) -> Interval:
        start = self.moment("active_from")
        end = self.moment("active_to") if self.has("active_to") else FOREVER
        return self._ordered(start, end, "active_to", "active_from")

    def segment(self) -> PriceSegment | None:
        """The invoice line, None for a row without one."""
        if not self.has("invoice_id"):
            self._refuse_half_a_line()
            return None
        period = self._ordered(
            self.moment("period_start"), self.moment("period_end"), "period_end", "period_start"
        )
        net = self._net()
        return PriceSegment(
            invoice_id=self.text("invoice_id"),
            line_id=self.text("invoice_line_id"),
            period=period,
            net=net,
            weight=self.number("weight", Decimal(1)),
            already_credited=self._credited(net),
        )

    def _refuse_half_a_line(self) -> None:
        for key in ("invoice_line_id", "period_start", "period_end", "net", "currency"):
            if self.has(key):
                self.complain("invoice_id", f"an invoice, since there is a {key}")
                return

    def spans(self, key: str) -> tuple[Interval, ...]:
        out: list[Interval] = []
        text = str(self.values.get(key, ""))
        for word in text.split():
            ends = [self._instant(part) for part in word.split("/")]
            start, end = ends if len(ends) == 2 else (None, None)
            if start is None or end is None or end <= start:
                wanted = "start/end with end after start"
                self.problems.append(Problem(path=self.at(key), wanted=wanted, got=shown(word)))
            else:
                out.append(Interval(start, end))
        return tuple(sorted(out))

    def names(self) -> tuple[str, ...]:
        found: set[str] = set()
        for word in str(self.values.get("names", "")).split():
            try:
                found.add(read_name(word).ascii)
            except BadName:
                wanted = "domains such as example.com"
                self.problems.append(Problem(path=self.at("names"), wanted=wanted, got=shown(word)))
        return tuple(sorted(found))

    def email(self) -> ClientAddress | None:
        """What is wrong with it is said without it: mistakes are printed and logged."""
        language = str(self.values.get("language", LANGUAGES[0]))
        if language not in LANGUAGES:
            self.complain("language", f"one of {', '.join(LANGUAGES)}")
        if not self.has("email"):
            return None
        try:
            return ClientAddress(address=read_address(str(self.values["email"])), language=language)
        except BadAddress as error:
            wanted = "an address such as ana@example.com"
            self.problems.append(Problem(path=self.at("email"), wanted=wanted, got=str(error)))
        return None

    def yes(self, key: str) -> bool:
        word = str(self.values.get(key, "no")).lower()
        if word not in ("yes", "no", "si", "sí"):
            self.complain(key, "yes or no")
        return word not in ("no", "")

    def _net(self) -> Money:
        currency = self.text("currency")
        if self.has("currency") and currency not in MINOR_UNITS:
            near = nearest(currency.upper(), MINOR_UNITS)
            self.complain("currency", f"a currency of ISO 4217{near}")
        net = self.number("net")
        if net > _MAX_NET:
            self.complain("net", f"a price of at most {_MAX_NET}")
        self._refuse_part_of_a_unit("net", net, currency)
        return Money(net, currency)

    def _credited(self, net: Money) -> Decimal:
        before = len(self.problems)
        credited = self.number("already_credited", Decimal(0))
        if credited > net.amount and len(self.problems) == before:
            self.complain("already_credited", f"at most what was paid ({shown(net.amount)})")
        self._refuse_part_of_a_unit("already_credited", credited, net.currency)
        return credited

    def _refuse_part_of_a_unit(self, key: str, amount: Decimal, currency: str) -> None:
        """No invoice and no ledger has one."""
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > minor_units(currency):
            self.complain(key, f"at most {minor_units(currency)} decimals in {currency}")

    def _ordered(self, start: Second, end: Second, key: str, before: str) -> Interval:
        if start and end and end <= start:
            self.complain(key, f"a time after {before}")
        return Interval(start, end)
