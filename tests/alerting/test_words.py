"""A message is in one language from its subject to its last line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

import pytest

from monitor.alerting.grouping import Batch
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import FailureClass, Outcome
from monitor.domain.incidents.delivery import Delivery, EventKind, Notification
from monitor.domain.incidents.incident import Incident, IncidentEvent, IncidentId, Phase
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Second
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.languages import OPERATORS_LANGUAGES, Lang
from monitor.i18n.words import ALERTS
from probes.registry import all_failures
from tests.domain.incidents import (
    ALERTING,
    BACK_AT,
    DECIDED_AT,
    WEB,
    catalogue,
    incident,
    part,
    update,
)

DECLARED = all_failures()
OTHER = {Lang.ES: Lang.EN, Lang.EN: Lang.ES}
SPANISH = re.compile(r"[áéíóúñ¿¡«»]|\b(el|la|los|las|de|que|una?|desde|por|con)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(the|an?|of|is|at|not|and|it|since|with|no longer)\b", re.IGNORECASE)
STRANGERS = {Lang.ES: ENGLISH, Lang.EN: SPANISH}
"""What only the other language has: `a` is left out where it is a Spanish word."""
STRANGERS[Lang.ES] = re.compile(ENGLISH.pattern.replace("an?", "an"), re.IGNORECASE)


def spoken_in(lang: Lang) -> Catalogue:
    known = catalogue(alerting=replace(ALERTING, remind_every=900))
    return replace(known, page=replace(known.page, locales=(lang, OTHER[lang])))


def owed_for(kind: EventKind, subject: str, number: int = 0) -> Notification:
    return Notification(
        event=f"incident:{subject}:{kind}", kind=kind, subject=subject, number=number,
        route="all", position=0, target="guardia", due_at=DECIDED_AT, delivery=Delivery.PENDING,
    )  # fmt: skip


def composed(
    lang: Lang,
    batch: Batch,
    incidents: Mapping[str, Incident],
    failures: Mapping[str, FailureClass] = DECLARED,
) -> Message:
    alert_renderer = AlertRenderer(catalogue=lambda: spoken_in(lang), failures=failures)
    return alert_renderer.compose(batch, incidents, Second(DECIDED_AT + 30))


def opening(lang: Lang, failure: FailureClass) -> Message:
    status = Outcome.DEGRADED if failure.outcome is Outcome.DEGRADED else Outcome.DOWN
    about = incident(part(WEB, status=status, cause=failure.id))
    return composed(lang, (owed_for(EventKind.OPENING, about.id),), {about.id: about})


def every_other(lang: Lang) -> Iterator[Message]:
    """One message of each kind, beside the openings of each class."""
    cause = "conn_refused"
    updates = (update(1, IncidentEvent.OPENED), update(2, IncidentEvent.JOINED))
    open_ = replace(incident(part(WEB, cause=cause), part(cause=cause)), updates=updates)
    over = replace(
        incident(part(WEB, cause=cause, end=BACK_AT), phase=Phase.RESOLVED),
        resolved_at=Second(BACK_AT + 900), monitoring_at=BACK_AT,
    )  # fmt: skip
    for kind, about in (
        (EventKind.OPENING, over),
        (EventKind.UPDATE, open_),
        (EventKind.REMINDER, open_),
        (EventKind.RESOLUTION, over),
    ):
        yield composed(lang, (owed_for(kind, about.id, 2),), {about.id: about})
    for kind in (EventKind.OPENING, EventKind.RESOLUTION):
        many = {f"k{n}": replace(open_, id=IncidentId(f"k{n}")) for n in range(25)}
        yield composed(lang, tuple(owed_for(kind, subject) for subject in many), many)
    about_something = {
        SystemAlert.CHECK_BROKEN,
        SystemAlert.ADDRESS_REFUSED,
        SystemAlert.CLOCK_SET,
        SystemAlert.RESULTS_LOST,
        SystemAlert.TARGET_REFUSES,
    }
    kinds = [kind for kind in SystemAlert if kind not in about_something]
    named = (
        f"{SystemAlert.CHECK_BROKEN}:1776359400:web, tv +3=ValueError: a=b",
        f"{SystemAlert.ADDRESS_REFUSED}:web=fd00::1",
        f"{SystemAlert.CLOCK_SET}:1776359400:-3600",
        f"{SystemAlert.CLOCK_SET}:1776359400:7",
    )
    for subject in (*(f"{kind}:1776359400" for kind in kinds), *named):
        yield composed(lang, (owed_for(EventKind.SYSTEM_ALERT, subject),), {})
    for kind in (EventKind.OPENING, EventKind.REMINDER, EventKind.RESOLUTION):
        yield composed(lang, (owed_for(kind, "gone"),), {})


def strangers(lang: Lang, message: Message) -> list[str]:
    """Words of the other language; what is typed, and the page's address, are nobody's."""
    typed = re.compile(r"https?://\S+|estado incident .*|streaming")
    prose = [
        message.subject,
        *(typed.sub("", line, re.IGNORECASE) for line in message.text.splitlines()),
    ]
    return [line for line in prose if STRANGERS[lang].search(line)]


@pytest.mark.parametrize("lang", OPERATORS_LANGUAGES)
@pytest.mark.parametrize("ident", sorted(DECLARED))
def test_it_tells_each_class_whole_and_in_one_language(ident: str, lang: Lang) -> None:
    failure = DECLARED[ident]
    message = opening(lang, failure)
    text = " ".join(message.text.split())
    for told in (failure.summary, failure.cause, failure.remedy):
        assert told.by_locale[lang].rstrip(".") in text
        assert told.by_locale[OTHER[lang]].rstrip(".") not in text
    assert strangers(lang, message) == []


@pytest.mark.parametrize("lang", OPERATORS_LANGUAGES)
def test_it_tells_each_kind_of_message_in_one_language(lang: Lang) -> None:
    found = list(every_other(lang))
    assert [line for message in found for line in strangers(lang, message)] == []
    assert {f'<html lang="{ALERTS[lang].html_lang}">' in m.html for m in found} == {True}


def test_it_sees_a_word_of_the_other_language() -> None:
    """What the two tests above rest on: a class whose Spanish cause was forgotten."""
    whole = DECLARED["conn_refused"]
    lacking = replace(whole, cause=type(whole.cause)({"en": whole.cause.in_locale("en")}))
    about = incident(part(WEB, cause="conn_refused"))
    owing = owed_for(EventKind.OPENING, about.id)
    message = composed(Lang.ES, (owing,), {about.id: about}, {"conn_refused": lacking})
    assert strangers(Lang.ES, message) != []


def texts(say: AlertWords) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in fields(say):
        value = getattr(say, one.name)
        named = value if isinstance(value, Mapping) else {"": value}
        found |= {f"{one.name} {key}".strip(): words for key, words in named.items()}
    return found


def test_both_languages_have_the_same_words_and_places() -> None:
    spanish, english = (texts(ALERTS[lang]) for lang in OPERATORS_LANGUAGES)
    places = re.compile(r"\{\w+\}")
    assert spanish.keys() == english.keys()
    assert [name for name in spanish if not spanish[name] or spanish[name] == english[name]] == []
    for name, words in spanish.items():
        assert sorted(places.findall(words)) == sorted(places.findall(english[name])), name


@pytest.mark.parametrize("lang", OPERATORS_LANGUAGES)
def test_a_check_that_is_led_inside_is_told_with_the_setting_that_allows_it(lang: Lang) -> None:
    message = composed(
        lang, (owed_for(EventKind.SYSTEM_ALERT, f"{SystemAlert.ADDRESS_REFUSED}:shop=fd00::1"),), {}
    )
    assert "shop" in message.subject
    assert "fd00::1" in message.text
    assert "operations.allow_private" in message.text
    assert "{" not in message.text
    assert message.fields["notice"] == SystemAlert.ADDRESS_REFUSED
