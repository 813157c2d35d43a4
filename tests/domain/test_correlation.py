"""Joining, ending, observing, relapsing: what components do to incidents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.correlation import Relations, correlate
from monitor.domain.incidents.incident import (
    ComponentStatus,
    Impact,
    Incident,
    IncidentChange,
    IncidentEvent,
    IncidentId,
    Phase,
    resolve_recovered,
)
from monitor.domain.time.interval import Second

WEB, MAIL, IMAP, RADIO = (ComponentId(c) for c in ("web", "mail", "imap", "radio"))
RELATIONS = Relations(
    service={WEB: ServiceId("hosting"), MAIL: ServiceId("mail"), IMAP: ServiceId("mail"),
             RADIO: ServiceId("radio")},
    hosts={WEB: frozenset({"h1"}), RADIO: frozenset({"h1"})},
    depends_on={MAIL: frozenset({WEB})},
)  # fmt: skip


def fell(component: ComponentId, at: int, status: Outcome = Outcome.DOWN) -> ComponentStatus:
    return ComponentStatus(
        component=component, status=status, since=Second(at), cause="conn_refused"
    )


def rose(component: ComponentId, at: int) -> ComponentStatus:
    return ComponentStatus(
        component=component, status=Outcome.UP, since=Second(at), cause="recovered"
    )


def taken(
    incidents: list[Incident], component_status: ComponentStatus, now: int, *, held: bool = False
) -> IncidentChange | None:
    return correlate(incidents, component_status, RELATIONS, Second(now), is_held_back=held)


def opened(at: int = 100, component: ComponentId = WEB) -> Incident:
    step = taken([], fell(component, at), at + 120)
    assert step is not None
    return step.incident


def test_a_confirmed_outage_opens_one_incident_with_its_backdated_start() -> None:
    incident = opened(100)
    assert (incident.started_at, incident.created_at) == (100, 220)
    assert incident.phase is Phase.INVESTIGATING
    assert incident.impact is Impact.MAJOR


def test_slowness_opens_a_minor_incident() -> None:
    step = taken([], fell(WEB, 5, Outcome.DEGRADED), 9)
    assert step is not None
    assert step.incident.impact is Impact.MINOR


def test_a_component_on_the_same_host_joins_with_a_start_of_its_own() -> None:
    step = taken([opened(100)], fell(RADIO, 90), 230)
    assert step is not None
    assert step.event is IncidentEvent.JOINED
    assert step.incident.started_at == 90
    assert [p.start for p in step.incident.affected] == [100, 90]


def test_an_unrelated_component_opens_an_incident_of_its_own() -> None:
    step = taken([opened(100, IMAP)], fell(RADIO, 100), 230)
    assert step is not None
    assert step.event is IncidentEvent.OPENED


@pytest.mark.parametrize(
    ("hosts", "cause", "event"),
    [
        (("h1", "h2"), "stalled", IncidentEvent.OPENED),
        (("h1", "h2"), "conn_refused", IncidentEvent.JOINED),
        (("h1", "h1"), "stalled", IncidentEvent.JOINED),
        (("h1", None), "stalled", IncidentEvent.JOINED),
        ((None, None), "stalled", IncidentEvent.JOINED),
    ],
)
def test_components_of_a_service_with_hosts_and_causes_of_their_own_fail_each_for_itself(
    hosts: tuple[str | None, str | None], cause: str, event: IncidentEvent
) -> None:
    mail = ServiceId("mail")
    relations = Relations(
        service={MAIL: mail, IMAP: mail},
        hosts={c: frozenset({h} if h else ()) for c, h in zip((MAIL, IMAP), hosts, strict=True)},
    )
    other = replace(fell(IMAP, 110), cause=cause)
    step = correlate([opened(100, MAIL)], other, relations, Second(230), is_held_back=False)
    assert step is not None
    assert step.event is event


def test_a_dependent_joins_what_it_hangs_on_and_is_marked() -> None:
    step = taken([opened(100)], fell(MAIL, 110), 230)
    assert step is not None
    assert step.part is not None
    assert step.part.is_dependent


def test_a_repeated_standing_changes_nothing() -> None:
    assert taken([opened(100)], fell(WEB, 100), 400) is None


def test_slowness_that_becomes_an_outage_worsens_the_same_incident() -> None:
    slow = taken([], fell(WEB, 5, Outcome.DEGRADED), 9)
    assert slow is not None
    step = taken([slow.incident], fell(WEB, 50), 80)
    assert step is not None
    assert step.event is IncidentEvent.WORSENED
    assert step.incident.impact is Impact.MAJOR
    assert step.incident.started_at == 5


def test_with_its_last_component_up_it_is_observed_and_then_resolved() -> None:
    both = taken([opened(100)], fell(RADIO, 110), 230)
    assert both is not None
    first = taken([both.incident], rose(WEB, 400), 400)
    assert first is not None
    assert first.event is IncidentEvent.PARTLY_BACK
    last = taken([first.incident], rose(RADIO, 500), 501)
    assert last is not None
    assert last.incident.phase is Phase.MONITORING
    assert last.incident.monitoring_at == 500
    assert resolve_recovered(last.incident, Second(1399), 900) is None
    done = resolve_recovered(last.incident, Second(1400), 900)
    assert done is not None
    assert done.incident.phase is Phase.RESOLVED
    assert done.incident.resolved_at == 1400


def test_a_relapse_reopens_the_observed_incident() -> None:
    up = taken([opened(100)], rose(WEB, 400), 400)
    assert up is not None
    step = taken([up.incident], fell(WEB, 450), 570)
    assert step is not None
    assert step.event is IncidentEvent.RELAPSED
    assert step.incident.phase is Phase.INVESTIGATING
    assert step.incident.monitoring_at is None
    assert [(p.start, p.end) for p in step.incident.affected] == [(100, 400), (450, None)]


def test_it_fails_again_in_its_own_incident_whatever_else_explains_it() -> None:
    """Else its own would say minutes later that it works normally."""
    of_web, of_radio = (replace(opened(100, c), id=IncidentId(c)) for c in (WEB, RADIO))
    back = taken([of_radio], rose(RADIO, 300), 300)
    assert back is not None
    step = taken([of_web, back.incident], fell(RADIO, 400), 430)
    assert step is not None
    assert (step.incident.id, step.event) == (of_radio.id, IncidentEvent.RELAPSED)


def test_maintenance_holds_back_an_opening_but_not_an_end() -> None:
    assert taken([], fell(WEB, 100), 220, held=True) is None
    step = taken([opened(100)], rose(WEB, 400), 400, held=True)
    assert step is not None
    assert step.event is IncidentEvent.OBSERVING


def test_the_unknown_decides_nothing() -> None:
    blind = ComponentStatus(component=WEB, status=Outcome.UNKNOWN, since=Second(300), cause="gap")
    assert taken([opened(100)], blind, 400) is None
    assert taken([], blind, 400) is None


def test_whatever_may_explain_a_fall_has_a_tie_in_common_with_it() -> None:
    for one in (WEB, MAIL, IMAP, RADIO):
        for its in (WEB, MAIL, IMAP, RADIO):
            part = opened(100, its).affected[0]
            if RELATIONS.explains(fell(one, 100), part):
                assert RELATIONS.ties(one) & RELATIONS.ties(its)
    assert not RELATIONS.ties(IMAP) & RELATIONS.ties(RADIO)
