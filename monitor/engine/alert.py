"""Messages to operators: composed when they leave, from what is known then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from monitor.domain.alert_subject import LONGEST, one_line, shortened
from monitor.domain.catalogue import Catalogue
from monitor.domain.failure import FailureClass
from monitor.domain.formats import clock_time, offset_name, utc_iso
from monitor.domain.grouping import Batch
from monitor.domain.incident import Incident, Standing
from monitor.domain.interval import Second
from monitor.domain.notification import EventKind, Notification, event_name
from monitor.domain.observation import ComponentId, Result
from monitor.engine.alert_facts import Facts, Tone, gather
from monitor.engine.alert_fields import VERSION, as_fields, many_fields
from monitor.engine.alert_html import as_html
from monitor.engine.alert_sections import (
    Section,
    closing,
    headline,
    one_row,
    second_line,
    sections,
)
from monitor.engine.alert_text import as_text
from monitor.engine.evidence import sights_of
from monitor.ports.notifier import Message

_MOST_ROWS = 20
_BLIND, _SEES = "monitor.blind", "monitor.sees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Words messages in Spanish. Each source is asked at the moment of composing."""

    catalogue: Callable[[], Catalogue]
    failures: Mapping[str, FailureClass]
    standings: Callable[[], Mapping[ComponentId, Standing]] = dict
    results: Callable[[], Sequence[Result]] = tuple
    """The last rows of the log; see `evidence.recent_results`."""

    def compose(self, batch: Batch, incidents: Mapping[str, Incident], now: Second) -> Message:
        """One message for a batch: of one notification, or of several of one kind.

        It never fails: an alert that cannot be worded leaves with what is certain.
        """
        try:
            return self._composed(batch, incidents, now)
        except Exception:  # noqa: BLE001 - a bug in the wording must not keep anybody asleep
            structlog.get_logger().exception("alert.not_worded", about=batch[0].event)
            return _bare(batch, self.catalogue())

    def _composed(self, batch: Batch, incidents: Mapping[str, Incident], now: Second) -> Message:
        if batch[0].kind is EventKind.NOTICE:
            return notice_message(batch[0], self.catalogue(), now)
        known = [n for n in batch if n.subject in incidents]
        if not known:
            return _bare(batch, self.catalogue())
        results = self.results()
        facts = [self._facts(n, incidents[n.subject], results, now) for n in known]
        return incident_message(facts[0]) if len(batch) == 1 else digest_message(facts)

    def _facts(
        self, notification: Notification, incident: Incident, results: Sequence[Result], now: Second
    ) -> Facts:
        catalogue = self.catalogue()
        return gather(
            notification,
            incident,
            sights=sights_of(incident, catalogue, results),
            catalogue=catalogue,
            failures=self.failures,
            standings=self.standings(),
            now=now,
        )


def incident_message(facts: Facts) -> Message:
    """Everything about one incident."""
    parts = sections(facts)
    head, second, close = headline(facts), second_line(facts), closing(facts)
    return Message(
        key=message_key(facts.notification),
        thread=thread_key(facts.notification),
        subject=facts.subject,
        text=as_text(head, second, parts, close),
        html=as_html(facts.tone, facts.subject, head, second, parts, close, facts.url),
        fields=as_fields(facts),
    )


def digest_message(all_facts: Sequence[Facts]) -> Message:
    """Several incidents at once: a list, and where to look first."""
    first = all_facts[0]
    notifications = [facts.notification for facts in all_facts]
    kind = first.notification.kind
    count = sum(len(facts.incident.components) for facts in all_facts)
    head = f"{first.word}: {len(all_facts)} incidentes, {count} componentes"
    subject = shortened(head, LONGEST)
    url = first.catalogue.page.url
    parts = [
        Section(label="Incidentes", lines=_rows(all_facts), is_verbatim=True),
        Section(label="Página", lines=(url,), is_verbatim=True),
        Section(label="Escriba", lines=("estado incident list",), is_verbatim=True),
    ]
    second = "Muchas fallas a la vez: busque primero lo que tienen en común (red, energía, DNS)."
    if kind is EventKind.RESOLUTION:
        second = "Volvieron a funcionar."
    close = "Un solo mensaje en lugar de uno por incidente."
    key = _digest_key(notifications)
    return Message(
        key=key,
        thread=key,
        subject=subject,
        text=as_text(head, second, parts, close),
        html=as_html(first.tone, subject, head, second, parts, close, url, "Ver el estado"),
        fields=many_fields(str(kind), subject, all_facts),
    )


