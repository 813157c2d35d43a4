"""A system alert: a change, and one message to each route."""

from __future__ import annotations

from monitor.domain.catalogue import Alerting, Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import Json
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction


def raise_alert(
    tx: JournalTransaction,
    kind: SystemAlert,
    since: Second,
    catalogue: Catalogue,
    now: Second,
    *,
    about: str = "",
    event: str = "",
) -> None:
    """Report what `kind` names, which began at `since`. Its messages are enqueued once for both,
    and for `event` where several may begin at once. `about` names what it is about."""
    event = ":".join(filter(None, (kind, str(int(since)), event)))
    after: dict[str, Json] = {"since": int(since)}
    if about:
        after["about"] = about
    tx.changes.append(
        [Change(at=now, actor=MACHINE.id, kind=kind, subject="monitor", before={}, after=after)]
    )
    subject = ":".join(filter(None, (kind, str(int(since)), about)))
    tx.outbox.enqueue(system_alerts(event, subject, catalogue.alerting, now))


def read_subject(subject: str) -> tuple[str, Second | None, str]:
    """Kind, since and about of a system alert's subject. Without a time, about is all the rest.

    >>> read_subject("monitor.no_resolver:1776359400:[::1]:5353")
    ('monitor.no_resolver', 1776359400, '[::1]:5353')
    >>> read_subject("monitor.blind:1776359400"), read_subject("other")
    (('monitor.blind', 1776359400, ''), ('other', None, ''))
    >>> read_subject("monitor.address_refused:shop=fd00::1")
    ('monitor.address_refused', None, 'shop=fd00::1')
    """
    kind, _, rest = subject.partition(":")
    since, _, about = rest.partition(":")
    return (kind, Second(int(since)), about) if since.isdigit() else (kind, None, rest)


def system_alerts(event: str, subject: str, alerting: Alerting, now: Second) -> list[Notification]:
    """One to the first target of each route."""
    return [
        Notification(
            event=event,
            target=route.targets[0].id,
            route=route.id,
            position=0,
            kind=EventKind.SYSTEM_ALERT,
            subject=subject,
            due_at=now,
        )
        for route in alerting.routes
        if route.targets
    ]
