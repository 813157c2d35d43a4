"""Messages to operators: composed when they leave, from what is known then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from monitor.alerting.context import AlertContext, gather
from monitor.alerting.evidence import last_seen_of
from monitor.alerting.grouping import Batch, leading_notifications
from monitor.alerting.html import as_html
from monitor.alerting.keys import digest_key, message_key, thread_key
from monitor.alerting.plain_text import as_text
from monitor.alerting.ports import Message
from monitor.alerting.sections import (
    Section,
    closing,
    component_lines,
    headline,
    one_row,
    second_line,
    sections,
)
from monitor.alerting.system_alerts import bare_message, system_alert_message
from monitor.alerting.webhook_fields import WORST, as_fields, many_fields
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId, FailureClass, Result
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.incident import ComponentStatus, Incident, severity
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import LONGEST, shortened
from monitor.i18n.forms.incidents import fill
from monitor.journal.ports import Changes, Transitions
from monitor.timelines.unobserved import unseen_of

_LIST = "estado incident list"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRenderer:
    """Composes messages in the page's language. Each source is called at that moment.

    `options` follow each command that a message says to type, such as ` -d /srv/estado`.
    """

    catalogue: Callable[[], Catalogue]
    failures: Mapping[str, FailureClass]
    component_statuses: Callable[[], Mapping[ComponentId, ComponentStatus]] = dict
    results: Callable[[], Sequence[Result]] = tuple
    """The last rows of the log; see `evidence.recent_results`."""
    options: str = ""
    with_departed: Callable[[Iterable[ComponentId]], Catalogue] | None = None
    """The configuration with those of some components that have left it, for their names."""

    def compose(
        self,
        batch: Batch,
        incidents: Mapping[str, Incident],
        now: Second,
        transitions: Transitions | None = None,
        changes: Changes | None = None,
    ) -> Message:
        """One message for a batch: all that is pending about one incident, or about several. From
        `transitions` come the seconds without data of an incident that is over, from `changes` the
        facts of a system alert that has many.

        It never fails: an alert that cannot be worded leaves with what is certain.
        """
        try:
            return self._composed(batch, incidents, now, transitions, changes)
        except Exception:  # noqa: BLE001 - a bug in the wording must not keep anybody asleep
            structlog.get_logger().exception("alert.not_worded", about=batch[0].event)
            return self._bare(batch)

    def _composed(
        self,
        batch: Batch,
        incidents: Mapping[str, Incident],
        now: Second,
        transitions: Transitions | None,
        changes: Changes | None,
    ) -> Message:
        if batch[0].kind is EventKind.SYSTEM_ALERT:
            return system_alert_message(batch[0], self.catalogue(), now, self.options, changes)
        known = [n for n in leading_notifications(batch) if n.subject in incidents]
        if not known:
            return self._bare(batch)
        known.sort(key=lambda n: severity(incidents[n.subject]))
        results = self.results()
        # Details that nobody reads in a storm are not looked up.
        facts = [
            self._facts(n, incidents[n.subject], results, now, transitions)
            if place < WORST
            else self._facts(n, incidents[n.subject], (), now, None)
            for place, n in enumerate(known)
        ]
        return incident_message(facts[0]) if len(facts) == 1 else digest_message(facts, batch)

    def _bare(self, batch: Batch) -> Message:
        return bare_message(batch, self.catalogue(), _LIST + self.options)

    def _facts(
        self,
        notification: Notification,
        incident: Incident,
        results: Sequence[Result],
        now: Second,
        transitions: Transitions | None,
    ) -> AlertContext:
        with_departed = self.with_departed
        catalogue = (
            with_departed(incident.components) if with_departed is not None else self.catalogue()
        )
        is_over = notification.kind is EventKind.RESOLUTION
        return gather(
            notification,
            incident,
            last_seen=last_seen_of(incident, catalogue, results),
            catalogue=catalogue,
            failures=self.failures,
            component_statuses=self.component_statuses(),
            now=now,
            options=self.options,
            unseen=unseen_of(transitions, incident, catalogue, now)
            if transitions is not None and is_over
            else None,
        )


def incident_message(facts: AlertContext) -> Message:
    """Everything about one incident."""
    parts = sections(facts)
    head, second, close = headline(facts), second_line(facts), closing(facts)
    return Message(
        key=message_key(facts.notification),
        thread=thread_key(facts.notification),
        subject=facts.subject,
        text=as_text(head, second, parts, close),
        html=as_html(
            facts.tone, facts.subject, head, second, parts, close, facts.url, words=facts.words
        ),
        fields=as_fields(facts),
    )


def digest_message(all_facts: Sequence[AlertContext], batch: Batch) -> Message:
    """Several incidents at once, the worst first: a list, and where to look first. It has every
    component with its start and its end."""
    kind = _kind_of(all_facts)
    first = next(facts for facts in all_facts if facts.notification.kind is kind)
    words, url = first.words, first.catalogue.page.url
    count = sum(len(facts.incident.components) for facts in all_facts)
    is_over = kind is EventKind.RESOLUTION
    has_closed = is_over and any(facts.is_closed for facts in all_facts)
    state_word = words.closed if has_closed else first.state_word
    head = fill(words.many, c=state_word, n=str(len(all_facts)), m=str(count))
    subject = shortened(head, LONGEST)
    parts = [
        Section(label=words.incidents, lines=_rows(all_facts), is_verbatim=True),
        Section(label=words.page, lines=(url,), is_verbatim=True),
        Section(label=words.typed, lines=(_LIST + first.options,), is_verbatim=True),
        Section(label=words.components, lines=_every_component(all_facts), is_verbatim=True),
    ]
    ended = words.many_closed if has_closed else words.many_back
    second = ended if is_over else words.many_fell
    key = digest_key(batch)
    return Message(
        key=key,
        thread=key,
        subject=subject,
        text=as_text(head, second, parts, words.one_for_all),
        html=as_html(
            first.tone,
            subject,
            head,
            second,
            parts,
            words.one_for_all,
            url,
            words.see_status,
            words=words,
        ),
        fields=many_fields(str(kind), subject, all_facts, batch),
    )


def _kind_of(all_facts: Sequence[AlertContext]) -> EventKind:
    """What is new comes before what has changed, and that before what goes on."""
    kinds = {facts.notification.kind for facts in all_facts}
    return min(kinds, key=list(EventKind).index)


def _rows(all_facts: Sequence[AlertContext]) -> tuple[str, ...]:
    rows = [one_row(facts) for facts in all_facts[:WORST]]
    rest = len(all_facts) - len(rows)
    return (*rows, fill(all_facts[0].words.and_more, n=str(rest))) if rest else tuple(rows)


def _every_component(all_facts: Sequence[AlertContext]) -> tuple[str, ...]:
    return tuple(
        f"{line} ({facts.incident.id})" for facts in all_facts for line in component_lines(facts)
    )
