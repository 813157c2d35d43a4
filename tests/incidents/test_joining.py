"""Incidents that people merge, split and link: one outage is in one incident, and told once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Origin, Phase
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.rollup import Shown
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from statuspage.view.model import RelatedIncident
from tests.incidents.operators import TITLE, WELL, WORDS, Desk
from tests.support.refusals import refuses
from tests.support.worlds import DNS, MAIL, WEB, World, look

DOWN, SLOW = Outcome.DOWN, Outcome.DEGRADED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Web and mail are down, each in an incident of its own."""
    world = World(tmp_path)
    world.live(web="++---", dns="+++++", mail="++---")
    return Desk(world)


@pytest.fixture
def web(desk: Desk) -> Incident:
    return desk.opened_by_machine("web")


@pytest.fixture
def mail(desk: Desk) -> Incident:
    return desk.opened_by_machine("mail")


def deliver(desk: Desk, of: Incident) -> None:
    """What is pending about it reaches its targets."""
    now = desk.world.clock.now()
    with desk.world.journal.transaction() as tx:
        for message in tx.outbox.of(of.id):
            if message.delivery is Delivery.PENDING:
                tx.outbox.mark_delivered(message, delivery=Delivery.SENT, at=now)


def test_what_it_affected_goes_on_in_the_other(desk: Desk, web: Incident, mail: Incident) -> None:
    now = desk.world.clock.now()
    grown = desk.joining.merge(mail.id, web.id, text=plain("Es lo mismo."))
    left = desk.get(mail.id)
    assert grown.id == web.id
    assert grown.affected == (*web.affected, *mail.affected)
    assert (left.phase, left.resolved_at, left.merged_into) == (Phase.RESOLVED, now, web.id)
    assert left.affected == ()
    assert [(s.component, s.status, s.end) for s in left.statements] == [(MAIL, DOWN, now)]
    assert left.title == mail.title
    assert [u.person for u in (left.updates[-1], grown.updates[-1])] == [plain("Es lo mismo.")] * 2


def test_recovery_comes_through_the_other_and_once(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    deliver(desk, web)
    deliver(desk, mail)
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.world.live(web="---" + WELL, dns="+++" + WELL, mail="+++" + WELL)
    over = desk.get(web.id)
    assert [u.event for u in over.updates[-3:]] == [
        IncidentEvent.PARTLY_BACK, IncidentEvent.OBSERVING, IncidentEvent.RESOLVED,
    ]  # fmt: skip
    assert desk.get(mail.id).revision == mail.revision + 1
    assert [n.kind for n in desk.messages(mail)] == [EventKind.OPENING]
    assert [n.kind for n in desk.messages(web)] == [EventKind.OPENING, EventKind.RESOLUTION]
    assert len(desk.every()) == 2


def test_who_read_of_it_reads_of_its_end_also_where_a_person_opened_the_other(
    desk: Desk, mail: Incident
) -> None:
    deliver(desk, mail)
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={})
    desk.joining.merge(mail.id, told.id, text=WORDS)
    opening = desk.messages(told)
    assert [(n.kind, n.delivery, n.error) for n in opening] == [
        (EventKind.OPENING, Delivery.SENT, f"reported as {mail.id}")
    ]
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    found = desk.get(told.id)
    assert (found.phase, found.updates[-1].event) == (
        Phase.INVESTIGATING, IncidentEvent.PARTLY_BACK,
    ), "what a person opened, a person ends"  # fmt: skip
    assert found.open_parts == ()
    desk.commands.resolve(told.id, text=WORDS)
    assert [n.kind for n in desk.messages(told)] == [EventKind.OPENING, EventKind.RESOLUTION]


