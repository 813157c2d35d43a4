"""The machine's texts, word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.catalogue import Alerting, Thresholds
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.incidents.incident import IncidentChange, IncidentEvent
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.i18n.languages import Lang
from monitor.i18n.words import SYMPTOMS
from monitor.incident_text.text import machine_title, update_text
from tests.domain.incidents import (
    ALERTING,
    BACK_AT,
    DECIDED_AT,
    FAILURES,
    FELL_AT,
    HIDDEN,
    MAIL,
    RADIO,
    USUAL,
    WEB,
    WEBMAIL,
    catalogue,
    failure,
    incident,
    part,
    step,
    update,
)
from tests.support.clock import second

SLOW = Outcome.DEGRADED
LATER = Second(DECIDED_AT + 600)


def told(
    wanted: IncidentChange,
    lang: str = "es",
    *,
    now: Second = DECIDED_AT,
    alerting: Alerting = ALERTING,
    webmail: Thresholds = USUAL,
    took_ms: dict[ComponentId, float] | None = None,
    excluded: dict[ComponentId, IntervalSet] | None = None,
    alerted_at: Second | None = None,
) -> str:
    text = update_text(
        wanted,
        catalogue=catalogue(alerting=alerting, webmail=webmail),
        failures=FAILURES,
        now=now,
        took_ms=took_ms,
        excluded=excluded,
        alerted_at=alerted_at,
    )
    return text.by_locale[lang].replace("\u00a0", " ")


@pytest.mark.parametrize("symptom", Symptom)
def test_it_tells_an_opening_in_the_words_of_its_symptom(symptom: Symptom) -> None:
    known = {"odd": failure("odd", symptom)}
    opened = step(IncidentEvent.OPENED, part(cause="odd"))
    text = update_text(opened, catalogue=catalogue(), failures=known, now=DECIDED_AT)
    title = machine_title(opened.incident, catalogue(), known)
    spanish, english = SYMPTOMS[Lang.ES][symptom], SYMPTOMS[Lang.EN][symptom]
    does, does_en = spanish.plain.does, english.plain.does
    assert text.by_locale["es"].startswith(
        f"Desde las 14:08 el servicio Streaming de radio 2 {does}. "
    )
    assert text.by_locale["en"].startswith(f"Since 14:08 the service Radio streaming 2 {does_en}. ")
    assert title.by_locale == {
        "es": f"Streaming de radio 2: {spanish.phrase}",
        "en": f"Radio streaming 2: {english.phrase}",
    }


def test_it_says_how_slow_a_service_is_and_what_is_usual() -> None:
    slow = step(IncidentEvent.OPENED, part(WEBMAIL, status=SLOW, cause="too_slow"))
    assert told(slow, took_ms={WEBMAIL: 6_049.0}) == (
        "Desde las 14:08 el servicio Webmail funciona con lentitud. Tarda unos 6 s; lo habitual es "
        "1 s."
    )
    assert "It takes about 6.2 s; 1 s is usual." in told(slow, "en", took_ms={WEBMAIL: 6_290.0})


def test_it_says_the_limit_where_nobody_knows_how_slow_it_is_now() -> None:
    slow = step(IncidentEvent.OPENED, part(WEBMAIL, status=SLOW, cause="too_slow"))
    assert "Tarda más de 5 s; lo habitual es 1 s." in told(slow)
    vague = told(slow, webmail=Thresholds(slow_ms=5_000))
    assert "Si lo nota lento, el problema es nuestro." in vague
    assert "{" not in vague


def test_a_figure_never_stands_apart_from_its_unit() -> None:
    slow = step(IncidentEvent.OPENED, part(WEBMAIL, status=SLOW, cause="too_slow"))
    text = update_text(
        slow, catalogue=catalogue(), failures=FAILURES, now=DECIDED_AT,
        took_ms={WEBMAIL: 6_049.0},
    )  # fmt: skip
    assert "unos 6\u00a0s; lo habitual es 1\u00a0s" in text.by_locale["es"]


def test_it_promises_no_alert_that_nobody_gets() -> None:
    assert "Operaciones" not in told(step(IncidentEvent.OPENED), alerting=Alerting())


def test_it_names_the_day_where_a_time_is_not_of_today() -> None:
    fell = second("2026-04-15T23:50:10-03:00")
    now = second("2026-04-16T00:05:00-03:00")
    over_midnight = step(IncidentEvent.OPENED, part(start=fell))
    assert told(over_midnight, now=now).startswith(
        "Desde las 23:50 del miércoles 15 de abril el servicio Streaming de radio 2 no se escucha"
    )
    assert told(over_midnight, "en", now=now).startswith("Since 23:50 on Wednesday 15 April the")


def test_it_tells_who_joined_and_what_a_dependent_hangs_on() -> None:
    joined = step(
        IncidentEvent.JOINED,
        part(MAIL, cause="conn_refused"),
        part(WEBMAIL, start=LATER, cause="conn_refused", is_dependent=True),
    )
    assert told(joined) == (
        "El problema alcanza también al servicio Webmail: desde las 14:20 no responde. Lo que "
        "depende de él puede no funcionar. Depende de Correo."
    )
    reached = "The problem reaches the service Webmail as well: since 14:20 it is not responding."
    assert reached in told(joined, "en")
    assert "It depends on Mail." in told(joined, "en")


def test_it_tells_that_slowness_became_an_outage_without_a_start_that_was_slowness() -> None:
    worse = step(IncidentEvent.WORSENED, part(WEBMAIL, cause="conn_refused"))
    assert told(worse, alerted_at=DECIDED_AT) == (
        "El servicio Webmail empeoró y ahora no responde. Lo que depende de él puede no funcionar. "
        "Operaciones ya fue avisada."
    )


def test_it_corrects_a_start_that_lay_earlier() -> None:
    assert told(step(IncidentEvent.EASED)) == (
        "El problema del servicio Streaming de radio 2 empezó a las 14:08, antes de lo que "
        "informamos."
    )


def test_it_tells_who_is_back_and_who_is_not() -> None:
    one_left = step(IncidentEvent.PARTLY_BACK, part(), part(WEB, end=BACK_AT, cause="conn_refused"))
    assert told(one_left, now=BACK_AT) == (
        "El servicio Servidor web 1 volvió a funcionar a las 14:41. El servicio Streaming de "
        "radio 2 sigue sin sonido."
    )
    two_left = step(IncidentEvent.PARTLY_BACK, part(), part(MAIL), part(WEB, end=BACK_AT))
    assert "Siguen afectados Streaming de radio 2 y Correo." in told(two_left)
    assert "Still affected: Radio streaming 2 and Mail." in told(two_left, "en")


def test_it_tells_that_it_watches_what_came_back() -> None:
    back = step(IncidentEvent.OBSERVING, part(end=BACK_AT))
    assert told(back, now=BACK_AT) == (
        "El servicio Streaming de radio 2 volvió a funcionar a las 14:41. Lo observamos "
        "15 minutos antes de darlo por resuelto."
    )
    assert told(back, "en", now=BACK_AT) == (
        "The service Radio streaming 2 came back at 14:41. We watch it for 15 minutes before we "
        "call it resolved."
    )


def test_it_watches_for_as_long_as_is_configured() -> None:
    back = step(IncidentEvent.OBSERVING, part(end=BACK_AT))
    assert "Lo observamos 5 segundos antes" in told(back, alerting=replace(ALERTING, observe=5))
    assert "Lo observamos 1 minuto antes" in told(back, alerting=replace(ALERTING, observe=60))


def test_what_was_slow_comes_back_to_normal() -> None:
    back = step(IncidentEvent.OBSERVING, part(WEBMAIL, status=SLOW, cause="too_slow", end=BACK_AT))
    assert told(back).startswith("El servicio Webmail volvió a funcionar con normalidad a las")


def test_it_tells_a_recovery_of_several_once() -> None:
    back = step(IncidentEvent.OBSERVING, part(end=Second(BACK_AT - 60)), part(WEB, end=BACK_AT))
    assert told(back) == (
        "Los servicios Streaming de radio 2 y Servidor web 1 volvieron a funcionar; el último, a "
        "las 14:41. Los observamos 15 minutos antes de dar el problema por resuelto."
    )


def test_it_tells_a_relapse() -> None:
    again = step(IncidentEvent.RELAPSED, part(end=BACK_AT), part(start=Second(BACK_AT + 300)))
    assert told(again, now=Second(BACK_AT + 420), alerted_at=DECIDED_AT) == (
        "El servicio Streaming de radio 2 volvió a fallar a las 14:46: no se escucha. Sus "
        "oyentes escuchan silencio o no logran conectarse. Operaciones ya fue avisada."
    )


def test_another_component_that_falls_while_it_is_watched_did_not_fall_again() -> None:
    other = step(
        IncidentEvent.RELAPSED,
        part(end=BACK_AT),
        part(WEB, start=Second(BACK_AT + 300), cause="conn_refused"),
    )
    assert told(other).startswith(
        "El problema continúa: desde las 14:46 el servicio Servidor web 1 no responde."
    )


def test_it_says_how_long_it_was_out_and_in_which_month_that_counts() -> None:
    done = step(IncidentEvent.RESOLVED, part(end=BACK_AT))
    assert told(done, now=Second(BACK_AT + 900)) == (
        "El servicio Streaming de radio 2 funciona con normalidad desde las 14:41. Estuvo sin "
        "servicio 32 min 30 s, que cuentan en abril."
    )
    assert told(done, "en", now=Second(BACK_AT + 900)) == (
        "The service Radio streaming 2 has worked normally since 14:41. It was out for "
        "32 min 30 s, which count in April."
    )


def test_a_length_over_a_months_end_counts_in_both() -> None:
    start, end = second("2026-04-30T23:50:00-03:00"), second("2026-05-01T00:10:00-03:00")
    done = step(IncidentEvent.RESOLVED, part(start=start, end=end))
    assert "Estuvo sin servicio 20 min, que cuentan en abril y mayo." in told(done, now=end)


def test_an_outage_that_ends_at_a_months_last_midnight_counts_in_that_month_alone() -> None:
    start, end = second("2026-04-30T23:50:00-03:00"), second("2026-05-01T00:00:00-03:00")
    done = step(IncidentEvent.RESOLVED, part(start=start, end=end))
    assert "que cuentan en abril." in told(done, now=end)


def test_slowness_counts_nowhere() -> None:
    done = step(IncidentEvent.RESOLVED, part(status=SLOW, cause="too_slow", end=BACK_AT))
    assert told(done).endswith("Estuvo lento 32 min 30 s.")


def test_what_was_degraded_by_a_warning_was_not_slow() -> None:
    done = step(IncidentEvent.RESOLVED, part(end=BACK_AT, status=SLOW, cause="odd"))
    known = {"odd": failure("odd", Symptom.UNSAFE, Outcome.DEGRADED)}
    said = update_text(done, catalogue=catalogue(), failures=known, now=DECIDED_AT).by_locale
    assert said["es"].replace("\u00a0", " ").endswith("Estuvo con fallas 32 min 30 s.")
    assert said["en"].replace("\u00a0", " ").endswith("It was faulty for 32 min 30 s.")
    assert told(done, "en").endswith("It was slow for 32 min 30 s.")


def test_a_courtesys_outage_counts_nowhere() -> None:
    done = step(IncidentEvent.RESOLVED, part(WEBMAIL, cause="conn_refused", end=BACK_AT))
    assert told(done).endswith("Estuvo sin servicio 32 min 30 s.")


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (FELL_AT + 600, "Estuvo sin servicio 32 min 30 s; sin el mantenimiento previsto cuentan "
         "22 min 30 s en abril."),
        (BACK_AT, "Estuvo sin servicio 32 min 30 s; no cuentan, porque el mantenimiento estaba "
         "previsto."),
        (FELL_AT, "Estuvo sin servicio 32 min 30 s, que cuentan en abril."),
    ],
)  # fmt: skip
def test_time_in_planned_maintenance_is_not_said_to_count(until: int, sentence: str) -> None:
    window = IntervalSet.of([Interval(Second(FELL_AT - 600), Second(until))])
    done = step(IncidentEvent.RESOLVED, part(end=BACK_AT))
    assert told(done, excluded={RADIO: window}).endswith(sentence)


def test_two_falls_of_one_component_add_up() -> None:
    first = part(end=Second(BACK_AT - 600))
    second_fall = part(start=Second(BACK_AT - 60), end=BACK_AT)
    done = step(IncidentEvent.RESOLVED, first, second_fall)
    assert "Estuvo sin servicio 23 min 30 s, que cuentan en abril." in told(done)


def test_an_outage_that_began_as_slowness_does_not_count_the_slowness() -> None:
    worse = incident(part(end=BACK_AT))
    worse = replace(
        worse, updates=(update(1, IncidentEvent.OPENED), update(2, IncidentEvent.WORSENED))
    )
    done = IncidentChange(incident=worse, event=IncidentEvent.RESOLVED, part=None)
    assert told(done).endswith(
        "Estuvo con lentitud, con fallas o sin servicio 32 min 30 s; el tiempo sin servicio cuenta "
        "en abril."
    )


def test_each_of_a_few_components_has_a_length_of_its_own() -> None:
    done = step(
        IncidentEvent.RESOLVED,
        part(end=BACK_AT),
        part(WEBMAIL, start=Second(BACK_AT - 600), end=Second(BACK_AT - 300)),
    )
    assert told(done) == (
        "Los servicios Streaming de radio 2 y Webmail funcionan con normalidad desde las 14:41. "
        "El servicio Streaming de radio 2 estuvo sin servicio 32 min 30 s, que cuentan en abril. "
        "El servicio Webmail estuvo sin servicio 5 min."
    )


def test_of_many_components_it_tells_the_longest() -> None:
    many = [part(c, end=BACK_AT) for c in (MAIL, WEB, WEBMAIL)]
    done = step(IncidentEvent.RESOLVED, *many, part(end=Second(BACK_AT - 60)))
    said = told(done)
    assert said.startswith("Los 4 servicios funcionan con normalidad desde las 14:41. ")
    assert said.endswith(
        "El tiempo sin servicio de cada uno cuenta en abril; el más largo, Servidor web 1: "
        "32 min 30 s."
    )


def test_a_title_names_what_explains_the_others_first() -> None:
    web_fell = part(WEB, cause="conn_refused", start=Second(DECIDED_AT - 5))
    two = incident(part(RADIO, status=SLOW, cause="too_slow"), web_fell)
    assert machine_title(two, catalogue(), FAILURES).by_locale["es"] == (
        "Servidor web 1 y Streaming de radio 2: sin respuesta"
    )
    three = incident(*two.affected, part(MAIL, is_dependent=True))
    assert machine_title(three, catalogue(), FAILURES).by_locale == {
        "es": "Servidor web 1 y 2 servicios más: sin respuesta",
        "en": "Web server 1 and 2 more services: not responding",
    }


def test_a_title_does_not_change_when_components_come_back() -> None:
    down = incident(part(), part(WEB, start=LATER))
    back = incident(part(end=BACK_AT), part(WEB, start=LATER))
    assert machine_title(down, catalogue(), {}) == machine_title(back, catalogue(), {})


def test_a_component_that_is_not_public_is_never_named() -> None:
    parts = (part(), part(HIDDEN, start=LATER))
    for event in (IncidentEvent.JOINED, IncidentEvent.PARTLY_BACK, IncidentEvent.RELAPSED):
        assert "nfs" not in told(step(event, *parts))
    for event in (IncidentEvent.OBSERVING, IncidentEvent.RESOLVED):
        assert "nfs" not in told(step(event, *parts))
    assert "nfs" not in machine_title(incident(*parts), catalogue(), FAILURES).by_locale["es"]


def test_a_class_that_nobody_declares_is_told_without_guessing() -> None:
    assert "no funciona. Si usa este servicio" in told(
        step(IncidentEvent.OPENED, part(cause="from_a_plugin"))
    )


def test_a_check_that_only_degrades_is_told_as_slow_whatever_it_saw() -> None:
    soft = step(IncidentEvent.OPENED, part(status=SLOW, cause="conn_refused"))
    assert "funciona con lentitud. Si lo nota lento, el problema es nuestro." in told(soft)


def test_a_name_with_braces_stays_a_name() -> None:
    known = catalogue()
    odd = tuple(replace(c, name=plain("{t} {effect}")) for c in known.components)
    text = update_text(
        step(IncidentEvent.OPENED), catalogue=replace(known, components=odd), failures=FAILURES,
        now=DECIDED_AT,
    )  # fmt: skip
    assert "el servicio {t} {effect} no se escucha." in text.by_locale["es"]


def test_a_persons_update_is_no_business_of_the_machine() -> None:
    with pytest.raises(ValueError, match="person"):
        told(step(IncidentEvent.PERSON))
