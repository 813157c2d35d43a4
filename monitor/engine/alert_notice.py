"""Messages that tell of no incident: the monitor about itself, and what cannot be worded."""

from __future__ import annotations

from monitor.domain.alert_subject import LONGEST, one_line, shortened
from monitor.domain.catalogue import Catalogue
from monitor.domain.formats import clock_time, offset_name, utc_iso
from monitor.domain.grouping import Batch
from monitor.domain.interval import Second
from monitor.domain.notification import Notification
from monitor.domain.wording_sentences import fill
from monitor.engine.alert_facts import Tone
from monitor.engine.alert_fields import VERSION
from monitor.engine.alert_html import as_html
from monitor.engine.alert_keys import message_key, thread_key
from monitor.engine.alert_sections import Section
from monitor.engine.alert_text import as_text
from monitor.engine.alert_words import ALERT_WORDS, AlertWords, operators_lang
from monitor.engine.distress import Trouble
from monitor.engine.notices import read_notice
from monitor.engine.sight import BLIND, DISAGREES, RESOLVES, SEES, UNRESOLVED
from monitor.engine.store_watch import FLOWS, STUCK
from monitor.ports.notifier import Message

_WELL = (SEES, RESOLVES, FLOWS, Trouble.WRITES)
_LASTING = (BLIND, UNRESOLVED, DISAGREES, STUCK, Trouble.FULL, Trouble.JOURNAL)


def notice_message(
    notification: Notification, catalogue: Catalogue, now: Second, options: str = ""
) -> Message:
    """The monitor speaks about itself. `options` follow the commands that it names."""
    kind, since, about = read_notice(notification.subject)
    at = now if since is None else since
    say = _words(catalogue)
    told, head, second = _told(kind, notification, catalogue, at)
    advice = {
        BLIND: say.blind_remedy,
        UNRESOLVED: say.unresolved_remedy,
        DISAGREES: say.disagrees_remedy,
        STUCK: fill(say.stuck_remedy, o=options),
        Trouble.FULL: say.full_remedy,
        Trouble.JOURNAL: say.away_remedy,
    }.get(kind)
    parts = [
        *([Section(label=say.about, lines=(about,), is_verbatim=True)] if about else []),
        *([Section(label=say.remedy, lines=(advice,))] if advice else []),
        Section(label=say.page, lines=(catalogue.page.url,), is_verbatim=True),
    ]
    subject = shortened(one_line(told), LONGEST)
    tone = Tone.WELL if kind in _WELL else Tone.BLIND
    close = say.blind_once if kind in _LASTING else say.no_answer
    return Message(
        key=message_key(notification),
        thread=f"monitor:{at}|{notification.target}",
        subject=subject,
        text=as_text(head, second, parts, close),
        html=as_html(tone, subject, head, second, parts, close, None, say=say),
        fields={
            "version": VERSION,
            "kind": str(notification.kind),
            "event": notification.event,
            "notice": kind,
            "since": utc_iso(at),
            "about": about or None,
            "subject": subject,
        },
    )


def _told(
    kind: str, notification: Notification, catalogue: Catalogue, at: Second
) -> tuple[str, str, str]:
    """Subject, headline and what it means."""
    say = _words(catalogue)
    times = {"t": clock_time(at, catalogue.zone), "u": offset_name(at, catalogue.zone)}
    told = {
        BLIND: (say.blind_subject, say.blind, say.blind_means),
        SEES: (say.sees_subject, say.sees, say.sees_means),
        UNRESOLVED: (say.unresolved_subject, say.unresolved, say.unresolved_means),
        RESOLVES: (say.resolves_subject, say.resolves, say.resolves_means),
        DISAGREES: (say.disagrees_subject, say.disagrees, say.disagrees_means),
        STUCK: (say.stuck_subject, say.stuck, say.stuck_means),
        FLOWS: (say.flows_subject, say.flows, say.flows_means),
        Trouble.FULL: (say.full_subject, say.full, say.full_means),
        Trouble.JOURNAL: (say.away_subject, say.away, say.away_means),
        Trouble.WRITES: (say.writes_subject, say.writes, say.writes_means),
    }
    if kind in told:
        subject, head, means = told[kind]
        return fill(subject, **times), fill(head, **times), means
    other = fill(say.notice, c=kind)
    return other, other, notification.subject


def bare_message(batch: Batch, catalogue: Catalogue, typed: str) -> Message:
    """What is certain even where nothing else can be said."""
    say = _words(catalogue)
    subjects = ", ".join(n.subject for n in batch[:10])
    told = f"{say.alert} {say.kinds[batch[0].kind]}: {subjects}"
    subject = shortened(one_line(told), LONGEST)
    parts = [
        Section(label=say.about, lines=(subjects,)),
        Section(label=say.page, lines=(catalogue.page.url,), is_verbatim=True),
        Section(label=say.typed, lines=(typed,), is_verbatim=True),
    ]
    return Message(
        key=message_key(batch[0]),
        thread=thread_key(batch[0]),
        subject=subject,
        text=as_text(subject, say.not_worded, parts, ""),
        html=as_html(Tone.DOWN, subject, subject, say.not_worded, parts, "", None, say=say),
        fields={"version": VERSION, "kind": str(batch[0].kind), "subject": subject},
    )


def _words(catalogue: Catalogue) -> AlertWords:
    return ALERT_WORDS[operators_lang(catalogue.page)]