def test_what_nobody_has_read_yet_is_told_by_the_other(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    deliver(desk, web)
    desk.joining.merge(mail.id, web.id, text=WORDS)
    assert desk.messages(mail) == []
    kinds = [(n.kind, n.delivery) for n in desk.messages(web)]
    assert kinds == [(EventKind.OPENING, Delivery.SENT), (EventKind.UPDATE, Delivery.PENDING)]


def test_where_neither_was_told_one_message_has_both(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    desk.joining.merge(mail.id, web.id, text=WORDS)
    assert [(n.kind, n.delivery) for n in desk.messages(web)] == [
        (EventKind.OPENING, Delivery.PENDING)
    ]
    assert desk.messages(mail) == []


def test_it_recovers_while_it_is_merged(desk: Desk, web: Incident, mail: Incident) -> None:
    """The last results were read before; the next tick decides on what was merged."""
    for minute in range(5):
        at = Second(desk.world.clock.now() + 60 * minute)
        for component in (WEB, DNS, MAIL):
            desk.world.log.add(look(component, at, "+"))
    desk.world.clock.advance(300)
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.world.core.tick()
    found = desk.get(web.id)
    assert found.open_parts == ()
    assert found.phase is Phase.MONITORING
    assert {p.end for p in found.affected} == {found.monitoring_at}
    assert [i.id for i in desk.every() if i.is_unresolved] == [web.id]


def test_a_core_that_was_killed_follows_the_other(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.world.restarted()
    desk.world.live(web="----", dns="++++", mail="--++")
    found = desk.get(web.id)
    assert [(p.component, p.is_open) for p in found.affected] == [(WEB, True), (MAIL, False)]
    assert [i.id for i in desk.every() if i.is_unresolved] == [web.id]


def test_what_falls_again_joins_the_other(desk: Desk, web: Incident, mail: Incident) -> None:
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.world.live(web="-----------", dns="+++++++++++", mail="-+++++-----")
    assert [i.id for i in desk.every() if i.is_unresolved] == [web.id]
    assert [p.component for p in desk.get(web.id).affected] == [WEB, MAIL, MAIL]


def test_what_was_merged_points_on_and_takes_no_more_words(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    desk.joining.merge(mail.id, web.id, text=WORDS)
    merged = f"{mail.id} was merged into {web.id}: go on there"
    acts: list[Callable[[], object]] = [
        lambda: desk.commands.update(mail.id, text=WORDS),
        lambda: desk.commands.resolve(mail.id, text=WORDS),
        lambda: desk.by_hand.reopen(mail.id, text=WORDS),
        lambda: desk.joining.merge(mail.id, web.id, text=WORDS),
        lambda: desk.joining.split(mail.id, ["mail"], title=TITLE, text=WORDS),
        lambda: desk.joining.merge(web.id, mail.id, text=WORDS),
    ]
    for act in acts:
        with refuses(Refused, match=merged):
            act()
    shown = desk.incident(mail.id)
    assert (shown.is_merged, shown.merged_into) == (True, (web.id, web.title))
    assert not shown.is_seen_over


def test_an_incident_is_not_merged_into_itself_nor_into_what_is_not_there(
    desk: Desk, web: Incident
) -> None:
    with refuses(Refused, match="name another"):
        desk.joining.merge(web.id, web.id, text=WORDS)
    with refuses(NotFound, match="no incident zzzzzz"):
        desk.joining.merge(web.id, "zzzzzz", text=WORDS)
    with refuses(NotFound, match="no incident zzzzzz"):
        desk.joining.merge("zzzzzz", web.id, text=WORDS)
    assert desk.get(web.id) == web


def test_nothing_is_merged_into_what_is_over(desk: Desk, web: Incident, mail: Incident) -> None:
    desk.commands.resolve(mail.id, text=WORDS, although_down=True)
    with refuses(Refused, match="is resolved"):
        desk.joining.merge(web.id, mail.id, text=WORDS)


def test_a_stale_revision_changes_neither(desk: Desk, web: Incident, mail: Incident) -> None:
    desk.commands.update(mail.id, text=WORDS)
    acts: list[Callable[[], object]] = [
        lambda: desk.joining.merge(mail.id, web.id, text=WORDS, revision=mail.revision),
        lambda: desk.joining.link(mail.id, web.id, revision=mail.revision),
    ]
    for act in acts:
        with refuses(Stale, match="has changed"):
            act()
    assert desk.get(web.id) == web


def test_a_bounded_account_joins_only_what_is_all_its_own(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    bound = desk.of("mail")
    acts: list[Callable[[], object]] = [
        lambda: bound.joining.merge(mail.id, web.id, text=WORDS),
        lambda: bound.joining.link(mail.id, web.id),
        lambda: bound.joining.unlink(mail.id, web.id),
    ]
    for act in acts:
        with refuses(NotFound, match=f"no incident {web.id}"):
            act()
    desk.joining.merge(mail.id, web.id, text=WORDS)
    with refuses(Refused, match="not to those of web"):
        bound.joining.split(web.id, ["mail"], title=TITLE, text=WORDS)
    assert desk.get(web.id).components == (WEB, MAIL)


def test_a_statement_goes_over_with_what_it_stood_in(desk: Desk, web: Incident) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": SLOW})
    grown = desk.joining.merge(told.id, web.id, text=WORDS)
    assert grown.statements == told.statements
    desk.world.live(web="+++" + WELL, dns="+++" + WELL, mail="+++" + WELL)
    found = desk.get(web.id)
    assert (found.phase, found.open_parts) == (Phase.INVESTIGATING, ())
    assert desk.component("mail").shown is Shown.SLOW
    desk.commands.update(web.id, text=WORDS, statuses={"mail": Outcome.UP})
    assert desk.get(web.id).phase is Phase.MONITORING
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    assert desk.get(web.id).phase is Phase.RESOLVED


def test_a_component_gets_an_incident_of_its_own(desk: Desk, web: Incident, mail: Incident) -> None:
    deliver(desk, web)
    deliver(desk, mail)
    desk.joining.merge(mail.id, web.id, text=WORDS)
    apart = desk.joining.split(web.id, ["mail"], title=TITLE, text=plain("Son dos."))
    left = desk.get(web.id)
    assert (apart.affected, left.affected) == (mail.affected, web.affected)
    assert (apart.origin, apart.title, apart.related) == (Origin.MACHINE, TITLE, (web.id,))
    assert left.related == (apart.id,)
    assert [n.delivery for n in desk.messages(apart)] == [Delivery.SENT]
    desk.world.live(web="----" + WELL, dns="++++" + WELL, mail="++++" + WELL)
    assert {desk.get(i).phase for i in (web.id, apart.id)} == {Phase.RESOLVED}
    assert [n.kind for n in desk.messages(apart)] == [EventKind.OPENING, EventKind.RESOLUTION]


def test_what_stays_is_called_by_what_it_has_left(tmp_path: Path) -> None:
    """The title of the whole names what is gone, and is read on the page of what stays."""
    world = World(tmp_path)
    # Mail hangs on dns: one incident.
    world.live(dns="++---", mail="++---", web="+++++")
    desk, (whole,) = Desk(world), [i for i in Desk(world).every() if i.is_unresolved]
    assert whole.title.in_locale("es").startswith("DNS y Correo: ")
    desk.joining.split(whole.id, ["mail"], title=TITLE, text=WORDS)
    assert desk.get(whole.id).title.in_locale("es").startswith("DNS: ")


def test_what_stays_keeps_the_name_that_a_person_gave_it(desk: Desk, web: Incident) -> None:
    desk.joining.merge(desk.opened_by_machine("mail").id, web.id, text=WORDS)
    named = plain("Sala de máquinas")
    desk.commands.update(web.id, text=WORDS, title=named)
    desk.joining.split(web.id, ["mail"], title=TITLE, text=WORDS)
    assert desk.get(web.id).title == named


def test_what_is_left_recovered_is_observed(desk: Desk, web: Incident, mail: Incident) -> None:
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.world.live(web="+++", dns="+++", mail="---")
    desk.joining.split(web.id, ["mail"], title=TITLE, text=WORDS)
    left = desk.get(web.id)
    assert (left.phase, left.monitoring_at) == (Phase.MONITORING, left.affected[0].end)
    desk.world.live(web=WELL, dns=WELL, mail="-" * 30)
    assert desk.get(web.id).phase is Phase.RESOLVED
    assert [i.components for i in desk.every() if i.is_unresolved] == [(MAIL,)]


@pytest.mark.parametrize(
    ("components", "said"),
    [
        (["web"], "that is all of"),
        ([], "say which components"),
        (["dns"], "no failing component dns"),
        (["zz"], "no failing component zz"),
    ],
)
def test_only_a_part_of_what_fails_is_split_off(
    desk: Desk, web: Incident, components: list[str], said: str
) -> None:
    with refuses(Refused, match=said):
        desk.joining.split(web.id, components, title=TITLE, text=WORDS)
    assert desk.get(web.id) == web


def test_links_are_of_both_and_can_be_taken_back(desk: Desk, web: Incident, mail: Incident) -> None:
    one = desk.joining.link(web.id, mail.id)
    assert (one.related, desk.get(mail.id).related) == ((mail.id,), (web.id,))
    assert desk.incident(web.id).related == (
        RelatedIncident(id=mail.id, title=mail.title, is_resolved=False),
    )
    with refuses(Refused, match="linked already"):
        desk.joining.link(mail.id, web.id)
    desk.joining.unlink(mail.id, web.id)
    assert (desk.get(web.id).related, desk.get(mail.id).related) == ((), ())
    with refuses(NotFound, match="are not linked"):
        desk.joining.unlink(mail.id, web.id)
    kinds = [c.kind for c in desk.changes()][-4:]
    assert kinds == ["incident.linked"] * 2 + ["incident.unlinked"] * 2


def test_the_machine_keeps_links_and_word_when_it_writes(
    desk: Desk, web: Incident, mail: Incident
) -> None:
    desk.joining.link(web.id, mail.id)
    desk.commands.update(web.id, text=WORDS, statuses={"dns": SLOW})
    desk.world.live(web="++", dns="++", mail="--")
    found = desk.get(web.id)
    assert (found.related, [s.component for s in found.open_statements]) == ((mail.id,), [DNS])


def test_what_is_said_to_work_holds_no_end_back(desk: Desk, web: Incident) -> None:
    """Told with "works", merged into what the machine follows, it was never resolved."""
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"dns": Outcome.UP})
    desk.joining.merge(told.id, web.id, text=WORDS)
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    over = desk.get(web.id)
    assert over.phase is Phase.RESOLVED
    assert [(s.component, s.end) for s in over.statements] == [(DNS, over.resolved_at)]


def test_what_is_said_to_work_is_not_split_off_for_failing(desk: Desk, web: Incident) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"dns": Outcome.UP})
    grown = desk.joining.merge(told.id, web.id, text=WORDS)
    with refuses(NotFound, match="no failing component dns"):
        desk.joining.split(web.id, ["dns"], title=TITLE, text=WORDS)
    assert desk.get(web.id) == grown


def test_what_is_left_began_with_what_is_left(tmp_path: Path) -> None:
    desk = Desk(World(tmp_path))
    desk.world.live(web="+---------", dns="++++++++++", mail="+++++++---")
    web, mail = desk.opened_by_machine("web"), desk.opened_by_machine("mail")
    assert web.started_at < mail.started_at
    grown = desk.joining.merge(web.id, mail.id, text=WORDS)
    assert grown.started_at == web.started_at
    apart = desk.joining.split(mail.id, ["web"], title=TITLE, text=WORDS)
    assert apart.started_at == web.started_at
    assert desk.get(mail.id).started_at == mail.started_at


def test_what_a_person_opened_began_when_that_person_says(desk: Desk, mail: Incident) -> None:
    began = Second(mail.started_at - 3600)
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"dns": SLOW}, started_at=began)
    desk.joining.merge(mail.id, told.id, text=WORDS)
    desk.joining.split(told.id, ["dns"], title=TITLE, text=WORDS)
    assert desk.get(told.id).started_at == began
