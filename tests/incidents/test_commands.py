"""What people do to incidents: published, corrected with the former text in view, guarded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind, Change
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase, resolve_recovered
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Second
from monitor.incidents.commands import IncidentCommands
from monitor.journal.access import SqlJournal
from tests.domain.incidents import BACK_AT, DECIDED_AT, catalogue, incident, part, update
from tests.support.clock import FakeClock
from tests.support.posts import PostOffice, post_office
from tests.support.refusals import refuses

ANA = Actor(id="ana", kind=ActorKind.PERSON)
DISK = Text({"es": "Falló un disco. Cambiamos el equipo.", "en": "A disk failed."})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as opened:
        yield opened


@pytest.fixture
def fell(office: PostOffice) -> Incident:
    """A component is down; the machine has opened an incident."""
    return office.save(replace(incident(), updates=(update(1, IncidentEvent.OPENED),)))


@pytest.fixture
def desk(office: PostOffice) -> IncidentCommands:
    return desk_of(office, ANA)


def desk_of(office: PostOffice, actor: Actor) -> IncidentCommands:
    known = catalogue(alerting=office.alerting)
    return IncidentCommands(
        journal=office.journal, catalogue=known, clock=office.clock, actor=actor
    )


def last_change(journal: SqlJournal) -> Change:
    with journal.transaction() as tx:
        return tx.changes.since(0, 100)[-1]


def test_it_publishes_a_persons_words_beside_the_machines(
    desk: IncidentCommands, fell: Incident
) -> None:
    saved = desk.update(fell.id, text=DISK, phase=Phase.IDENTIFIED)
    machine, person = saved.updates
    assert machine == fell.updates[0]
    assert (person.number, person.actor, person.phase) == (2, "ana", Phase.IDENTIFIED)
    assert (person.person, person.machine, person.event) == (DISK, None, IncidentEvent.PERSON)
    assert saved.phase is Phase.IDENTIFIED
    assert desk.show(fell.id)[0] == saved


def test_it_writes_one_change_that_says_who_did_what(
    office: PostOffice, desk: IncidentCommands, fell: Incident
) -> None:
    desk.update(fell.id, text=DISK, phase=Phase.IDENTIFIED)
    change = last_change(office.journal)
    assert (change.kind, change.subject, change.actor) == ("incident.updated", "k3f9a2", "ana")
    assert change.before["phase"] == "investigating"
    assert change.after["phase"] == "identified"
    assert change.after["text"] == dict(DISK.by_locale)


def test_without_a_phase_the_phase_stays(desk: IncidentCommands, fell: Incident) -> None:
    desk.update(fell.id, text=DISK, phase=Phase.IDENTIFIED)
    assert desk.update(fell.id, text=plain("Seguimos.")).phase is Phase.IDENTIFIED


def test_a_new_title_stands_before_the_machines(desk: IncidentCommands, fell: Incident) -> None:
    saved = desk.update(fell.id, text=DISK, title=plain("Radio 2: disco roto"))
    assert saved.title == plain("Radio 2: disco roto")
    assert saved.machine_title == fell.machine_title


def test_a_watch_that_a_person_declares_while_it_is_down_never_resolves_by_itself(
    desk: IncidentCommands, fell: Incident
) -> None:
    saved = desk.update(fell.id, text=DISK, phase=Phase.MONITORING)
    assert saved.open_parts
    assert resolve_recovered(saved, Second(DECIDED_AT + 10**6), observe=900) is None


def test_a_persons_word_does_not_stop_the_machines_watch(
    office: PostOffice, desk: IncidentCommands
) -> None:
    watched = replace(incident(part(end=BACK_AT), phase=Phase.MONITORING), monitoring_at=BACK_AT)
    office.save(watched)
    saved = desk.update(watched.id, text=plain("Ya funciona."))
    assert resolve_recovered(saved, Second(BACK_AT + 900), observe=900) is not None


def test_a_corrected_text_keeps_every_former_one(desk: IncidentCommands, fell: Incident) -> None:
    desk.edit(fell.id, 1, text=DISK)
    saved = desk.edit(fell.id, 1, text=plain("Fue la fuente."))
    (corrected,) = saved.updates
    assert corrected.person == plain("Fue la fuente.")
    assert corrected.machine == fell.updates[0].machine
    assert corrected.former == (fell.updates[0].machine, DISK)
    assert corrected.at == fell.updates[0].at


def test_a_corrected_text_says_when_it_was_corrected(
    office: PostOffice, desk: IncidentCommands, fell: Incident
) -> None:
    office.clock.advance(600)
    (corrected,) = desk.edit(fell.id, 1, text=DISK).updates
    assert (corrected.corrected_at, corrected.changed_at) == (office.clock.now(),) * 2
    assert fell.updates[0].corrected_at is None
    assert fell.updates[0].changed_at == fell.updates[0].at


def test_a_correction_that_changes_nothing_is_refused(
    desk: IncidentCommands, fell: Incident
) -> None:
    desk.edit(fell.id, 1, text=DISK)
    with refuses(Refused, match="says exactly that"):
        desk.edit(fell.id, 1, text=DISK)
    with refuses(NotFound, match="no update 7; they count from 1 to 1"):
        desk.edit(fell.id, 7, text=DISK)


def test_it_does_not_call_resolved_what_is_still_down(
    desk: IncidentCommands, fell: Incident
) -> None:
    with refuses(Refused, match="still down or slow: radio2"):
        desk.resolve(fell.id, text=plain("Listo."))
    assert desk.show(fell.id)[0] == fell


def test_a_person_may_resolve_it_all_the_same_and_operators_hear_of_it(
    office: PostOffice, desk: IncidentCommands, fell: Incident
) -> None:
    office.clock.advance(60)
    saved = desk.resolve(fell.id, text=plain("Falsa alarma."), although_down=True)
    assert (saved.phase, saved.resolved_at) == (Phase.RESOLVED, DECIDED_AT + 60)
    assert [(p.end, p.is_unwatched) for p in saved.affected] == [(DECIDED_AT + 60, True)]
    assert saved.closed_parts == saved.affected
    assert [n.kind for n in office.of(saved)] == [EventKind.RESOLUTION]
    assert last_change(office.journal).kind == "incident.resolved"


class HurriedClock(FakeClock):
    """A second passes with every look at it: the journal was waited for."""

    def now(self) -> Second:
        self.advance(1)
        return super().now()


def test_what_a_person_closes_ends_with_his_words_however_long_the_journal_took(
    office: PostOffice, fell: Incident
) -> None:
    known = catalogue(alerting=office.alerting)
    clock = HurriedClock(DECIDED_AT)
    desk = IncidentCommands(journal=office.journal, catalogue=known, clock=clock, actor=ANA)
    saved = desk.resolve(fell.id, text=plain("Listo."), although_down=True)
    assert saved.closed_parts == saved.affected


def test_resolved_as_a_phase_is_the_same_command(desk: IncidentCommands, fell: Incident) -> None:
    with refuses(Refused, match="still down"):
        desk.update(fell.id, text=DISK, phase=Phase.RESOLVED)


def test_what_is_resolved_takes_corrections_alone(desk: IncidentCommands, fell: Incident) -> None:
    desk.resolve(fell.id, text=plain("Listo."), although_down=True)
    with refuses(Refused, match="is resolved; correct what it says with edit"):
        desk.update(fell.id, text=DISK)
    assert desk.edit(fell.id, 2, text=DISK).updates[1].person == DISK


def test_it_refuses_what_was_decided_on_an_older_sight(
    desk: IncidentCommands, fell: Incident
) -> None:
    seen = fell.revision
    desk.update(fell.id, text=DISK)
    with refuses(Stale, match=f"you saw revision {seen}, it is at {seen + 1}"):
        desk.edit(fell.id, 1, text=DISK, revision=seen)
    desk.edit(fell.id, 1, text=DISK, revision=seen + 1)


def test_it_names_the_incident_that_was_meant(desk: IncidentCommands, fell: Incident) -> None:
    with refuses(NotFound, match="no incident k3f9b2; did you mean k3f9a2"):
        desk.show("k3f9b2")


@pytest.mark.parametrize(
    ("words", "reason"),
    [(" \n ", "is empty"), ("\x00\x1b", "is empty"), ("x" * 4_001, "4001 characters")],
)
def test_it_refuses_a_text_that_nobody_could_read(
    desk: IncidentCommands, fell: Incident, words: str, reason: str
) -> None:
    with refuses(Refused, match=reason):
        desk.update(fell.id, text=plain(words))


def test_what_the_public_reads_holds_no_control_characters(
    desk: IncidentCommands, fell: Incident
) -> None:
    saved = desk.update(fell.id, text=plain("uno\r\ndos\x1b[2J\x07 "))
    assert saved.updates[-1].person == plain("uno\ndos[2J")


def test_a_token_needs_its_scope(office: PostOffice, fell: Incident) -> None:
    reader = desk_of(office, Actor(id="t1", kind=ActorKind.TOKEN, scopes=frozenset({"read"})))
    with refuses(Refused, match="the scope incidents:write is missing"):
        reader.update(fell.id, text=DISK)
    writer = desk_of(
        office, Actor(id="t2", kind=ActorKind.TOKEN, scopes=frozenset({Scope.INCIDENTS_WRITE}))
    )
    assert writer.update(fell.id, text=DISK).updates[-1].actor == "t2"


def test_it_lists_the_open_ones_oldest_first_and_past_ones_on_request(
    office: PostOffice, desk: IncidentCommands, fell: Incident
) -> None:
    older = office.save(
        incident(part(ComponentId("web1"), start=Second(DECIDED_AT - 900)), id="older1")
    )
    assert [i.id for i in desk.unresolved()] == [older.id, fell.id]
    desk.resolve(older.id, text=plain("Listo."), although_down=True)
    assert [i.id for i in desk.unresolved()] == [fell.id]
    office.clock.advance(10)
    assert {i.id for i in desk.recent()} == {older.id, fell.id}
