"""The end of a subscription, whoever ends it: its address goes, and a row says why."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.change import Actor
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.subscription import Ending, Subscription, SubscriptionState
from monitor.domain.time.interval import Second
from monitor.subscribers.ports import SubscribersTransaction


def end(
    tx: SubscribersTransaction, found: Subscription, ending: Ending, actor: Actor, now: Second
) -> None:
    """Erase the address of one that has not ended; `SubscribersJournal.is_erased` says when
    nothing is left of it."""
    ended = replace(found, state=SubscriptionState.ENDED, ended_at=now, ending=ending)
    tx.subscriptions.save(ended)
    tx.subscriptions.erase(found.id)
    record(tx, ended, "ended", actor, now)


def record(
    tx: SubscribersTransaction, changed: Subscription, verb: str, actor: Actor, now: Second
) -> None:
    """Of an ending the reason is told, and never an address."""
    after: dict[str, Json] = {} if changed.ending is None else {"ending": changed.ending.value}
    tx.changes.append([actor.change(now, f"subscription.{verb}", changed.id, after=after)])
