"""What the monitor says of itself is right Spanish and fits a lock screen, in every notice."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from monitor.alerting.system_alerts import system_alert_message
from monitor.domain.incidents.delivery import EventKind, Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.i18n.alert_subject import LONGEST
from monitor.i18n.forms.system_alerts import SystemAlertText
from monitor.i18n.languages import OPERATORS_LANGUAGES, Lang
from monitor.i18n.words import SYSTEM_ALERTS
from tests.domain.incidents import DECIDED_AT, catalogue

ABOUT = {
    SystemAlert.CHECK_BROKEN: "tienda-principal-https=ValueError",
    SystemAlert.CLOCK_SET: "-5400",
    SystemAlert.ADDRESS_REFUSED: "tienda-principal-https=fd00::1",
    SystemAlert.TARGET_REFUSES: "guardia-de-operaciones=550 no such user",
    SystemAlert.JOURNAL_HELD: "4194304=estado run --role console, stopped",
    SystemAlert.UNRECORDED: "Tienda principal, Correo saliente=Tienda principal  caído",
    SystemAlert.ROLE_STOPPED: "console=4194304",
    SystemAlert.ROLE_RUNS: "console=0",
    SystemAlert.TOLD_BY_PERSON: "k3f9a2=ana",
    SystemAlert.CUSTOMERS_SAY: "tienda-principal=12",
    SystemAlert.RESULTS_LOST: "1234 filas=de 08:00 a 09:00",
}


@pytest.mark.parametrize("words", SYSTEM_ALERTS[Lang.ES].values(), ids=SYSTEM_ALERTS[Lang.ES])
def test_a_spanish_time_of_day_has_its_article(words: SystemAlertText) -> None:
    said = " ".join((words.subject, words.head, words.means, words.remedy))
    assert set(re.findall(r"(\S+) \{t\}", said)) <= {"las"}


def subject_of(kind: str, lang: Lang, about: str) -> str:
    subject = ":".join(filter(None, (kind, str(int(DECIDED_AT)), about)))
    owed = Notification(
        event=subject, target="first", route="all", position=0, kind=EventKind.SYSTEM_ALERT,
        subject=subject, due_at=DECIDED_AT,
    )  # fmt: skip
    known = catalogue()
    spoken = replace(known, page=replace(known.page, locales=(str(lang),)))
    return system_alert_message(owed, spoken, DECIDED_AT).subject


@pytest.mark.parametrize("lang", OPERATORS_LANGUAGES)
@pytest.mark.parametrize("kind", SYSTEM_ALERTS[Lang.ES])
def test_the_subject_of_a_notice_is_whole_on_a_lock_screen(kind: str, lang: Lang) -> None:
    subject = subject_of(kind, lang, ABOUT.get(SystemAlert(kind), ""))
    assert len(subject) <= LONGEST
    words = SYSTEM_ALERTS[lang][kind].subject
    tail = re.split(r"\{\w+\}", words)[-1]
    assert subject.endswith(tail), "what is last is not cut"
    assert "{" not in subject
    if "{t}" in words:
        assert "14:10" in subject
    if "{c}" not in words:
        assert "…" not in subject


@pytest.mark.parametrize("lang", OPERATORS_LANGUAGES)
def test_a_long_name_gives_way_to_what_is_said_of_it(lang: Lang) -> None:
    subject = subject_of(SystemAlert.TARGET_REFUSES, lang, f"{'guardia' * 9}=no")
    assert len(subject) == LONGEST
    assert subject.endswith(("…: no acepta alertas", "…: it takes no alerts"))
