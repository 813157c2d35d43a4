"""What changed, a page at a time: nothing is lost, nothing comes twice, nobody learns of others."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from monitor.api.events.cursors import SealedCursors
from monitor.api.events.event import Event, Position
from monitor.api.events.feed import EventFeed
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.incidents.service_bounds import ServiceBounds
from monitor.roles.core.configuration import store_revision
from tests.api.service import SHELL, Service, service
from tests.journal.builders import change, decided, step
from tests.support.worlds import World


async def page(made: Service, key: str, query: str = "") -> Any:
    answer = await made.ask("GET", f"/events{query}", key=key)
    assert answer.status == 200, answer.text
    return answer.json


async def followed(made: Service, key: str, after: str, limit: int) -> list[Any]:
    """All that is behind a cursor, page by page."""
    found: list[Any] = []
    has_more = True
    while has_more:
        one = await page(made, key, f"?after={after}&limit={limit}")
        found += one["events"]
        after, has_more = one["next_after"], one["has_more"]
    return found


def kinds(events: list[Any]) -> list[str]:
    return [event["kind"] for event in events]


async def test_it_says_what_changed_since(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    start = await page(made, key)
    assert (start["events"], start["has_more"]) == ([], False)
    incident = made.fall("web")
    found = await page(made, key, f"?after={start['next_after']}")
    assert kinds(found["events"])[-2:] == ["check.down", "incident.opened"]
    decided, opened = found["events"][-2:]
    assert (decided["topic"], decided["subject"], decided["components"]) == (
        "check", "web-check", ["web"],
    )  # fmt: skip
    assert (opened["topic"], opened["subject"], opened["components"], opened["revision"]) == (
        "incident", incident, ["web"], 1,
    )  # fmt: skip
    assert opened["at"].endswith("-03:00")
    again = await page(made, key, f"?after={found['next_after']}")
    assert (again["events"], again["has_more"]) == ([], False)


async def test_a_person_s_update_is_one_too_and_accounts_are_not(made: Service) -> None:
    key = made.key_of(AccountRole.OPERATOR)
    incident = made.fall("web")
    start = (await page(made, key))["next_after"]
    made.add("ana", AccountRole.VIEWER)
    body = {"text": {"es": "Lo miramos."}}
    answer = await made.ask("POST", f"/incidents/{incident}/updates", key=key, body=body)
    (found,) = (await page(made, key, f"?after={start}"))["events"]
    assert (found["kind"], found["subject"]) == ("incident.updated", incident)
    assert found["revision"] == answer.json["revision"]


async def test_planned_work_and_configurations_are_events(made: Service) -> None:
    key = made.key_of(AccountRole.OPERATOR)
    bounded = made.key_of(AccountRole.VIEWER, services=("mail",))
    start, theirs = (await page(made, key))["next_after"], (await page(made, bounded))["next_after"]
    body = {
        "title": {"es": "Disco"}, "impact": {"es": "Nada."}, "components": ["web"],
        "start": "2026-11-01T02:00:00-03:00", "end": "2026-11-01T03:00:00-03:00", "reason": "x",
    }  # fmt: skip
    planned = await made.ask("POST", "/maintenance", key=key, body=body)
    assert planned.status == 201, planned.text
    now = made.world.clock.now()
    with made.world.journal.transaction() as tx:
        stored = store_revision(tx, "text", now, now)
    window, revised = (await page(made, key, f"?after={start}"))["events"]
    assert (window["topic"], window["kind"], window["subject"], window["components"]) == (
        "maintenance", "maintenance.added", planned.json["id"], ["web"],
    )  # fmt: skip
    assert (revised["topic"], revised["kind"], revised["revision"]) == (
        "configuration", "catalogue.revised", stored.number,
    )  # fmt: skip
    # Which configuration is in force is everybody's; the window is not theirs.
    seen = (await page(made, bounded, f"?after={theirs}"))["events"]
    assert kinds(seen) == ["catalogue.revised"]


async def test_what_the_monitor_says_of_itself_is_for_accounts_without_bounds(
    made: Service,
) -> None:
    whole = made.key_of(AccountRole.VIEWER)
    mail = made.key_of(AccountRole.VIEWER, services=("mail",))
    start, theirs = (await page(made, whole))["next_after"], (await page(made, mail))["next_after"]
    made.note(
        (SystemAlert.OFFLINE, "monitor"), (SystemAlert.CHECK_BROKEN, "mail-check"),
        (SystemAlert.CHECK_BROKEN, "web-check"), ("timeline.corrected", "mail-check"),
    )  # fmt: skip
    seen = (await page(made, whole, f"?after={start}"))["events"]
    assert [(e["topic"], e["subject"]) for e in seen] == [
        ("monitor", "monitor"), ("monitor", "mail-check"), ("monitor", "web-check"),
        ("check", "mail-check"),
    ]  # fmt: skip
    seen = (await page(made, mail, f"?after={theirs}"))["events"]
    assert [e["subject"] for e in seen] == ["mail-check", "mail-check"]


async def test_whoever_is_bounded_learns_of_no_others_by_events_counts_or_cursors(
    made: Service,
) -> None:
    mail = made.key_of(AccountRole.VIEWER, services=("mail",))
    made.world.live(web="++", dns="++", mail="++")
    before = await page(made, mail, "?limit=1000")
    quiet = await page(made, mail, f"?after={before['next_after']}&limit=1000")
    made.fall("web")
    after = await page(made, mail, f"?after={before['next_after']}&limit=1000")
    assert all(event["components"] == ["mail"] for event in before["events"])
    assert [e["components"] for e in after["events"]] == [["mail"]] * len(after["events"])
    assert not any(e["topic"] == "incident" for e in after["events"])
    assert after["has_more"] is quiet["has_more"] is False
    # A cursor says nothing: it is another text each time, always as long.
    texts = [(await page(made, mail))["next_after"] for _ in range(3)]
    assert len(set(texts)) == 3
    assert {len(text) for text in [*texts, before["next_after"], after["next_after"]]} == {
        len(texts[0])
    }


async def test_of_an_incident_that_is_partly_theirs_only_their_components_are_named(
    made: Service,
) -> None:
    mail = made.key_of(AccountRole.VIEWER, services=("mail",))
    start = (await page(made, mail))["next_after"]
    incident = made.fall("dns", "mail")
    seen = (await page(made, mail, f"?after={start}"))["events"]
    theirs = [e for e in seen if e["topic"] == "incident"]
    assert {e["subject"] for e in theirs} == {incident}
    assert {tuple(e["components"]) for e in seen} == {("mail",)}


async def test_following_page_by_page_loses_nothing_and_doubles_nothing(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    start = (await page(made, key))["next_after"]
    made.fall("web")
    made.world.live(web="+++-++--++", dns="++++------", mail="++++++++++")
    whole = await followed(made, key, start, 1_000)
    assert len(whole) > 8
    for limit in (1, 3):
        found = await followed(made, key, start, limit)
        assert [(e["kind"], e["subject"], e["at"]) for e in found] == [
            (e["kind"], e["subject"], e["at"]) for e in whole
        ]
    for place, event in enumerate(whole):
        rest = await page(made, key, f"?after={event['id']}&limit=1000")
        assert kinds(rest["events"]) == kinds(whole[place + 1 :])


async def test_a_cursor_that_is_too_old_or_of_nobody_is_gone(tmp_path: Path) -> None:
    async with service(tmp_path, kept_events=5) as made:
        key = made.key_of(AccountRole.VIEWER)
        start = (await page(made, key))["next_after"]
        made.note(*(("incident.updated", f"i{n}") for n in range(5)))
        assert len((await page(made, key, f"?after={start}"))["events"]) == 5
        made.note(("incident.updated", "i5"))
        for cursor in (start, "A" * 59, "AAAA"):
            answer = await made.ask("GET", f"/events?after={cursor}", key=key)
            assert (answer.status, answer.code) == (410, "events.gone")
        spanish = await made.ask("GET", f"/events?after={start}", key=key, Accept_Language="es")
        assert "lea el estado de nuevo" in spanish.json["detail"]
        answer = await made.ask("GET", "/events?after=%3D%3D", key=key)
        assert (answer.status, answer.code) == (422, "request.invalid")


async def test_so_much_at_once_that_not_all_is_read_is_no_silent_gap(tmp_path: Path) -> None:
    async with service(tmp_path, kept_events=5) as made:
        key = made.key_of(AccountRole.VIEWER)
        made.note(("incident.updated", "first"))
        start = (await page(made, key))["next_after"]
        made.note(*(("incident.updated", f"i{n}") for n in range(20)))
        answer = await made.ask("GET", f"/events?after={start}", key=key)
        assert (answer.status, answer.code) == (410, "events.gone")
        newest = await page(made, key)
        assert [e["subject"] for e in newest["events"]] == [f"i{n}" for n in range(15, 20)]


async def test_another_journal_in_its_place_makes_old_cursors_void(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.note(*(("incident.updated", f"i{n}") for n in range(5)))
    far = made.backend.cursors.seal(Position(change=10_000, decision=0))
    answer = await made.ask("GET", f"/events?after={far}", key=key)
    assert (answer.status, answer.code) == (410, "events.gone")


def test_a_role_that_starts_anew_goes_on_where_each_client_was(tmp_path: Path) -> None:
    """It reads the past in one go, and may join the feeds in another order than the one before."""
    world, chance = World(tmp_path), Random(7)  # noqa: S311 - a story, no secret
    live = feed_of(world)
    live.follow()
    for _ in range(40):
        with world.journal.transaction() as tx:
            for _ in range(chance.randrange(3)):
                tx.transitions.append(
                    decided(step(chance.choice(("up", "down")), 5), at=chance.randrange(100))
                )
            for number in range(chance.randrange(3)):
                tx.changes.append([change(f"i{number}", at=chance.randrange(100))])
        if chance.random() < 0.5:
            live.follow()
    live.follow()
    anew = feed_of(world)
    anew.follow()
    events, _ = live.since(Position(change=0, decision=0))
    total = {identity(e) for e in events}
    assert len(total) == len(events) > 50
    assert [identity(e) for e in events] != [
        identity(e) for e in anew.since(Position(change=0, decision=0))[0]
    ]
    bounds = ServiceBounds.of(SHELL, world.core.state.catalogue)
    reached, seen = Position(change=0, decision=0), set[object]()
    for event in events:
        reached = reached.joined(event.reached)
        seen.add(identity(event))
        rest = [identity(e) for e in anew.since(reached)[0]]
        assert len(rest) == len(set(rest))
        assert set(rest) == total - seen
        assert [identity(e) for e in anew.page(bounds, reached, 1_000).events] == rest
        # Whoever then hears a few of the second, and comes back to the first, has heard those too.
        few = anew.page(bounds, reached, 3)
        heard = seen | {identity(e) for e in few.events}
        assert {identity(e) for e in live.since(few.reached)[0]} == total - heard
    world.journal.close()


def feed_of(world: World) -> EventFeed:
    return EventFeed(world.journal, lambda: world.catalogues, world.clock)


def identity(event: Event) -> tuple[bool, int]:
    """Which row of which feed it was."""
    number = event.reached.decision if event.is_decision else event.reached.change
    return event.is_decision, number


async def test_a_cursor_holds_its_place_in_no_form_that_can_be_read_or_made(made: Service) -> None:
    cursors: SealedCursors = made.backend.cursors
    position = Position(change=1_234, decision=99)
    text = cursors.seal(position)
    assert cursors.open(text) == position
    assert cursors.seal(position) != text
    changed = ("B" if text[0] == "A" else "A") + text[1:]
    key = made.key_of(AccountRole.VIEWER)
    answer = await made.ask("GET", f"/events?after={changed}", key=key)
    assert answer.code == "events.gone"
