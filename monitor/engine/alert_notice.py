"""Messages that tell of no incident: the monitor about itself, and what cannot be worded."""

from __future__ import annotations

from monitor.domain.alert_subject import LONGEST, one_line, shortened
from monitor.domain.catalogue import Catalogue
from monitor.domain.formats import clock_time, offset_name, spoken_duration, utc_iso
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
from monitor.engine.clock_doubt import DOUBTED, TRUSTED
from monitor.engine.dirty_days import LATE_REFUSED
from monitor.engine.distress import Trouble
from monitor.engine.log_losses import LOG_LOST
from monitor.engine.notice_words import NOTICE_WORDS, NoticeWords
from monitor.engine.notices import read_notice
from monitor.engine.refused_watch import REFUSED
from monitor.engine.refusing_target import TARGET_REFUSES
from monitor.engine.rewind import CLOCK_SET
from monitor.engine.sight import BLIND, DISAGREES, RESOLVES, SEES, UNRESOLVED
from monitor.engine.stall_watch import STALLING, STEADY
from monitor.engine.store_watch import FLOWS, STUCK
from monitor.ports.notifier import Message

_WELL = (SEES, RESOLVES, FLOWS, STEADY, Trouble.WRITES, Trouble.HEARD, TRUSTED)
_LASTING = (
    BLIND,
    UNRESOLVED,
    DISAGREES,
    STUCK,
    STALLING,
    Trouble.FULL,
    Trouble.JOURNAL,
    Trouble.DAMAGED,
    Trouble.UNHEARD,
    DOUBTED,
)


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
        LATE_REFUSED: say.late_remedy,
        Trouble.FULL: say.full_remedy,
        Trouble.JOURNAL: say.away_remedy,
        CLOCK_SET: say.clock_remedy,
        DOUBTED: say.doubt_remedy,
    }.get(kind) or _own_remedy(kind, about, catalogue, options)
    # What the sentences name already is not named again.
    is_named = bool(about) and kind not in (CLOCK_SET, REFUSED, LOG_LOST, TARGET_REFUSES)
    parts = [
        *([Section(label=say.about, lines=(about,), is_verbatim=True)] if is_named else []),
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
        LATE_REFUSED: (say.late_subject, say.late, say.late_means),
        FLOWS: (say.flows_subject, say.flows, say.flows_means),
        Trouble.FULL: (say.full_subject, say.full, say.full_means),
        Trouble.JOURNAL: (say.away_subject, say.away, say.away_means),
        Trouble.WRITES: (say.writes_subject, say.writes, say.writes_means),
        CLOCK_SET: (say.clock_subject, say.clock, say.clock_means),
        DOUBTED: (say.doubt_subject, say.doubt, say.doubt_means),
        TRUSTED: (say.trust_subject, say.trust, say.trust_means),
    }
    about = read_notice(notification.subject)[2]
    if kind == CLOCK_SET:
        times["d"] = _spoken_step(int(about), catalogue)
    own = _own_words(kind, catalogue)
    if own is not None:
        places = times | _named(about)
        return fill(own.subject, **places), fill(own.head, **places), fill(own.means, **places)
    if kind in told:
        subject, head, means = told[kind]
        return fill(subject, **times), fill(head, **times), means
    other = fill(say.notice, c=kind)
    return other, other, notification.subject


def _spoken_step(seconds: int, catalogue: Catalogue) -> str:
    """By how much a clock was set: "went forward 1 hour"."""
    say = _words(catalogue)
    length = spoken_duration(abs(seconds), operators_lang(catalogue.page))
    return fill(say.clock_forward if seconds > 0 else say.clock_back, d=length)


def _own_words(kind: str, catalogue: Catalogue) -> NoticeWords | None:
    return NOTICE_WORDS[operators_lang(catalogue.page)].get(kind)


def _own_remedy(kind: str, about: str, catalogue: Catalogue, options: str) -> str:
    own = _own_words(kind, catalogue)
    return fill(own.remedy, o=options, **_named(about)) if own else ""


def _named(about: str) -> dict[str, str]:
    """The check and the address that a notice is about, where it is about one.

    >>> _named("shop=fd00::1"), _named("1776359400")
    ({'c': 'shop', 'a': 'fd00::1'}, {})
    """
    check, found, address = about.partition("=")
    return {"c": check, "a": address} if found else {}


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