def _rows(all_facts: Sequence[Facts]) -> tuple[str, ...]:
    rows = [one_row(facts) for facts in all_facts[:_MOST_ROWS]]
    rest = len(all_facts) - len(rows)
    return (*rows, f"y {rest} más") if rest else tuple(rows)


def notice_message(notification: Notification, catalogue: Catalogue, now: Second) -> Message:
    """The monitor speaks about itself."""
    kind, _, since = notification.subject.rpartition(":")
    at = Second(int(since)) if since.isdigit() else now
    zone = catalogue.zone
    when = f"{clock_time(at, zone)} ({offset_name(at, zone)})"
    is_blind = kind == _BLIND
    head = f"CIEGO  El control no ve la red desde las {when}" if is_blind else "VE  El control"
    subject = f"CIEGO control: sin red desde las {clock_time(at, zone)}"
    second = (
        "Los destinos de prueba que no son nuestros no responden: falla la conexión de la máquina "
        "que controla. No se abre ningún incidente; la página muestra «sin datos»."
    )
    if kind == _SEES:
        subject = f"VE control: hay red, estaba ciego desde {clock_time(at, zone)}"
        head = f"VE  El control ve la red otra vez; estaba ciego desde las {when}"
        second = "Los controles siguen solos. El tiempo sin datos queda como «sin datos»."
    elif not is_blind:
        subject, head, second = f"AVISO control: {kind}", f"AVISO  {kind}", notification.subject
    parts = [
        Section(
            label="Qué hacer",
            lines=("Revise el enlace, la ruta y el DNS de la máquina que controla.",)
            if is_blind
            else (),
        ),
        Section(label="Página", lines=(catalogue.page.url,), is_verbatim=True),
    ]
    shown = [part for part in parts if part.lines]
    subject = shortened(one_line(subject), LONGEST)
    tone = Tone.WELL if kind == _SEES else Tone.BLIND
    close = "Una sola alerta mientras dure." if is_blind else "No hace falta responder."
    key = message_key(notification)
    return Message(
        key=key,
        thread=f"monitor:{at}|{notification.target}",
        subject=subject,
        text=as_text(head, second, shown, close),
        html=as_html(tone, subject, head, second, shown, close, None),
        fields={
            "version": VERSION,
            "kind": str(notification.kind),
            "event": notification.event,
            "notice": kind,
            "since": utc_iso(at),
            "subject": subject,
        },
    )


def message_key(notification: Notification) -> str:
    """The idempotency key: the event and the target, for (event, target) is what is unique."""
    return f"{notification.event}|{notification.target}"


def thread_key(notification: Notification) -> str:
    """The key of the opening at the same target: what the others answer to."""
    return f"{event_name(EventKind.OPENING, notification.subject)}|{notification.target}"


def _digest_key(notifications: Sequence[Notification]) -> str:
    events = "\n".join(sorted(n.event for n in notifications))
    digest = hashlib.sha256(events.encode()).hexdigest()[:16]
    return f"digest:{digest}|{notifications[0].target}"


def _bare(batch: Batch, catalogue: Catalogue) -> Message:
    """What is certain even where nothing else can be said."""
    subjects = ", ".join(n.subject for n in batch[:10])
    subject = shortened(one_line(f"ALERTA {batch[0].kind}: {subjects}"), LONGEST)
    parts = [
        Section(label="Sobre", lines=(subjects,)),
        Section(label="Página", lines=(catalogue.page.url,), is_verbatim=True),
        Section(label="Escriba", lines=("estado incident list",), is_verbatim=True),
    ]
    second = "No se pudo redactar el detalle."
    return Message(
        key=message_key(batch[0]),
        thread=thread_key(batch[0]),
        subject=subject,
        text=as_text(subject, second, parts, ""),
        html=as_html(Tone.DOWN, subject, subject, second, parts, "", None),
        fields={"version": VERSION, "kind": str(batch[0].kind), "subject": subject},
    )
