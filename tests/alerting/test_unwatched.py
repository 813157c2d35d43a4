"""Messages to operators of what nobody watches any more: never that it recovered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.time.interval import Second
from tests.alerting.test_renderer import composed
from tests.domain.incidents import BACK_AT, FELL_AT, MAIL, RADIO, WEB, incident, part, update

CUT_AT = Second(FELL_AT + 600)
LOST = replace(part(end=CUT_AT), is_unwatched=True)


def lost(*others: IncidentEvent) -> Incident:
    """Radio is out of sight; more updates follow."""
    happened = (IncidentEvent.OPENED, IncidentEvent.UNWATCHED, *others)
    updates = tuple(update(n, h) for n, h in enumerate(happened, 1))
    over = incident(LOST, phase=Phase.RESOLVED)
    return replace(over, resolved_at=CUT_AT, updates=updates)


def test_the_subject_says_that_it_is_no_longer_watched() -> None:
    message = composed(lost(), EventKind.UPDATE, 2, now=CUT_AT)
    assert message.subject.startswith("SIN CONTROL radio2: stalled")
    assert message.subject.endswith("(k3f9a2)")


def test_the_body_claims_no_recovery_and_promises_none() -> None:
    message = composed(lost(), EventKind.UPDATE, 2, now=CUT_AT)
    assert "SIN CONTROL  Streaming de radio 2  desde 14:18:30" in message.text
    assert "nadie vio que volviera a funcionar" in " ".join(message.text.split())
    assert "sin control desde 14:18:30" in message.text
    for word in ("RECUPERADO", "Ya volvió", "normalidad"):
        assert word not in message.text + message.subject


def test_it_asks_to_look_and_does_not_say_that_nothing_is_to_be_done() -> None:
    words = " ".join(composed(lost(), EventKind.UPDATE, 2, now=CUT_AT).text.split())
    assert words.endswith("Compruebe si funciona: nadie lo vio. La cronología queda en la página.")
    assert "No hace falta responder" not in words


def test_an_opening_that_leaves_later_does_not_say_that_it_is_back() -> None:
    message = composed(lost(), EventKind.OPENING, now=CUT_AT)
    assert "ya volvió" not in message.subject
    assert "ya no se controla" in message.subject
    assert "RECUPERADO" not in message.text


def test_a_recovery_of_others_does_not_name_it_as_recovered() -> None:
    back = part(WEB, end=BACK_AT, cause="conn_refused")
    mixed = replace(
        incident(LOST, back, phase=Phase.RESOLVED), monitoring_at=BACK_AT, resolved_at=BACK_AT
    )
    message = composed(mixed, EventKind.RESOLUTION, now=BACK_AT)
    assert message.subject.startswith(f"RECUPERADO {WEB}: ")
    assert "sin control desde" in message.text
    assert "No hace falta responder" not in message.text


def test_what_is_watched_again_and_down_says_so() -> None:
    again = part(start=Second(CUT_AT + 3600))
    resumed = replace(incident(LOST, again), updates=lost(IncidentEvent.RESUMED).updates)
    message = composed(resumed, EventKind.UPDATE, 3, now=Second(CUT_AT + 3800))
    assert message.subject.startswith("CAÍDO radio2: sigue, stalled")
    assert "desde 15:18:30" in message.text


@pytest.mark.parametrize("first", [MAIL, RADIO])
def test_each_loss_is_told_of_its_own_component(first: str) -> None:
    one = replace(part(MAIL, end=CUT_AT), is_unwatched=True)
    other = replace(part(RADIO, end=Second(CUT_AT + 60)), is_unwatched=True)
    happened = (
        IncidentEvent.OPENED,
        IncidentEvent.JOINED,
        IncidentEvent.UNWATCHED,
        IncidentEvent.UNWATCHED,
    )
    both = replace(
        incident(one, other, phase=Phase.RESOLVED),
        updates=tuple(update(n, h) for n, h in enumerate(happened, 1)),
    )
    number = 3 if first == MAIL else 4
    assert f"SIN CONTROL {first} +1" in composed(both, EventKind.UPDATE, number).subject
