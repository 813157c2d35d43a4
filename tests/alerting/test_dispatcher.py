"""What is owed leaves: at least once, worded when it leaves, down the route where one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.alerting.dispatcher import pending, reminders_due
from monitor.alerting.ports import Permanent, Transient
from monitor.domain.catalogue import Alerting, AlertTarget, Route
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.delivery import (
    TRIES_BEFORE_NEXT,
    Delivery,
    EventKind,
    Notification,
    backoff,
)
from monitor.domain.incidents.incident import IncidentEvent, IncidentId, Phase
from monitor.domain.time.interval import Second
from monitor.journal.ports import Deposed, JournalError
from tests.domain.incidents import BACK_AT, DECIDED_AT, MAIL, RADIO, WEB, incident, part, update
from tests.support.posts import CHAIN, FIRST, OTHER, SECOND, PostOffice, at_once, post_office

SENT, PENDING, FAILED = Delivery.SENT, Delivery.PENDING, Delivery.FAILED


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as opened:
        yield opened


def test_it_sends_what_is_due_and_records_it(office: PostOffice) -> None:
    fell = office.save()
    office.enqueue(fell)
    assert office.sent() == 1
    assert office.states(fell) == [("first", SENT)]
    assert office.of(fell)[0].sent_at == DECIDED_AT
    assert office.reached == ["send.before", "send.after"]
    assert office.sent() == 0


def test_it_waits_until_a_message_is_due(office: PostOffice) -> None:
    office.enqueue(office.save(), due_at=Second(DECIDED_AT + 30))
    assert office.sent() == 0
    office.clock.advance(30)
    assert office.sent() == 1


def test_an_opening_holds_whoever_joined_while_it_waited(office: PostOffice) -> None:
    fell = office.save()
    office.enqueue(fell, due_at=Second(DECIDED_AT + 30))
    joined = replace(fell, affected=(*fell.affected, part(WEB, start=DECIDED_AT)))
    office.save(joined)
    office.clock.advance(30)
    office.sent()
    (_, message) = office.notifier.delivered[0]
    assert message.subject.startswith("CAÍDO radio2 +1:")
    assert "Servidor web 1" in message.text


def test_a_transient_failure_is_tried_again_later_with_the_same_key(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("421 busy")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    (waiting,) = office.of(fell)
    assert (waiting.delivery, waiting.attempts, waiting.error) == (PENDING, 1, "421 busy")
    assert 4 <= waiting.due_at - DECIDED_AT <= 6
    assert office.sent() == 0
    office.clock.advance_to(waiting.due_at)
    office.sent()
    assert office.notifier.keys("first") == ["incident:k3f9a2:opening|first"]
    assert office.states(fell) == [("first", SENT)]


def test_it_waits_as_long_as_the_other_side_asks(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("status 429", 77.2)]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    assert office.of(fell)[0].due_at == DECIDED_AT + 78


def test_a_permanent_failure_falls_over_to_the_next_target(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Permanent("550 no such user")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    assert office.states(fell) == [("first", FAILED), ("second", PENDING)]
    office.sent()
    assert office.notifier.keys("second") == ["incident:k3f9a2:opening|second"]
    assert office.states(fell) == [("first", FAILED), ("second", SENT)]


def test_the_last_target_that_refuses_once_is_tried_again(office: PostOffice) -> None:
    office.alerting = Alerting(routes=(Route(id="only", targets=(FIRST,)),))
    office.notifier.answers["first"] = [Permanent("status 404")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    (waiting,) = office.of(fell)
    assert (waiting.delivery, waiting.error) == (PENDING, "status 404")
    office.clock.advance_to(waiting.due_at)
    office.sent()
    assert office.states(fell) == [("first", SENT)]


def test_the_last_target_that_refuses_for_good_is_given_up_after_a_day(office: PostOffice) -> None:
    office.alerting = Alerting(routes=(Route(id="only", targets=(FIRST,)),))
    office.notifier.answers["first"] = [Permanent("status 404")] * 999
    fell = office.save()
    office.enqueue(fell)
    while office.states(fell) == [("first", PENDING)]:
        office.clock.advance_to(max(office.of(fell)[0].due_at, office.clock.now()))
        office.sent()
    assert office.states(fell) == [("first", FAILED)]
    assert office.clock.now() - DECIDED_AT > 80_000


def test_a_target_that_refuses_with_none_behind_it_is_told_by_the_other_routes(
    tmp_path: Path,
) -> None:
    routes = (Route(id="only", targets=(FIRST,)), Route(id="other", targets=(OTHER,)))
    with post_office(tmp_path, *routes) as office:
        office.notifier.answers["first"] = [Permanent("status 404")] * 9
        fell = office.save()
        office.enqueue(fell)
        for _ in range(200):
            office.sent()
            office.clock.advance(1)
        told = [message for to, message in office.notifier.delivered if to == "other"]
        assert [m.fields["kind"] for m in told] == ["opening", "notice"], "once, whatever it takes"
        assert told[1].subject == "RECHAZADO first: no acepta alertas"
        assert "status 404" in told[1].text


def test_two_routes_that_both_refuse_do_not_tell_of_one_another_for_ever(tmp_path: Path) -> None:
    routes = (Route(id="only", targets=(FIRST,)), Route(id="other", targets=(OTHER,)))
    with post_office(tmp_path, *routes) as office:
        refusals = [Permanent("status 404")] * 99
        office.notifier.answers = {"first": list(refusals), "other": list(refusals)}
        office.enqueue(office.save())
        for _ in range(120):
            office.sent()
            office.clock.advance(1)
        with office.journal.transaction() as tx:
            assert tx.outbox.counts()[PENDING] == 4, "an opening and a notice each"


def test_a_target_that_stays_away_gives_way_within_a_minute_and_a_half(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Transient("refused")] * 99
    fell = office.save()
    office.enqueue(fell)
    for _ in range(TRIES_BEFORE_NEXT):
        office.clock.advance_to(office.of(fell)[0].due_at)
        office.sent()
    office.sent()
    assert office.states(fell) == [("first", FAILED), ("second", SENT)]
    assert office.clock.now() - DECIDED_AT <= 90


def test_the_last_target_is_not_given_up_for_a_day(office: PostOffice) -> None:
    office.alerting = Alerting(routes=(Route(id="only", targets=(FIRST,)),))
    office.notifier.answers["first"] = [Transient("refused")] * 280
    fell = office.save()
    office.enqueue(fell)
    while not office.notifier.delivered:
        (waiting,) = office.of(fell)
        assert waiting.delivery is PENDING
        office.clock.advance_to(max(waiting.due_at, office.clock.now()))
        office.sent()
    assert office.clock.now() - DECIDED_AT > 80_000


def test_a_long_retry_after_is_not_waited_for_where_another_target_stands_ready(
    office: PostOffice,
) -> None:
    office.notifier.answers["first"] = [Transient("status 429", 3_600)]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    office.sent()
    assert office.states(fell) == [("first", FAILED), ("second", SENT)]


def test_a_hanging_target_is_cut_off_and_holds_up_nobody(tmp_path: Path) -> None:
    routes = (CHAIN, Route(id="other", targets=(OTHER,)))
    with post_office(tmp_path, *routes) as office:
        office.deadline_s = 0.05
        office.dispatcher = office.another()
        office.notifier.hangs = {"first"}
        fell = office.save()
        office.enqueue(fell)
        office.sent()
        assert office.notifier.keys("other") == ["incident:k3f9a2:opening|other"]
        (first, _) = office.of(fell)
        assert (first.delivery, first.error) == (PENDING, "no answer within 0.05 s")


def test_a_notifier_that_breaks_is_tried_again_and_falls_over(office: PostOffice) -> None:
    office.notifier.answers["first"] = [RuntimeError("a bug")] * 99
    fell = office.save()
    office.enqueue(fell)
    for _ in range(TRIES_BEFORE_NEXT):
        office.clock.advance_to(office.of(fell)[0].due_at)
        office.sent()
    office.sent()
    assert office.states(fell) == [("first", FAILED), ("second", SENT)]


def test_a_resolution_follows_whoever_had_the_opening(office: PostOffice) -> None:
    office.notifier.answers["first"] = [Permanent("550")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    office.sent()
    office.enqueue(fell, EventKind.RESOLUTION)
    office.sent()
    office.sent()
    assert office.notifier.keys("first") == ["incident:k3f9a2:resolution|first"]
    assert office.notifier.keys("second") == [
        "incident:k3f9a2:opening|second",
        "incident:k3f9a2:resolution|second",
    ]


def test_the_end_does_not_wait_for_a_target_that_never_had_the_beginning(
    office: PostOffice,
) -> None:
    office.notifier.answers["first"] = [Transient("refused")] * 99
    fell = office.save()
    office.enqueue(fell)
    for _ in range(TRIES_BEFORE_NEXT):
        office.clock.advance_to(office.of(fell)[0].due_at)
        office.sent()
    office.sent()
    for number in (1, 2):
        office.enqueue(fell, EventKind.REMINDER, number)
    office.enqueue(fell, EventKind.RESOLUTION)
    for _ in range(4):
        office.sent()
    assert [key.split(":", 2)[2] for key in office.notifier.keys("second")] == [
        "opening|second",
        "resolution|second",
    ]
    assert office.notifier.tried.count("first") == TRIES_BEFORE_NEXT + 1


def test_a_resolution_overtakes_an_opening_that_was_not_delivered(office: PostOffice) -> None:
    office.alerting = Alerting(routes=(Route(id="only", targets=(FIRST,)),))
    office.notifier.answers["first"] = [Transient("busy")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    office.enqueue(fell, EventKind.RESOLUTION)
    assert office.sent() == 0
    office.clock.advance(10)
    office.sent()
    assert office.sent() == 0
    assert office.notifier.keys("first") == ["incident:k3f9a2:resolution|first"]
    assert office.states(fell) == [("first", SENT), ("first", SENT)]


def test_a_route_of_one_component_hears_of_an_incident_that_its_component_joined(
    tmp_path: Path,
) -> None:
    mail_only = Route(id="mail", targets=(OTHER,), components=frozenset({MAIL}))
    with post_office(tmp_path, CHAIN, mail_only) as office:
        fell = office.save()
        office.enqueue(fell, due_at=Second(DECIDED_AT + 30))
        office.save(replace(fell, affected=(*fell.affected, part(MAIL))))
        office.clock.advance(30)
        office.sent()
        office.sent()
        assert office.notifier.keys("other") == ["incident:k3f9a2:opening|other"]


def test_what_only_hangs_on_another_component_wakes_nobody_of_its_own(tmp_path: Path) -> None:
    mail_only = Route(id="mail", targets=(OTHER,), components=frozenset({MAIL}))
    with post_office(tmp_path, CHAIN, mail_only) as office:
        fell = office.save(incident(part(), part(MAIL, is_dependent=True)))
        office.enqueue(fell)
        office.sent()
        assert [n.target for n in office.of(fell)] == ["first"]


def test_a_target_that_left_the_configuration_gives_way_to_whoever_is_there(
    office: PostOffice,
) -> None:
    fell = office.save()
    office.enqueue(fell)
    office.alerting = Alerting(routes=(Route(id="new", targets=(OTHER,)),))
    office.sent()
    office.sent()
    assert office.states(fell) == [("first", FAILED), ("other", SENT)]


def test_a_kind_without_a_notifier_is_permanent(office: PostOffice) -> None:
    strange = AlertTarget(id="strange", kind="pigeon", spec=None)
    office.alerting = Alerting(routes=(Route(id="chain", targets=(strange, SECOND)),))
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    office.sent()
    assert office.states(fell) == [("strange", FAILED), ("second", SENT)]


class Killed(BaseException):
    """What a kill is to the code: nothing after it runs."""


def test_a_kill_after_a_send_gives_one_duplicate_with_the_same_key(office: PostOffice) -> None:
    def die(point: str) -> None:
        if point == "send.after":
            raise Killed

    fell = office.save()
    office.enqueue(fell)
    office.on_point = die
    with suppress(BaseExceptionGroup, Killed):
        office.sent()
    office.on_point = lambda _: None
    office.dispatcher = office.another()
    office.sent()
    assert office.sent() == 0
    assert office.notifier.keys("first") == ["incident:k3f9a2:opening|first"] * 2


def test_a_kill_before_a_send_loses_nothing(office: PostOffice) -> None:
    def die(point: str) -> None:
        if point == "send.before":
            raise Killed

    fell = office.save()
    office.enqueue(fell)
    office.on_point = die
    with suppress(BaseExceptionGroup, Killed):
        office.sent()
    office.on_point = lambda _: None
    office.dispatcher = office.another()
    office.sent()
    assert office.notifier.keys("first") == ["incident:k3f9a2:opening|first"]


async def test_what_is_in_flight_is_not_sent_a_second_time(office: PostOffice) -> None:
    office.notifier.hangs = {"first"}
    fell = office.save()
    office.enqueue(fell)
    sending = asyncio.create_task(office.dispatcher.send_due(at_once))
    await office.notifier.has_begun.wait()
    assert await office.dispatcher.send_due(at_once) == 0
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    assert office.notifier.tried == ["first"]


async def test_what_is_taken_back_while_it_is_in_flight_holds_up_nothing(
    office: PostOffice,
) -> None:
    office.notifier.hangs = {"first"}
    fell, later = office.save(), office.save(incident(id=IncidentId("n5b2c8")))
    office.enqueue(fell)
    sending = asyncio.create_task(office.dispatcher.send_due(at_once))
    await office.notifier.has_begun.wait()
    with office.journal.transaction() as tx:
        tx.outbox.delete_pending(str(fell.id))
    office.notifier.may_end.set()
    async with asyncio.timeout(5):
        await sending
    assert office.states(fell) == []
    office.enqueue(later)
    async with asyncio.timeout(5):
        await office.dispatcher.send_due(at_once)
    assert office.states(later) == [("first", SENT)]


async def test_all_that_a_hanging_target_is_owed_hides_no_other_target(tmp_path: Path) -> None:
    with post_office(tmp_path, CHAIN, Route(id="other", targets=(OTHER,))) as office:
        office.notifier.hangs = {"first"}
        with office.journal.transaction() as tx:
            tx.outbox.enqueue([notice(number, "first", DECIDED_AT) for number in range(500)])
        sending = asyncio.create_task(office.dispatcher.send_due(at_once))
        await office.notifier.has_begun.wait()
        office.clock.advance(1)
        with office.journal.transaction() as tx:
            tx.outbox.enqueue([notice(500, "other", office.clock.now())])
        assert await office.dispatcher.send_due(at_once) == 1
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        assert len(office.notifier.keys("other")) == 1


def notice(number: int, target: str, due_at: int) -> Notification:
    event = f"monitor.blind:{number}"
    return Notification(
        event=event, target=target, route="other" if target == "other" else CHAIN.id, position=0,
        kind=EventKind.SYSTEM_ALERT, subject=event, due_at=Second(due_at),
    )  # fmt: skip


async def test_a_journal_that_fails_for_a_moment_costs_no_duplicate(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    fell = office.save()
    office.enqueue(fell)
    failures = iter([JournalError("locked")])
    real = office.dispatcher._record

    def flaky(*given: object) -> None:
        error = next(failures, None)
        if error is not None:
            raise error
        real(*given)  # type: ignore[arg-type]

    async def no_wait(_: float) -> None:
        return None

    monkeypatch.setattr(office.dispatcher, "_record", flaky)
    monkeypatch.setattr("monitor.alerting.dispatcher.asyncio.sleep", no_wait)
    await office.dispatcher.send_due(at_once)
    assert office.states(fell) == [("first", SENT)]
    assert len(office.notifier.delivered) == 1


async def test_it_stops_where_another_core_has_taken_over(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deposed() -> None:
        raise Deposed("epoch 2")

    monkeypatch.setattr(office.dispatcher, "_take", deposed)
    with pytest.raises(Deposed):
        await office.dispatcher.run(at_once)


def test_a_storm_is_told_in_one_message(office: PostOffice) -> None:
    for number in range(40):
        office.enqueue(office.save(replace(incident(), id=f"storm{number:02d}")))  # type: ignore[arg-type]
    assert office.sent() == 1
    ((_, message),) = office.notifier.delivered
    assert message.subject == "CAÍDO: 40 incidentes, 40 componentes"
    assert message.text.count("CAÍDO  Streaming de radio 2: stalled") == 20
    assert "y 20 más" in message.text
    assert all(f"radio2  desde 14:08:30 (storm{n:02d})" in message.text for n in range(40))
    with office.journal.transaction() as tx:
        assert tx.outbox.counts()[SENT] == 40


def test_after_three_openings_the_rest_wait_for_the_end_of_the_groups_interval(
    office: PostOffice,
) -> None:
    for number in range(3):
        office.enqueue(office.save(replace(incident(), id=f"early{number}")))  # type: ignore[arg-type]
    assert office.sent() == 3
    for number in range(20):
        office.clock.advance(1)
        office.enqueue(office.save(replace(incident(), id=f"later{number}")))  # type: ignore[arg-type]
        assert office.sent() == 0
    office.clock.advance(279)
    assert office.sent() == 0
    office.clock.advance(1)
    assert office.sent() == 1


def test_a_notice_about_the_monitor_itself_leaves_too(office: PostOffice) -> None:
    event = f"monitor.blind:{DECIDED_AT}"
    notice = Notification(
        event=event, target="first", route="chain", position=0, kind=EventKind.SYSTEM_ALERT,
        subject=event, due_at=DECIDED_AT,
    )  # fmt: skip
    with office.journal.transaction() as tx:
        tx.outbox.enqueue([notice])
    office.sent()
    ((_, message),) = office.notifier.delivered
    assert message.subject == "CIEGO monitor: sin red desde las 14:10"
    assert "No se abre ningún incidente" in message.text


def test_what_cannot_be_worded_still_leaves(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr("monitor.alerting.renderer.incident_message", broken)
    office.enqueue(office.save())
    office.sent()
    ((_, message),) = office.notifier.delivered
    assert "k3f9a2" in message.subject
    assert "estado incident list" in message.text


def test_it_owes_each_route_that_concerns_a_component() -> None:
    routes = (
        CHAIN,
        Route(id="mail", targets=(OTHER,), components=frozenset({MAIL})),
        Route(id="radio", targets=(OTHER,), components=frozenset({RADIO, WEB})),
        Route(id="empty", targets=()),
    )
    found = pending(incident(), EventKind.OPENING, 0, Alerting(routes=routes), DECIDED_AT)
    assert [(n.route, n.target, n.event) for n in found] == [
        ("chain", "first", "incident:k3f9a2:opening"),
        ("radio", "other", "incident:k3f9a2:opening"),
    ]


@pytest.mark.parametrize(("after", "number"), [(899, None), (900, 1), (1_799, 1), (5_400, 6)])
def test_reminders_come_by_configuration_the_newest_alone(after: int, number: int | None) -> None:
    alerting = Alerting(routes=(CHAIN,), remind_every=900)
    due = reminders_due(incident(), alerting, Second(DECIDED_AT + after))
    assert [n.number for n in due] == ([] if number is None else [number])


def test_nobody_is_reminded_of_what_a_person_has_taken_or_what_has_recovered() -> None:
    alerting = Alerting(routes=(CHAIN,), remind_every=900)
    later = Second(DECIDED_AT + 9_000)
    taken = replace(incident(), phase=Phase.IDENTIFIED)
    watched = incident(part(end=BACK_AT), phase=Phase.MONITORING)
    words = replace(update(2, IncidentEvent.PERSON), person=update(2, IncidentEvent.PERSON).machine)
    written = replace(incident(), updates=(words,))
    assert [reminders_due(i, alerting, later) for i in (taken, watched, written)] == [[], [], []]
    assert reminders_due(incident(), replace(alerting, remind_every=None), later) == []


def test_waits_double_up_to_five_minutes_and_differ_between_messages() -> None:
    def waits(event: str) -> list[int]:
        first = Notification(
            event=event, target="t", route="r", position=0, kind=EventKind.OPENING,
            subject="s", due_at=DECIDED_AT,
        )  # fmt: skip
        return [backoff(replace(first, attempts=n)) for n in range(12)]

    bounds = [min(300, 5 * 2**n) for n in range(12)]
    assert all(0.8 * b <= w <= 1.2 * b for b, w in zip(bounds, waits("a"), strict=True))
    assert waits("a") == waits("a")
    assert waits("a") != waits("b")


def test_no_component_at_all_concerns_only_routes_for_everything() -> None:
    strange = incident(part(ComponentId("gone")))
    routes = (CHAIN, Route(id="mail", targets=(OTHER,), components=frozenset({MAIL})))
    found = pending(strange, EventKind.UPDATE, 3, Alerting(routes=routes), DECIDED_AT)
    assert [n.event for n in found] == ["incident:gone:update:3".replace("gone", "k3f9a2")]


BACK = pytest.mark.parametrize("step", [-3_600, -40 * 86_400])


@BACK
def test_what_waits_leaves_at_once_where_the_clock_is_set_back(
    office: PostOffice, step: int
) -> None:
    fell = office.save()
    office.enqueue(fell, due_at=Second(DECIDED_AT + 30))
    office.enqueue(fell, EventKind.RESOLUTION, due_at=Second(DECIDED_AT + step + 5))
    office.clock.step(step)
    office.clock.advance(5)
    assert (office.sent(), office.sent()) == (1, 0)
    assert office.states(fell) == [("first", SENT), ("first", SENT)]


@BACK
def test_a_retry_is_not_put_off_by_a_clock_that_is_set_back(office: PostOffice, step: int) -> None:
    office.notifier.answers["first"] = [Transient("refused")]
    fell = office.save()
    office.enqueue(fell)
    office.sent()
    office.clock.step(step)
    assert office.sent() == 1
    assert office.states(fell) == [("first", SENT)]


@BACK
def test_what_waits_leaves_at_once_where_the_clock_was_set_back_before_a_restart(
    office: PostOffice, step: int
) -> None:
    fell = office.save()
    office.enqueue(fell)
    office.clock.step(step)
    office.dispatcher = office.another()
    assert office.sent() == 1


def test_a_restart_cuts_no_wait_short(office: PostOffice) -> None:
    fell = office.save()
    office.enqueue(fell, due_at=Second(DECIDED_AT + 30))
    office.dispatcher = office.another()
    assert office.sent() == 0
    office.clock.advance(30)
    assert office.sent() == 1


@BACK
def test_a_storm_ends_in_its_time_though_the_clock_is_set_back(
    office: PostOffice, step: int
) -> None:
    for number in range(4):
        office.enqueue(office.save(replace(incident(), id=IncidentId(f"aaaaa{number}"))))
        office.sent()
    assert len(office.notifier.delivered) == 3
    office.clock.step(step)
    office.clock.advance(300)
    assert office.sent() == 1
