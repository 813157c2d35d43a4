"""What the monitor tells of itself: a change, and one message to each route."""

from __future__ import annotations

from monitor.domain.catalogue import Alerting, Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.interval import Second
from monitor.domain.notification import EventKind, Notification
from monitor.ports.journal import JournalTransaction


def give_notice(
    tx: JournalTransaction, kind: str, since: Second, catalogue: Catalogue, now: Second
) -> None:
    """`kind` names what is so (`monitor.blind`), `since` when it began: told once for both."""
    event = f"{kind}:{since}"
    tx.changes.append(
        [Change(at=now, actor=MACHINE.id, kind=kind, subject="monitor", before={},
                after={"since": int(since)})]
    )  # fmt: skip
    tx.outbox.owe(notices(event, catalogue.alerting, now))


def notices(event: str, alerting: Alerting, now: Second) -> list[Notification]:
    """One to the first target of each route."""
    return [
        Notification(
            event=event,
            target=route.targets[0].id,
            route=route.id,
            position=0,
            kind=EventKind.NOTICE,
            subject=event,
            due_at=now,
        )
        for route in alerting.routes
        if route.targets
    ]
