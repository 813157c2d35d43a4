"""A hosting company's month for measurements of its close: many servers, many contracts, outages.

Each contract needs one server and the name servers. Outages fall on servers by chance, and last
from five minutes to three hours; the name servers never fail.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.money import Money
from credits.terms import Terms
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.time.calendar import local_month
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import SqlJournal, migrate, open_journal
from monitor.journal.ports import Decided
from monitor.roles.core.configuration import store_revision

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
MONTH = local_month(2026, 10, ZONE)
BEFORE = Second(MONTH.start - 40 * 86_400)
NOW = Second(MONTH.end + 4 * 86_400)
_NAME_SERVERS = "dns"
_BATCH = 500
_INTERVAL_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    contracts: int
    outages: int
    servers: int


def fill(folder: Path, size: Size) -> str:
    """A journal in a folder; its address."""
    url = f"sqlite:///{folder / 'journal.db'}"
    migrate(url, backup=False)
    with open_journal(url) as journal:
        _add_past(journal, size)
        _add_contracts(journal, size)
    return url


def _add_past(journal: SqlJournal, size: Size) -> None:
    fallen = _outages(size)
    with journal.transaction() as tx:
        store_revision(tx, config_text(size.servers), BEFORE, BEFORE)
        names = [*map(_server, range(size.servers)), _NAME_SERVERS]
        decided = [_decided(name, Outcome.UP, BEFORE) for name in names]
        for name, outage in fallen:
            decided.append(_decided(name, Outcome.DOWN, outage.start))
            decided.append(_decided(name, Outcome.UP, outage.end))
        tx.transitions.append(decided)
        tx.folds.save({(CheckId(name), LOCAL): _state() for name in names}, 1)


def _outages(size: Size) -> Sequence[tuple[str, Interval]]:
    dice = random.Random(3)  # noqa: S311 - no secret
    found = []
    for number in range(size.outages):
        begin = MONTH.start + 7_200 + number * ((MONTH.seconds - 20_000) // size.outages)
        lasted = 60 * int(5 * 36 ** dice.random())
        span = Interval(Second(begin), Second(begin + lasted))
        found.append((_server(dice.randrange(size.servers)), span))
    return [one for n, one in enumerate(found) if not _falls_into(one, found[:n])]


def _falls_into(one: tuple[str, Interval], before: Sequence[tuple[str, Interval]]) -> bool:
    return any(one[0] == name and one[1].overlaps(span) for name, span in before)


def _add_contracts(journal: SqlJournal, size: Size) -> None:
    base = Terms(guarantee=Decimal("0.9989"))
    terms = [replace(base, required=(_server(n), _NAME_SERVERS)) for n in range(size.servers)]
    for first in range(0, size.contracts, _BATCH):
        numbers = range(first, min(first + _BATCH, size.contracts))
        with journal.transaction() as tx:
            tx.contracts.save_all([_contract(n, terms[n % size.servers]) for n in numbers])


def _contract(number: int, terms: Terms) -> Contract:
    begun = BEFORE if number % 10 else Second(MONTH.start + number % 20 * 86_400)
    return Contract(
        id=ContractId(f"C-{number:06}"), client_id=str(number // 3), service_id=str(number),
        product="Hosting básico", active=(Interval(begun, FOREVER),),
        terms=(TermsPeriod(period=MONTH, label="standard", terms=terms),),
        segments=(
            PriceSegment(
                invoice_id=f"F-{number}", line_id="L1", period=MONTH,
                net=Money(Decimal(number * 37 % 5_000) + Decimal("0.90"), "USD"),
            ),
        ),
    )  # fmt: skip


def config_text(servers: int) -> str:
    return "\n".join(
        [
            "page: {name: Banco, company: Prueba, url: 'http://127.0.0.1/'}",
            f"timezone: {ZONE.key}",
            "terms: [{id: standard, guarantee: '0.9989'}]",
            "services:",
            "  - id: all",
            "    name: All",
            "    components:",
            *_components(servers),
        ]
    )


def _components(servers: int) -> Iterator[str]:
    for name in [*map(_server, range(servers)), _NAME_SERVERS]:
        check = f"{{id: {name}, probe: tcp, interval: {_INTERVAL_S}s, target: '127.0.0.1:9'}}"
        yield f"      - {{id: {name}, name: {name}, checks: [{check}]}}"


def _server(number: int) -> str:
    return f"web-{number}"


def _decided(name: str, to: Outcome, at: Second) -> Decided:
    return Decided(
        check=CheckId(name), location=LOCAL, decided_at=Second(at + 120), catalogue_revision=1,
        transition=Transition(
            source=Outcome.UNKNOWN if at == BEFORE else _other(to), to=to, effective_at=at,
            previous_at=None if at == BEFORE else Second(at - _INTERVAL_S),
            decided_by=Second(at + 120), cause="conn_refused",
        ),
    )  # fmt: skip


def _other(outcome: Outcome) -> Outcome:
    return Outcome.UP if outcome is Outcome.DOWN else Outcome.DOWN


def _state() -> FoldState:
    return FoldState(
        status=Outcome.UP, last_slot=NOW, covered_until=Second(NOW + _INTERVAL_S),
        is_confirmed=True, revision=1,
    )  # fmt: skip
