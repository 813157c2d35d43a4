"""What the core makes of requests: once each, however often they come, and erased at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId, Phase
from monitor.domain.subscriptions.subscription import (
    CONFIRM_WITHIN_S,
    Ending,
    Severity,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.subscriptions.wishes import BOUNCED, UNSUBSCRIBED, about
from tests.subscribers.world import SubscribersWorld

WEB = ComponentId("web")


@pytest.fixture
def world(tmp_path: Path) -> SubscribersWorld:
    return SubscribersWorld(tmp_path)


def bytes_of(world: SubscribersWorld) -> bytes:
    """Every file of the data folder, logs of writes included, once the inbox is pruned."""
    world.inbox.prune(10**9)
    world.reports.prune(10**9)
    return b"".join(f.read_bytes() for f in sorted(world.folder.rglob("*")) if f.is_file())


def test_a_request_waits_until_it_is_confirmed(world: SubscribersWorld) -> None:
    world.request("ana@example.com", Wanted(components=(WEB,), severity=Severity.SERIOUS), "en")
    (asked,) = world.listed()
    assert asked.state is SubscriptionState.PENDING
    assert asked.wanted == Wanted(components=(WEB,), severity=Severity.SERIOUS)
    world.confirm(asked.id)
    assert world.get(asked.id).state is SubscriptionState.CONFIRMED


def test_a_confirmation_that_is_repeated_changes_nothing(world: SubscribersWorld) -> None:
    id_ = world.subscribe("ana@example.com")
    before = world.get(id_)
    world.clock.advance(60)
    world.confirm(id_)
    assert world.get(id_) == before
    world.inbox.append(UNSUBSCRIBED, about(id_))
    world.follow()
    world.confirm(id_)
    assert world.get(id_).state is SubscriptionState.ENDED


def test_one_confirmation_a_day_however_often_strangers_ask(world: SubscribersWorld) -> None:
    for number in range(50):
        world.request(f"Ana+{number}@Example.com")
        world.request("ana@example.com", Wanted(components=(WEB,)))
    assert len(world.listed()) == 1
    world.clock.advance(CONFIRM_WITHIN_S)
    world.request("ana@example.com")
    world.clock.advance(61)
    world.follow()
    assert len(world.listed()) <= 1


def test_who_asks_anew_keeps_the_links_of_former_mails(world: SubscribersWorld) -> None:
    first = world.subscribe("ana@example.com")
    world.clock.advance(CONFIRM_WITHIN_S)
    second = world.subscribe("ana@example.com", Wanted(components=(WEB,)))
    assert world.get(first).wanted == Wanted(components=(WEB,))
    assert world.get(second).ending is Ending.JOINED
    assert [one.id for one in world.listed()] == [first]


def test_each_row_counts_once_over_a_restart(world: SubscribersWorld) -> None:
    world.request("ana@example.com")
    world.reception = world.received()
    world.clock.advance(CONFIRM_WITHIN_S)
    world.follow()
    with world.journal.transaction() as tx:
        kinds = [c.kind for c in tx.changes.since(0, 100)]
    assert kinds.count("subscription.requested") == 1


@pytest.mark.parametrize("kind", [UNSUBSCRIBED, BOUNCED])
def test_of_an_address_that_ended_no_byte_stays(world: SubscribersWorld, kind: str) -> None:
    id_ = world.subscribe("canary7@secret.example")
    with world.journal.transaction() as tx:
        assert tx.subscriptions.contact(id_) is not None
    world.inbox.append(kind, about(id_))
    world.follow()
    found = bytes_of(world)
    assert b"canary7" not in found
    assert b"secret.example" not in found
    assert id_.encode() in found


def test_an_address_that_nobody_confirms_is_erased_after_a_day(world: SubscribersWorld) -> None:
    world.request("canary7@secret.example")
    world.clock.advance(CONFIRM_WITHIN_S + 61)
    world.follow()
    assert world.listed() == []
    assert b"canary7" not in bytes_of(world)


def test_a_mailbox_that_bounced_is_asked_no_more(world: SubscribersWorld) -> None:
    id_ = world.subscribe("ana@example.com")
    world.inbox.append(BOUNCED, about(id_))
    world.clock.advance(2 * CONFIRM_WITHIN_S)
    world.follow()
    world.request("Ana+x@example.com")
    assert world.listed() == []
    assert world.get(id_).ending is Ending.BOUNCED


def test_what_is_not_public_or_over_is_no_wish(world: SubscribersWorld) -> None:
    over = world.write(world.fall(), "Listo.", phase=Phase.RESOLVED)
    world.request("ana@example.com", Wanted(components=(ComponentId("nothing"),)))
    world.request("ana@example.com", Wanted(incident=over.id))
    world.request("ana@example.com", Wanted(incident=IncidentId("nothing")))
    assert world.listed() == []


def test_the_change_feed_and_the_log_know_no_address(world: SubscribersWorld) -> None:
    with capture_logs() as logs:
        id_ = world.subscribe("canary7@secret.example")
        world.inbox.append("subscription.requested", {"address": "canary8@secret.example"})
        world.inbox.append("nonsense", {"subscription": "canary9"})
        world.follow()
    with world.journal.transaction() as tx:
        changes = tx.changes.since(0, 100)
    assert {c.subject for c in changes} == {id_}
    assert "canary" not in repr(changes) + repr(logs)
    assert len(logs) == 2


def test_nobody_is_confirmed_who_never_asked(world: SubscribersWorld) -> None:
    world.confirm(SubscriptionId("s99999999999"))
    assert world.listed() == []
