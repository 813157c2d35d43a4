"""Incidents that people open: shown, marked as theirs, ended by them, and no alert."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import Scope
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.incidents.incident import Impact, IncidentEvent, Origin, Phase
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.rollup import Shown
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Second
from monitor.incidents.by_hand import REOPENS
from monitor.incidents.maintenance_commands import MaintenanceCommands
from tests.incidents.operators import ANA, TITLE, WELL, WORDS, Desk
from tests.support.refusals import refuses
from tests.support.worlds import DNS, INTERVAL, MAIL, T0, WEB, World, catalogue

DAY = 86_400
DOWN, SLOW, UP = Outcome.DOWN, Outcome.DEGRADED, Outcome.UP


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """All is well, and has been for five minutes."""
    world = World(tmp_path)
    world.live(web="+" * 5, dns="+" * 5, mail="+" * 5)
    return Desk(world)


def test_it_is_written_now_and_marked_as_a_persons(desk: Desk) -> None:
    now = desk.world.clock.now()
    saved = desk.by_hand.open(
        title=TITLE, text=WORDS, statuses={"mail": DOWN}, started_at=Second(now - 7 * DAY)
    )
    found = desk.get(saved.id)
    assert found == saved
    assert (found.origin, found.phase, found.impact) == (
        Origin.PERSON, Phase.INVESTIGATING, Impact.MAJOR,
    )  # fmt: skip
    assert (found.started_at, found.created_at) == (now - 7 * DAY, now)
    assert (found.title, found.affected) == (TITLE, ())
    (update,) = found.updates
    assert (update.event, update.actor, update.person) == (IncidentEvent.PERSON, "ana", WORDS)
    change = desk.changes()[-1]
    assert (change.kind, change.actor, change.subject) == ("incident.opened", "ana", saved.id)
    assert (change.before, change.after["statements"]) == ({}, {"mail": "down"})


def test_the_worse_of_word_and_checks_is_shown(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": SLOW, "web": UP})
    assert desk.component("mail").shown is Shown.SLOW
    assert desk.component("web").shown is Shown.OPERATIONAL
    desk.world.live(web="---", dns="+++", mail="---")
    assert {desk.component(c).shown for c in ("mail", "web")} == {Shown.DOWN}
    desk.commands.resolve(told.id, text=plain("Ya está."))
    assert {desk.component(c).shown for c in ("mail", "web")} == {Shown.DOWN}
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    assert {c.shown for c in desk.view().components} == {Shown.OPERATIONAL}


def test_work_on_it_shows_as_repair(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    assert desk.component("mail").shown is Shown.DOWN
    desk.commands.update(told.id, text=WORDS, phase=Phase.IDENTIFIED)
    assert desk.component("mail").shown is Shown.REPAIR


def test_a_component_without_any_check_is_shown_too(tmp_path: Path) -> None:
    made = catalogue()
    world = World(
        tmp_path, replace(made, checks=tuple(c for c in made.checks if c.component != MAIL))
    )
    world.live(web="+++", dns="+++")
    desk = Desk(world)
    assert desk.component("mail").shown is Shown.NO_DATA
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    shown = desk.component("mail")
    assert (shown.shown, shown.beneath, shown.stated) == (Shown.DOWN, Outcome.UNKNOWN, DOWN)
    assert shown.total.down == 0
    world.live(web="+++", dns="+++")
    assert desk.get(told.id) == told
    desk.commands.update(told.id, text=WORDS, statuses={"mail": UP})
    assert desk.component("mail").shown is Shown.NO_DATA


def test_one_about_no_component_changes_no_state(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={})
    assert {c.shown for c in desk.view().components} == {Shown.OPERATIONAL}
    shown = desk.incident(told.id)
    assert (shown.parts, shown.is_by_person, shown.is_unseen) == ((), True, False)
    done = desk.commands.resolve(told.id, text=plain("Ya está."))
    assert done.impact is Impact.NONE
    assert not desk.incident(told.id).is_unseen


def test_a_person_says_anew_how_components_fare(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": SLOW})
    desk.world.clock.advance(60)
    worse = desk.commands.update(told.id, text=WORDS, statuses={"mail": DOWN, "web": SLOW})
    now = desk.world.clock.now()
    assert [(s.component, s.status, s.start, s.end) for s in worse.statements] == [
        (MAIL, SLOW, told.started_at, now), (MAIL, DOWN, now, None), (WEB, SLOW, now, None),
    ]  # fmt: skip
    assert worse.impact is Impact.MAJOR
    again = desk.commands.update(told.id, text=WORDS, statuses={"mail": DOWN})
    assert again.statements == worse.statements, "the same word again begins nothing anew"
    back = desk.commands.update(told.id, text=WORDS, statuses={"mail": UP})
    assert [s.component for s in back.open_statements] == [WEB]


def test_that_something_works_is_said_until_it_is_said_again(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": UP})
    assert not told.is_open_for(MAIL)
    desk.world.clock.advance(60)
    again = desk.commands.update(told.id, text=WORDS, statuses={"mail": UP})
    now = desk.world.clock.now()
    assert [(s.status, s.end) for s in again.statements] == [(UP, now)]


def test_what_is_said_with_the_end_is_read(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": SLOW})
    with refuses(NotFound, match="did you mean mail"):
        desk.commands.update(told.id, text=WORDS, phase=Phase.RESOLVED, statuses={"mial": UP})
    assert desk.get(told.id) == told
    desk.world.clock.advance(60)
    said = {"mail": DOWN, "web": UP}
    over = desk.commands.update(told.id, text=WORDS, phase=Phase.RESOLVED, statuses=said)
    now = desk.world.clock.now()
    assert (over.phase, over.resolved_at, over.impact) == (Phase.RESOLVED, now, Impact.MAJOR)
    assert [(s.component, s.status, s.end) for s in over.statements] == [
        (MAIL, SLOW, now), (MAIL, DOWN, now),
    ]  # fmt: skip


def test_the_machine_writes_to_it_what_was_promised_alone_and_does_not_resolve_it(
    desk: Desk,
) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    desk.world.live(web=WELL, dns=WELL, mail="+---" + "+" * 40)
    machine = [i for i in desk.every() if i.id != told.id]
    assert [i.components for i in machine] == [(MAIL,)]
    left = desk.get(told.id)
    assert [u.event for u in left.updates] == [IncidentEvent.PERSON, IncidentEvent.DUE]
    assert replace(left, updates=told.updates, revision=told.revision) == told
    observed = desk.commands.update(told.id, text=WORDS, phase=Phase.MONITORING)
    desk.world.restarted()
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    assert desk.get(told.id) == observed


def test_operators_get_one_notice_and_no_alert(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    (notice,) = desk.notices()
    assert (notice.kind, notice.target) == (EventKind.SYSTEM_ALERT, "ops-mail")
    assert notice.event == f"incident.told:{told.id}"
    desk.commands.update(told.id, text=WORDS, phase=Phase.IDENTIFIED)
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    desk.commands.resolve(told.id, text=plain("Ya está."))
    assert desk.messages(told) == []
    assert desk.notices() == [notice]


def test_what_was_over_when_it_was_written_is_told_as_over(desk: Desk) -> None:
    now = desk.world.clock.now()
    began, ended = Second(now - 2 * DAY), Second(now - DAY)
    told = desk.by_hand.open(
        title=TITLE, text=WORDS, statuses={"mail": DOWN}, phase=Phase.RESOLVED,
        started_at=began, ended_at=ended,
    )  # fmt: skip
    assert (told.started_at, told.resolved_at, told.created_at) == (began, ended, now)
    assert [(s.start, s.end) for s in told.statements] == [(began, ended)]
    assert desk.component("mail").shown is Shown.OPERATIONAL


@pytest.mark.parametrize(
    ("start", "end", "phase", "code"),
    [
        (T0 + DAY, None, Phase.INVESTIGATING, "incident.not_yet"),
        (T0 - 91 * DAY, None, Phase.INVESTIGATING, "incident.too_early"),
        (T0, T0 - 10, Phase.RESOLVED, "incident.ends_before_start"),
        (T0, T0 + DAY, Phase.RESOLVED, "incident.not_yet"),
        (T0, T0 + 10, Phase.IDENTIFIED, "incident.end_without_resolution"),
    ],
)
def test_times_that_make_no_sense_are_refused(
    desk: Desk, start: int, end: int | None, phase: Phase, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        desk.by_hand.open(
            title=TITLE, text=WORDS, statuses={}, phase=phase, started_at=Second(start),
            ended_at=None if end is None else Second(end),
        )  # fmt: skip
    assert refused.value.code == code
    assert desk.every() == []
    assert desk.notices() == []


def test_a_component_that_there_is_not_is_refused_with_the_nearest(desk: Desk) -> None:
    with refuses(NotFound, match="did you mean mail"):
        desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mial": DOWN})


def test_an_account_bounded_to_services_names_its_own_components_alone(desk: Desk) -> None:
    bound = desk.of("mail")
    for statuses in ({"web": DOWN}, {"mail": DOWN, "web": UP}):
        with pytest.raises(NotFound) as refused:
            bound.by_hand.open(title=TITLE, text=WORDS, statuses=statuses)
        assert refused.value.fields["known"] == ["mail"]
    with refuses(Refused, match="for those that are not"):
        bound.by_hand.open(title=TITLE, text=WORDS, statuses={})
    told = bound.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    with refuses(NotFound, match="no component dns"):
        bound.commands.update(told.id, text=WORDS, statuses={"dns": DOWN})
    assert desk.get(told.id) == told


def test_an_incident_of_everybody_is_read_by_all_and_written_by_who_has_no_bounds(
    desk: Desk,
) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={})
    bound = desk.of("mail")
    assert bound.get(told.id) == told
    with refuses(Refused, match="for those that are not"):
        bound.commands.update(told.id, text=WORDS)
    with refuses(Refused, match="for those that are not"):
        bound.commands.resolve(told.id, text=WORDS)
    with refuses(Refused, match="for those that are not"):
        bound.commands.edit(told.id, 1, text=plain("x"))


def test_who_lacks_the_scope_opens_nothing(desk: Desk) -> None:
    viewer = Desk(desk.world, replace(ANA, scopes=frozenset({Scope.STATE_READ})))
    with refuses(Refused, match="incidents:write"):
        viewer.by_hand.open(title=TITLE, text=WORDS, statuses={})


@pytest.mark.parametrize("words", ["", " \n", "\x00\x1b", "\u202e"])
def test_texts_of_nothing_that_can_be_read_are_refused(desk: Desk, words: str) -> None:
    for title, text in ((plain(words), WORDS), (TITLE, plain(words))):
        with refuses(Refused, match="is empty"):
            desk.by_hand.open(title=title, text=text, statuses={})


def test_two_of_one_second_are_two(desk: Desk) -> None:
    first, second = (
        desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN}) for _ in range(2)
    )
    assert first.id != second.id


def test_what_happened_and_why_is_told_once_after_the_end(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    with refuses(Refused, match="is not resolved"):
        desk.commands.postmortem(told.id, text=WORDS)
    done = desk.commands.resolve(told.id, text=plain("Ya está."))
    desk.world.clock.advance(300 * 86_400)
    explained = desk.commands.postmortem(told.id, text=plain("Falló la fuente."))
    assert replace(explained, updates=done.updates, revision=done.revision) == done
    assert explained.resolutions == done.resolutions
    assert desk.pending(explained) == desk.pending(done)
    assert desk.changes()[-1].kind == "incident.postmortem"
    with refuses(Refused, match="has its post-mortem in update 3: correct that one"):
        desk.commands.postmortem(told.id, text=WORDS)
    corrected = desk.commands.edit(told.id, 3, text=plain("Falló un disco."))
    assert corrected.postmortem is not None
    assert corrected.postmortem.former == (plain("Falló la fuente."),)


def test_it_is_opened_again_within_a_time(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    with refuses(Refused, match="is not resolved"):
        desk.by_hand.reopen(told.id, text=WORDS)
    desk.world.clock.advance(600)
    done = desk.commands.resolve(told.id, text=plain("Ya está."))
    desk.world.clock.advance(REOPENS)
    again = desk.by_hand.reopen(told.id, text=plain("Volvió."), revision=done.revision)
    assert (again.phase, again.resolved_at) == (Phase.INVESTIGATING, None)
    assert again.statements == told.statements
    assert desk.component("mail").shown is Shown.DOWN
    change = desk.changes()[-1]
    assert (change.kind, change.before["phase"]) == ("incident.reopened", "resolved")
    desk.commands.resolve(told.id, text=plain("Ya está."))
    desk.world.clock.advance(REOPENS + 1)
    with refuses(Refused, match="over more than 14 days ago: open another incident and link"):
        desk.by_hand.reopen(told.id, text=WORDS)


def test_two_operators_who_reopen_at_once_do_not_undo_each_other(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    done = desk.commands.resolve(told.id, text=plain("Ya está."))
    desk.by_hand.reopen(told.id, text=plain("Volvió."), revision=done.revision)
    with refuses(Stale, match="has changed"):
        desk.by_hand.reopen(told.id, text=plain("Volvió."), revision=done.revision)


def test_what_the_machine_saw_come_back_is_not_opened_again(desk: Desk) -> None:
    desk.world.live(web="---" + WELL, dns="---" + WELL, mail="+++" + WELL)
    (fell,) = desk.every()
    assert fell.phase is Phase.RESOLVED
    with refuses(Refused, match="seen to come back.*open another incident and link"):
        desk.by_hand.reopen(fell.id, text=WORDS)
    assert desk.get(fell.id) == fell


def test_what_a_person_closed_while_it_was_down_goes_on_as_if_it_had_not_been(
    desk: Desk,
) -> None:
    desk.world.live(web="---", dns="+++", mail="+++")
    fell = desk.opened_by_machine("web")
    closed = desk.commands.resolve(fell.id, text=plain("Falsa alarma."), although_down=True)
    assert closed.affected[0].is_unwatched
    desk.world.live(web="--", dns="++", mail="++")
    again = desk.by_hand.reopen(fell.id, text=plain("No lo era."))
    assert again.affected == fell.affected
    kinds = [kind for kind, _ in desk.pending(fell)]
    assert kinds == [EventKind.OPENING], "that it is over has not left, and is taken back"
    desk.world.live(web="--", dns="++", mail="++")
    assert desk.opened_by_machine("web").id == fell.id
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    over = desk.get(fell.id)
    assert (over.phase, [u.event for u in over.updates][-1]) == (
        Phase.RESOLVED, IncidentEvent.RESOLVED,
    )  # fmt: skip
    assert (EventKind.RESOLUTION, "pending") in desk.pending(fell)
    assert len(desk.every()) == 1


def test_what_goes_on_in_another_incident_is_not_opened_again(desk: Desk) -> None:
    desk.world.live(web="---", dns="+++", mail="+++")
    fell = desk.opened_by_machine("web")
    desk.commands.resolve(fell.id, text=plain("Falsa alarma."), although_down=True)
    desk.world.live(web="++---", dns="+++++", mail="+++++")
    other = desk.opened_by_machine("web")
    assert other.id != fell.id
    with refuses(Refused, match=f"goes on in {other.id}"):
        desk.by_hand.reopen(fell.id, text=WORDS)


def test_a_second_resolution_is_reported_too(desk: Desk) -> None:
    desk.world.live(web="---", dns="+++", mail="+++")
    fell = desk.opened_by_machine("web")
    desk.commands.resolve(fell.id, text=plain("Falsa alarma."), although_down=True)
    deliver_all(desk)
    desk.by_hand.reopen(fell.id, text=plain("No lo era."))
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    told = [(n.kind, n.number) for n in desk.messages(fell)]
    assert told[-2:] == [(EventKind.RESOLUTION, 0), (EventKind.RESOLUTION, 1)]


def deliver_all(desk: Desk) -> None:
    now = desk.world.clock.now()
    with desk.world.journal.transaction() as tx:
        for message in tx.outbox.due(Second(now + 3600), 100):
            tx.outbox.mark_delivered(message, delivery=Delivery.SENT, at=now)


def test_maintenance_does_not_hide_what_a_person_says(desk: Desk) -> None:
    now = desk.world.clock.now()
    MaintenanceCommands(
        journal=desk.world.journal, catalogue=desk.world.core.state.catalogue,
        clock=desk.world.clock, actor=ANA,
    ).add(
        title=plain("Disco"), impact=plain("Nada."), start=now, end=Second(now + 3600),
        components=("mail",), reason="ya",
    )  # fmt: skip
    assert desk.component("mail").shown is Shown.MAINTENANCE
    desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    assert desk.component("mail").shown is Shown.REPAIR


def test_the_title_is_in_both_languages(desk: Desk) -> None:
    title = Text({"es": "Correo: demoras", "en": "Mail: delays"})
    told = desk.by_hand.open(title=title, text=WORDS, statuses={"dns": SLOW})
    assert desk.incident(told.id).title == title
    assert DNS in told.concerned
    assert INTERVAL
