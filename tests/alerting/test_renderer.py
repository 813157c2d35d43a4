"""Operators' messages: a subject that a lock screen shows whole, a body that is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerting.evidence import last_seen_of
from monitor.alerting.ports import Message
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Alerting, Catalogue, Check
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import CheckId, FailureId, LocationId, Outcome, Result
from monitor.domain.incidents.delivery import EventKind, pending
from monitor.domain.incidents.incident import (
    Affected,
    ComponentStatus,
    Incident,
    IncidentEvent,
    Phase,
)
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import LONGEST, subject_line
from tests.domain.incidents import (
    ALERTING,
    BACK_AT,
    DECIDED_AT,
    FAILURES,
    FELL_AT,
    MAIL,
    RADIO,
    WEB,
    WEBMAIL,
    catalogue,
    incident,
    part,
    update,
)

NOW = Second(DECIDED_AT + 30)
PLACES = tuple(LocationId(p) for p in ("bue", "sao", "mia"))
RATE = Check(
    id=CheckId("radio2/rate"), component=RADIO, kind="icecast", spec=None, timeout_s=5,
    policy=Policy(interval=30, max_gap=60), locations=PLACES,
)  # fmt: skip


def look(place: LocationId, slot: int, message: str = "", failure: str | None = None) -> Result:
    return Result(
        check=RATE.id,
        location=place,
        slot=Second(slot),
        revision=1,
        outcome=Outcome.DOWN if failure else Outcome.UP,
        failure=FailureId(failure) if failure else None,
        message=message,
    )


def looks(message: str = "0 kbit/s; no byte in 4.0 s", failing: int = 3) -> list[Result]:
    good = [look(place, FELL_AT - 30) for place in PLACES]
    bad = [look(place, FELL_AT, message, "stalled") for place in PLACES[:failing]]
    return good + bad


def composed(
    about: Incident,
    kind: EventKind = EventKind.OPENING,
    number: int = 0,
    *,
    now: Second = NOW,
    results: Sequence[Result] = (),
    alerting: Alerting = ALERTING,
    options: str = "",
    known: Catalogue | None = None,
) -> Message:
    known = replace(known or catalogue(alerting=alerting), checks=(RATE,))
    up = ComponentStatus(component=MAIL, status=Outcome.UP, since=FELL_AT, cause="")
    down = ComponentStatus(component=WEB, status=Outcome.UNKNOWN, since=FELL_AT, cause="")
    alert_renderer = AlertRenderer(
        catalogue=lambda: known,
        failures=FAILURES,
        component_statuses=lambda: {MAIL: up, WEB: down},
        results=lambda: results,
        options=options,
    )
    (owing,) = pending(about, kind, number, alerting, now)
    return alert_renderer.compose((owing,), {about.id: about}, now)


def resolved() -> Incident:
    ended = incident(part(end=BACK_AT), phase=Phase.RESOLVED)
    return replace(ended, resolved_at=Second(BACK_AT + 900), monitoring_at=BACK_AT)


def test_the_subject_says_what_where_why_and_which() -> None:
    message = composed(incident(), results=looks())
    assert message.subject == "CAÍDO radio2: stalled, 0 kbit/s, 3/3 (k3f9a2)"


def test_the_subject_counts_the_places_that_see_it_fail() -> None:
    assert ", 2/3 (" in composed(incident(), results=looks(failing=2)).subject


def test_a_fact_that_is_no_glance_is_left_to_the_body() -> None:
    message = composed(incident(), results=looks("the listener limit of the mount is reached"))
    assert message.subject == "CAÍDO radio2: stalled, 3/3 (k3f9a2)"
    assert "the listener limit of the mount is reached" in message.text


@pytest.mark.parametrize(
    ("about", "kind", "number", "now", "subject"),
    [
        (incident(), EventKind.REMINDER, 1, Second(FELL_AT + 1_530),
         "SIGUE CAÍDO radio2: hace 25 min (k3f9a2)"),
        (resolved(), EventKind.RESOLUTION, 0, Second(BACK_AT + 900),
         "RECUPERADO radio2: 32 min 30 s (k3f9a2)"),
        (resolved(), EventKind.OPENING, 0, Second(BACK_AT + 900),
         "CAÍDO radio2: stalled, ya volvió (k3f9a2)"),
        (incident(part(WEBMAIL, status=Outcome.DEGRADED, cause="too_slow")), EventKind.OPENING, 0,
         NOW, "LENTO webmail: too_slow (k3f9a2)"),
        (incident(part(), part(WEB), part(MAIL)), EventKind.OPENING, 0, NOW,
         "CAÍDO radio2 +2: stalled (k3f9a2)"),
    ],
)  # fmt: skip
def test_each_kind_of_message_has_its_word(
    about: Incident, kind: EventKind, number: int, now: Second, subject: str
) -> None:
    assert composed(about, kind, number, now=now).subject == subject


@pytest.mark.parametrize(
    ("event", "extra", "subject"),
    [
        (IncidentEvent.JOINED, part(WEB, cause="conn_refused"),
         "CAÍDO web1 +1: se suma, conn_refused (k3f9a2)"),
        (IncidentEvent.RELAPSED, part(start=Second(BACK_AT + 60)),
         "CAÍDO radio2: otra vez, stalled (k3f9a2)"),
        (IncidentEvent.WORSENED, None, "CAÍDO radio2: empeoró, stalled (k3f9a2)"),
    ],
)  # fmt: skip
def test_an_update_says_what_changed(
    event: IncidentEvent, extra: Affected | None, subject: str
) -> None:
    changed = incident(part(), *([extra] if extra else []))
    updates = (
        update(1, IncidentEvent.OPENED),
        update(2, IncidentEvent.PERSON),
        update(3, event),
    )
    message = composed(replace(changed, updates=updates), EventKind.UPDATE, 3)
    assert message.subject == subject


def test_the_body_is_complete_in_plain_text() -> None:
    told = replace(update(1, IncidentEvent.OPENED), machine=plain("Desde las 14:08 …"))
    about = replace(incident(part(), part(WEBMAIL, is_dependent=True)), updates=(told,))
    alerting = replace(ALERTING, remind_every=900)
    message = composed(about, results=looks(), alerting=alerting)
    assert message.text.replace("\u00a0", " ") == (
        "CAÍDO  Streaming de radio 2  desde 14:08:30 (UTC−3)\n"
        "Dejaron de llegar datos (stalled).\n"
        "\n"
        "Se vio        0 kbit/s; no byte in 4.0 s\n"
        "Causa         La fuente se fue.\n"
        "Qué hacer     Revise la fuente.\n"
        "Componentes   Streaming de radio 2  caído  desde 14:08:30\n"
        "              Webmail               caído  desde 14:08:30, depende de otro\n"
        "Controles     radio2/rate (bue)  stalled  14:08:30  0 kbit/s; no byte in 4.0 s\n"
        "              radio2/rate (sao)  stalled  14:08:30  0 kbit/s; no byte in 4.0 s\n"
        "              radio2/rate (mia)  stalled  14:08:30  0 kbit/s; no byte in 4.0 s\n"
        "Última bien   14:08:00\n"
        "Siguen bien   Correo\n"
        "Publicado     A las 14:10 (texto automático): «Desde las 14:08 …»\n"
        "Página        https://estado.example/incidente/k3f9a2\n"
        "Escriba       estado incident show k3f9a2\n"
        '              estado incident update k3f9a2 --phase identified --es "…"\n'
        "\n"
        "Una sola alerta por incidente. Si nadie lo toma, se repite a las 14:25. Cuando\n"
        "vuelva: «RECUPERADO radio2: duración (k3f9a2)».\n"
    )


def test_what_is_to_be_typed_reaches_the_product_that_sent_it() -> None:
    text = composed(incident(), options=" -d /srv/estado").text
    assert "estado incident show k3f9a2 -d /srv/estado\n" in text
    assert '--phase identified --es "…" -d /srv/estado\n' in text


def test_a_resolution_says_how_long_and_asks_for_nothing() -> None:
    text = composed(resolved(), EventKind.RESOLUTION, now=Second(BACK_AT + 900)).text
    assert "RECUPERADO  Streaming de radio 2  tras 32\u00a0min 30\u00a0s" in text
    assert "de 14:08:30 a 14:41:00" in text
    assert "Qué hacer" not in text
    assert "No hace falta responder." in text


def test_a_time_of_another_day_says_so() -> None:
    tomorrow = Second(NOW + 86_400)
    text = composed(incident(), EventKind.REMINDER, 96, now=tomorrow).text
    assert "desde jueves 16 de abril, 14:08:30 (UTC−3)" in text


def test_one_key_a_message_and_target_and_one_thread_an_incident() -> None:
    opening = composed(incident())
    resolution = composed(resolved(), EventKind.RESOLUTION)
    assert opening.key == opening.thread == "incident:k3f9a2:opening|guardia"
    assert resolution.key == "incident:k3f9a2:resolution|guardia"
    assert resolution.thread == opening.key


def test_the_same_as_data_with_times_that_machines_read() -> None:
    fields = composed(incident(), results=looks()).fields
    found = fields["incident"]
    assert isinstance(found, dict)
    assert (fields["kind"], fields["event"]) == ("opening", "incident:k3f9a2:opening")
    assert found["url"] == "https://estado.example/incidente/k3f9a2"
    assert found["started_at"] == "2026-04-16T17:08:30+00:00"
    assert found["failure"]["id"] == "stalled"
    assert found["components"][0]["ended_at"] is None
    assert found["checks"][0]["last_good_at"] == "2026-04-16T17:08:00+00:00"


def test_what_is_private_links_to_no_page_of_its_own_and_claims_no_public_text() -> None:
    shown = catalogue()
    hidden = replace(shown, components=tuple(replace(c, is_public=False) for c in shown.components))
    words = "Desde las 14:08 está sin sonido."
    said = replace(update(1, IncidentEvent.OPENED), machine=plain(words))
    told = replace(incident(), updates=(said,))
    public, private = composed(told), composed(told, known=hidden)
    for message, is_told in ((public, True), (private, False)):
        for written in (message.text, message.html, str(message.fields)):
            assert ("/incidente/" in written) is is_told
            assert (words in " ".join(written.split())) is is_told
    assert "https://estado.example" in private.text


def test_what_a_server_says_is_never_markup() -> None:
    evil = '<script>alert(1)</script><img src="http://x.example/">'
    message = composed(incident(), results=looks(evil))
    assert "<script" not in message.html
    assert "<img" not in message.html
    assert "&lt;script&gt;" in message.html


def test_the_html_fetches_nothing_and_links_once() -> None:
    html = composed(incident(), results=looks()).html
    assert html.count("href=") == 1
    assert "src=" not in html
    assert "url(" not in html


def test_only_recent_looks_of_its_components_are_evidence() -> None:
    known = replace(catalogue(), checks=(RATE,))
    (first, *_) = last_seen_of(incident(), known, looks(failing=1))
    assert (first.location, first.failure, first.last_good) == ("bue", "stalled", FELL_AT - 30)
    assert last_seen_of(incident(part(MAIL)), known, looks()) == ()


@given(
    word=st.sampled_from(["CAÍDO", "SIGUE CAÍDO", "RECUPERADO"]),
    name=st.text(min_size=1, max_size=80),
    facts=st.tuples(st.text(max_size=60), st.text(max_size=60), st.text(max_size=9)),
)
def test_a_subject_fits_keeps_word_and_id_and_is_one_printable_line(
    word: str, name: str, facts: tuple[str, str, str]
) -> None:
    reason, fact, places = facts
    line = subject_line(word, name, reason=reason, fact=fact, places=places, ident="k3f9a2")
    assert len(line) <= LONGEST
    assert line.startswith(word)
    assert line.endswith("(k3f9a2)")
    assert line.isprintable()
