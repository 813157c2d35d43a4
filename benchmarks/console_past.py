"""What people have read and done in a large company: incidents, windows, accounts, changes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.accounts.ports import Accounts, AccountsTransaction
from monitor.accounts.secrets import Argon2Passwords, SystemRandomness
from monitor.accounts.session_keys import SESSION_S, hash_of
from monitor.domain.accounts.account import Account, AccountName, AccountSession
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Change, Via
from monitor.domain.checks.observation import ComponentId, Json, Outcome
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Origin,
    Phase,
    Update,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

CAUSES = ("conn_refused", "timeout", "http_status", "cert_expired", "dns_nxdomain")
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    checks: int = 10_000
    components: int = 2_000
    services: int = 200
    failing: int = 300
    open_incidents: int = 30
    past_incidents: int = 2_000
    windows: int = 50
    accounts: int = 500
    changes: int = 20_000
    months: int = 12
    credits: int = 500
    contracts: int = 0
    """Of the month before this one; with any, some nights of it wait to be excluded."""


def incidents_of(size: Size, now: Second, dice: random.Random) -> Iterator[Incident]:
    for number in range(size.open_incidents):
        parts = dice.sample(range(size.components), 5)
        yield _incident(f"o{number:07}", Second(now - 600 - 300 * number), None, parts, number)
    for number in range(size.past_incidents):
        start = Second(now - _DAY - number * 86 * _DAY // size.past_incidents)
        parts = dice.sample(range(size.components), dice.randrange(1, 7))
        yield _incident(f"p{number:07}", start, Second(start + 3_000), parts, number)


def _incident(
    name: str, start: Second, end: Second | None, parts: Sequence[int], number: int
) -> Incident:
    words = Text({"es": f"Falla en {len(parts)} componentes", "en": f"{len(parts)} components"})
    phases = [Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING]
    updates = tuple(
        Update(
            number=n + 1, at=Second(start + 300 * n), phase=phase,
            event=IncidentEvent.OPENED if n == 0 else IncidentEvent.PERSON,
            actor="estado" if n == 0 else f"person{number % 7}",
            machine=words if n == 0 else None,
            person=None if n == 0 else Text({"es": "Seguimos trabajando en ello. " * 4}),
        )
        for n, phase in enumerate(phases[: 1 + number % 3] if end is None else phases)
    )  # fmt: skip
    return Incident(
        id=IncidentId(name), phase=updates[-1].phase if end is None else Phase.RESOLVED,
        impact=Impact.MAJOR, started_at=start, created_at=Second(start + 120),
        machine_title=words, resolved_at=end, origin=Origin.MACHINE, updates=updates,
        affected=tuple(
            Affected(
                component=ComponentId(f"c{part}"), status=Outcome.DOWN, start=start, end=end,
                cause=CAUSES[number % len(CAUSES)],
            )
            for part in parts
        ),
    )  # fmt: skip


def windows_of(size: Size, now: Second) -> Iterator[MaintenanceWindow]:
    for number in range(size.windows):
        start = Second(now + (number - size.windows // 2) * 40_000)
        yield MaintenanceWindow(
            id=MaintenanceId(f"w{number:04}"),
            title=Text({"es": "Cambio de discos", "en": "New disks"}),
            impact=Text({"es": "Puede haber cortes breves", "en": "Short outages"}),
            start=start, end=Second(start + 14_400), created_by="person1",
            components=tuple(
                ComponentId(f"c{(number * 37 + n) % size.components}") for n in range(10)
            ),
        )  # fmt: skip


def add_accounts(tx: AccountsTransaction, size: Size, now: Second, sessions: int) -> list[str]:
    """The keys of one administrator's sessions."""
    accounts = tx.accounts
    hashed = Argon2Passwords(64, 1).hashed("correct horse battery")
    for number in range(size.accounts):
        accounts.save(
            Account(
                name=AccountName(f"person{number}"), full_name=f"Persona {number}",
                roles=frozenset({AccountRole.ADMIN if number < 8 else AccountRole.OPERATOR}),
                password_hash=hashed, password_changed_at=now, created_at=now,
            )
        )  # fmt: skip
        _session(accounts, f"person{number}", now)
    everything = frozenset({AccountRole.ADMIN, AccountRole.BILLING, AccountRole.APPROVER})
    accounts.save(
        Account(
            name=AccountName("bench"), full_name="Banco", roles=everything,
            password_hash=hashed, password_changed_at=now, created_at=now,
        )
    )  # fmt: skip
    return [_session(accounts, "bench", now) for _ in range(sessions)]


def _session(accounts: Accounts, name: str, now: Second) -> str:
    key = SystemRandomness().key()
    accounts.add_session(
        AccountSession(
            key_hash=hash_of(key), account=AccountName(name), created_at=now,
            last_used_at=Second(now + 3_600), expires_at=Second(now + SESSION_S), address="",
            user_agent="",
        )
    )  # fmt: skip
    return key


def changes_of(size: Size, now: Second, dice: random.Random) -> Iterator[Change]:
    kinds = ("incident.updated", "incident.opened", "incident.resolved", "maintenance.added",
             "account.signed_in", "check.probed", "account.changed")  # fmt: skip
    for number in range(size.changes):
        kind = kinds[number % len(kinds)]
        before: dict[str, Json] = {
            "phase": "investigating",
            "title": {"es": "Falla en 3 componentes"},
        }
        after: dict[str, Json] = {
            "phase": "identified",
            "text": {"es": "Seguimos trabajando en ello. " * 4},
        }
        yield Change(
            at=Second(now - (size.changes - number) * 300),
            actor=f"person{dice.randrange(size.accounts)}",
            kind=kind, subject=f"p{number % max(1, size.past_incidents):07}",
            before=before if kind.startswith("incident") else {},
            after=after if kind.startswith("incident") else {"roles": ["operator"]},
            via=Via.CONSOLE, address="192.0.2.7",
        )  # fmt: skip


def report_of(period: str, size: Size) -> str:
    credit = {"product": "Hosting", "client_id": "77", "contract_id": "A-1", "amount": "12.50",
              "currency": "USD", "explanation": "0.9981 < 0.9989: 10 %"}  # fmt: skip
    return json.dumps(
        {
            "credits": [credit] * size.credits, "period": period, "zone": "UTC",
            "totals": [{"currency": "USD", "total": "6250.00"}],
            "assessed": {"breached": size.credits, "kept": 4_000},
        },
        sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
