"""Messages that are about no incident: system alerts, and what cannot be worded."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.alerting.context import Tone
from monitor.alerting.grouping import Batch
from monitor.alerting.html import as_html
from monitor.alerting.keys import message_key, thread_key
from monitor.alerting.money.budget import BUDGET_KINDS, budget_message
from monitor.alerting.plain_text import as_text
from monitor.alerting.ports import Message
from monitor.alerting.sections import Section
from monitor.alerting.webhook_fields import VERSION
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Change
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import LONGEST, one_line, shortened
from monitor.i18n.formats import clock_time, offset_name, spoken_duration, utc_iso
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.forms.incidents import fill
from monitor.i18n.forms.system_alerts import SystemAlertText
from monitor.i18n.words import ALERTS, SYSTEM_ALERTS, operators_lang
from monitor.journal.ports import Changes
from monitor.self_monitoring.system_alert import read_subject

_SHORTEST_NAME = 12
_NAMED_IN_TEXT = (
    SystemAlert.CHECK_BROKEN,
    SystemAlert.CLOCK_SET,
    SystemAlert.RESULTS_LOST,
    SystemAlert.ADDRESS_REFUSED,
    SystemAlert.TARGET_REFUSES,
    SystemAlert.JOURNAL_HELD,
    SystemAlert.ROLE_STOPPED,
    SystemAlert.ROLE_RUNS,
    SystemAlert.TOLD_BY_PERSON,
    SystemAlert.CUSTOMERS_SAY,
)
_RECOVERED = (
    SystemAlert.ONLINE,
    SystemAlert.RESOLVER_BACK,
    SystemAlert.STORE_BACK,
    SystemAlert.STEADY,
    SystemAlert.WRITES_AGAIN,
    SystemAlert.ROLE_RUNS,
    SystemAlert.ALERTS_DELIVERED,
    SystemAlert.CLOCK_TRUSTED,
)
_LASTING = (
    SystemAlert.OFFLINE,
    SystemAlert.NO_RESOLVER,
    SystemAlert.CONTRADICTED,
    SystemAlert.STORE_STUCK,
    SystemAlert.STALLING,
    SystemAlert.DISK_FULL,
    SystemAlert.JOURNAL_AWAY,
    SystemAlert.JOURNAL_HELD,
    SystemAlert.ROLE_STOPPED,
    SystemAlert.JOURNAL_DAMAGED,
    SystemAlert.ALERTS_UNDELIVERED,
    SystemAlert.CLOCK_DOUBTED,
)


def system_alert_message(
    notification: Notification,
    catalogue: Catalogue,
    now: Second,
    options: str = "",
    changes: Changes | None = None,
) -> Message:
    """The message of a system alert. `options` follow the commands that it names; some are worded
    from the change in which they were recorded."""
    kind, since, about = read_subject(notification.subject)
    if kind in BUDGET_KINDS:
        recorded = _recorded(changes, kind, about)
        if recorded is not None:
            return budget_message(notification, recorded, catalogue, options)
        about = ""
    at = now if since is None else since
    words = _words(catalogue)
    text = _filled(notification.subject, at, catalogue, options)
    # What the sentences already name is not named again.
    is_named = bool(about) and kind not in _NAMED_IN_TEXT
    parts = [
        *([_about(words, kind, about)] if is_named else []),
        *([Section(label=words.remedy, lines=(text.remedy,))] if text.remedy else []),
        Section(label=words.page, lines=(catalogue.page.url,), is_verbatim=True),
    ]
    subject = shortened(one_line(text.subject), LONGEST)
    tone = Tone.WELL if kind in _RECOVERED else Tone.NO_DATA
    close = words.offline_once if kind in _LASTING else words.no_answer
    return Message(
        key=message_key(notification),
        thread=f"monitor:{at}|{notification.target}",
        subject=subject,
        text=as_text(text.head, text.means, parts, close),
        html=as_html(tone, subject, text.head, text.means, parts, close, None, words=words),
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


def _recorded(changes: Changes | None, kind: str, about: str) -> Change | None:
    """The change that a subject ends with; None where it is not the one that was meant."""
    if changes is None or not about.isdigit():
        return None
    found = changes.since(int(about) - 1, 1)
    return next((one for one in found if one.seq == int(about) and one.kind == kind), None)


def _about(words: AlertWords, kind: str, about: str) -> Section:
    """What it is about; of several components, a line for each."""
    is_many = kind == SystemAlert.UNRECORDED
    lines = about.partition("=")[2].splitlines() if is_many else [about]
    return Section(label=words.about, lines=tuple(lines), is_verbatim=True)


def _filled(subject: str, at: Second, catalogue: Catalogue, options: str) -> SystemAlertText:
    """The text of a system alert's kind with its placeholders filled; for a kind that is not
    known, its name."""
    kind, _, about = read_subject(subject)
    text = SYSTEM_ALERTS[operators_lang(catalogue.page)].get(kind)
    if text is None:
        other = fill(_words(catalogue).system_alert, c=kind)
        return SystemAlertText(subject=other, head=other, means=subject)
    values = {
        "t": clock_time(at, catalogue.zone),
        "u": offset_name(at, catalogue.zone),
        "o": options,
        **_named(about),
    }
    if kind == SystemAlert.CLOCK_SET:
        values["d"] = _spoken_step(int(about), catalogue)
    return SystemAlertText(
        subject=_fitted(text.subject, values),
        head=fill(text.head, **values),
        means=fill(text.means, **values),
        remedy=fill(text.remedy, **values),
    )


def _fitted(template: str, values: Mapping[str, str]) -> str:
    """A subject that fits its limit: its name is shortened, and not the words behind it."""
    whole = fill(template, **values)
    name = values.get("c", "")
    most = LONGEST - len(whole) + len(name)
    if "{c}" not in template or most >= len(name):
        return whole
    return fill(template, **{**values, "c": shortened(name, max(most, _SHORTEST_NAME))})


def _spoken_step(seconds: int, catalogue: Catalogue) -> str:
    """By how much a clock was set: "went forward 1 hour"."""
    words = _words(catalogue)
    length = spoken_duration(abs(seconds), operators_lang(catalogue.page))
    return fill(words.clock_forward if seconds > 0 else words.clock_back, d=length)


def _named(about: str) -> dict[str, str]:
    """The check and the address that a system alert is about, where it is about one.

    >>> _named("shop=fd00::1"), _named("1776359400")
    ({'c': 'shop', 'a': 'fd00::1'}, {})
    """
    check, found, address = about.partition("=")
    return {"c": check, "a": address} if found else {}


def bare_message(batch: Batch, catalogue: Catalogue, typed: str) -> Message:
    """A message with what is certain, where nothing else can be said."""
    words = _words(catalogue)
    subjects = ", ".join(n.subject for n in batch[:10])
    line = f"{words.alert} {words.kinds[batch[0].kind]}: {subjects}"
    subject = shortened(one_line(line), LONGEST)
    parts = [
        Section(label=words.about, lines=(subjects,)),
        Section(label=words.page, lines=(catalogue.page.url,), is_verbatim=True),
        Section(label=words.typed, lines=(typed,), is_verbatim=True),
    ]
    return Message(
        key=message_key(batch[0]),
        thread=thread_key(batch[0]),
        subject=subject,
        text=as_text(subject, words.not_worded, parts, ""),
        html=as_html(Tone.DOWN, subject, subject, words.not_worded, parts, "", None, words=words),
        fields={"version": VERSION, "kind": str(batch[0].kind), "subject": subject},
    )


def _words(catalogue: Catalogue) -> AlertWords:
    return ALERTS[operators_lang(catalogue.page)]
