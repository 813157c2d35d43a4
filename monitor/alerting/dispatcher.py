"""Sends pending messages: composed when they leave, at least once, at most one duplicate a kill.

The outbox says what is due. Each message is composed at the moment of sending, so that it states
the newest facts and holds all that is pending for its target about the incident. It is sent under a
deadline, at the same time as others, and recorded as soon as its target has answered. A kill
between the answer and the record sends it once more.

A message is due at a time of the wall clock. Where that was set back, what waited for a later time
leaves at once, and with it what comes after it in the same thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

from monitor.alerting.grouping import (
    Batch,
    Pacing,
    Readiness,
    Topic,
    batches,
    pending_batches,
    readiness,
    services_of,
    topic_of,
)
from monitor.alerting.ports import Channel, Message, Permanent, Transient
from monitor.alerting.renderer import AlertRenderer
from monitor.domain.catalogue import Alerting, AlertTarget
from monitor.domain.checks.observation import ServiceId
from monitor.domain.incidents.delivery import (
    LONGEST_BACKOFF,
    AttemptOutcome,
    EventKind,
    Notification,
    after_refusal,
    after_removal,
    after_success,
    after_transient,
    find_target,
    followers,
    pending,
    reminders_due,
    was_given_up,
)
from monitor.domain.incidents.incident import Incident, IncidentId
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import (
    Deposed,
    Journal,
    JournalBusy,
    JournalError,
    JournalTransaction,
)
from monitor.registry import KindUnusable
from monitor.runtime.tasks import OnThread
from monitor.runtime.wall_steps import WallSteps
from monitor.self_monitoring.refusing_target import refusal_alerts

__all__ = ["Dispatcher", "pending", "reminders_due"]

POLL_S = 1.0
"""How long a retry or the end of a group's wait may go unnoticed; a new message wakes it."""
DEADLINE_S = 30.0
_AT_ONCE = 20_000
"""For each target: more than a storm of ten thousand checks makes for it."""
_READ_SINGLY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Notifications that leave as one message, their target, and the services that it reports."""

    batch: Batch
    target: AlertTarget
    message: Message
    services: frozenset[ServiceId]


class Sender:
    """Sends single messages under a deadline, and records nothing."""

    def __init__(
        self,
        notifiers: Mapping[str, Channel[Any]],
        reached: Callable[[str], None] = lambda _: None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._notifiers = notifiers
        self._reached = reached
        self._deadline_s = deadline_s
        self._log = structlog.get_logger()

    async def attempt(self, message: Message, target: AlertTarget) -> Transient | Permanent | None:
        """Send once, and record nothing. Returns what went wrong, None where nothing did."""
        self._reached("send.before")
        try:
            notifier = self._notifiers[target.kind]
        except KeyError:
            return Permanent(f"no notifier of kind {target.kind}")
        except KindUnusable as error:
            return Permanent(str(error))
        try:
            async with asyncio.timeout(self._deadline_s):
                await notifier.send(message, target.spec)
        except (Transient, Permanent) as error:
            return error
        except TimeoutError:
            return Transient(f"no answer within {self._deadline_s:g} s")
        except Exception as error:  # noqa: BLE001 - see below
            # A notifier's bug must not lose the alert: the next attempt, or target, may work.
            self._log.exception("dispatch.notifier_broke", target=target.id)
            return Transient(f"the notifier broke: {type(error).__name__}")
        return None


class Dispatcher:
    """Follows the outbox. `reached` is called at the kill points `send.before` and `send.after`."""

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        alerting: Callable[[], Alerting],
        alert_renderer: AlertRenderer,
        notifiers: Mapping[str, Channel[Any]],
        reached: Callable[[str], None] = lambda _: None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._alerting = alerting
        self._alert_renderer = alert_renderer
        self._reached = reached
        self._sender = Sender(notifiers, reached, deadline_s)
        self._pacing = Pacing()
        self._steps = WallSteps(clock)
        self._longest_wait: int | None = LONGEST_BACKOFF
        """What waits longer than this waits for a clock that was set back; None while it was not.
        Whether it was set back before the start is not known: at first this is what no wait of ours
        exceeds."""
        self._in_flight: set[tuple[str, str]] = set()
        self._services: dict[str, frozenset[ServiceId]] = {}
        """Of subjects that wait in a storm, so that not all of them are read again each second."""
        self._woken = asyncio.Event()
        self._log = structlog.get_logger()

    async def run(self, on_thread: OnThread) -> None:
        """For ever. Raises Deposed where another core has taken the journal."""
        try:
            async with asyncio.TaskGroup() as sending:
                while True:
                    for job in await self._take_jobs(on_thread):
                        sending.create_task(self._deliver(job, on_thread))
                    await self._wait()
        except BaseExceptionGroup as group:
            raise _innermost(group) from None

    def wake(self) -> None:
        """Something may be newly pending; call it on the loop."""
        self._woken.set()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        self._woken.clear()

    async def send_due(self, on_thread: OnThread) -> int:
        """Send what is due now and wait for all of it. Returns how many messages left or failed."""
        jobs = await self._take_jobs(on_thread)
        async with asyncio.TaskGroup() as sending:
            for job in jobs:
                sending.create_task(self._deliver(job, on_thread))
        return len(jobs)

    async def _take_jobs(self, on_thread: OnThread) -> Sequence[Job]:
        try:
            return await on_thread(self._take)
        except Deposed:
            raise
        except JournalBusy:
            # The core says who holds it, and sends from memory what cannot wait.
            return ()
        except JournalError as error:
            self._log.error("dispatch.journal_failed", error=str(error))
            return ()

    def _take(self) -> list[Job]:
        """What leaves now, composed. What cannot leave is recorded as failed."""
        if self._steps.take() < 0:
            self._longest_wait = 0
        now, alerting = self._clock.now(), self._alerting()
        moment = self._clock.boottime()
        with self._journal.transaction() as tx:
            self._hasten(tx, alerting, now)
            sendable = self._sendable(tx, alerting, now, moment)
            if not sendable:
                return []
            incidents = _incidents(tx, {n.subject for n in sendable})
            readiness_of = self._readiness_of(tx, sendable, incidents, alerting, now)
            interval = alerting.group_interval
            services = self._services_of(incidents)
            chosen = batches(readiness_of, self._busy(), self._pacing, moment, interval, services)
            jobs = [self._job(tx, batch, incidents, services, alerting, now) for batch in chosen]
        for job in jobs:
            self._in_flight.update(map(_key, job.batch))
        return jobs

    def _sendable(
        self, tx: JournalTransaction, alerting: Alerting, now: Second, moment: float
    ) -> list[Notification]:
        """What is due, and what may go with it, for the targets that may get a message now."""
        found = tx.outbox.due(Second(now + alerting.group_wait), _AT_ONCE)
        soon = [n for n in found if _key(n) not in self._in_flight]
        interval = alerting.group_interval
        fallen = self._fallen(tx, soon, now, moment)
        open_ones = [
            n
            for n in soon
            if self._pacing.room(
                n.target, topic_of((n,)), moment, interval, fallen.get(_target_and_topic(n), ())
            )
        ]
        due = {n.target for n in open_ones if n.due_at <= now}
        return [n for n in open_ones if n.target in due]

    def _fallen(
        self, tx: JournalTransaction, soon: Sequence[Notification], now: Second, moment: float
    ) -> dict[tuple[str, Topic], set[ServiceId]]:
        """The services whose failures are ready to be reported, for each target and topic where
        they decide whether a message may leave."""
        waiting = [
            n
            for n in soon
            if n.kind is EventKind.OPENING
            and n.due_at <= now
            and self._pacing.may_have_news(n.target, moment)
        ]
        subjects = {n.subject for n in waiting}
        known = {s: found for s, found in self._services.items() if s in subjects}
        self._services = known | self._services_of(_incidents(tx, subjects - known.keys()))
        fallen: dict[tuple[str, Topic], set[ServiceId]] = {}
        for n in waiting:
            fallen.setdefault(_target_and_topic(n), set()).update(self._services.get(n.subject, ()))
        return fallen

    def _services_of(self, incidents: Mapping[str, Incident]) -> dict[str, frozenset[ServiceId]]:
        catalogue = self._alert_renderer.catalogue()
        return {subject: services_of(found, catalogue) for subject, found in incidents.items()}

    def _hasten(self, tx: JournalTransaction, alerting: Alerting, now: Second) -> None:
        if self._longest_wait is None:
            return
        longest = self._longest_wait and max(self._longest_wait, alerting.group_wait)
        hastened = tx.outbox.make_due(now, Second(now + longest))
        self._longest_wait = None
        if hastened:
            self._log.warning("dispatch.hastened", messages=hastened, why="the clock was set back")

    def _readiness_of(
        self,
        tx: JournalTransaction,
        sendable: Sequence[Notification],
        incidents: Mapping[str, Incident],
        alerting: Alerting,
        now: Second,
    ) -> dict[Batch, Readiness]:
        """The batches that these belong to. What is due is enqueued for its other targets too."""
        readiness_of: dict[Batch, Readiness] = {}
        history_of = _by_subject(tx.outbox.of_subjects({n.subject for n in sendable}))
        for notification in sendable:
            if notification.due_at <= now:
                history = history_of[notification.subject]
                incident = incidents.get(notification.subject)
                tx.outbox.enqueue(_also_pending(notification, incident, history, alerting, now))
        for subject, history in history_of.items():
            for batch in pending_batches(history):
                if find_target(alerting, batch[0]) is None:
                    self._drop(tx, batch, incidents.get(subject), alerting, now)
                elif self._in_flight.isdisjoint(map(_key, batch)):
                    readiness_of[batch] = readiness(batch, history, alerting, now)
        return readiness_of

    def _drop(
        self,
        tx: JournalTransaction,
        batch: Batch,
        incident: Incident | None,
        alerting: Alerting,
        now: Second,
    ) -> None:
        for notification in batch:
            outcome = after_removal(notification, incident, alerting, now)
            self._record_outcome(tx, notification, outcome, now)

    def _job(
        self,
        tx: JournalTransaction,
        batch: Batch,
        incidents: Mapping[str, Incident],
        services: Mapping[str, frozenset[ServiceId]],
        alerting: Alerting,
        now: Second,
    ) -> Job:
        target = find_target(alerting, batch[0])
        if target is None:
            raise LookupError(f"no target {batch[0].target}")
        message = self._alert_renderer.compose(batch, incidents, now, tx.transitions, tx.changes)
        reported_services = frozenset[ServiceId]().union(
            *(services.get(n.subject, ()) for n in batch)
        )
        return Job(batch=batch, target=target, message=message, services=reported_services)

    def _busy(self) -> Iterable[str]:
        return [target for _, target in self._in_flight]

    async def _deliver(self, job: Job, on_thread: OnThread) -> None:
        error = await self.attempt(job.message, job.target)
        self._reached("send.after")
        if error is None:
            self._pacing.note(job.batch, self._clock.boottime(), self._alerting(), job.services)
        await self._recorded(job, error, on_thread)
        self._in_flight.difference_update(map(_key, job.batch))

    async def attempt(self, message: Message, target: AlertTarget) -> Transient | Permanent | None:
        """As `Sender.attempt`."""
        return await self._sender.attempt(message, target)

    async def _recorded(
        self, job: Job, error: Transient | Permanent | None, on_thread: OnThread
    ) -> None:
        """Record it, however long that takes: until then nothing of it is sent again."""
        while True:
            try:
                await on_thread(lambda: self._record(job, error))
            except Deposed:
                raise
            except JournalError as failed:
                self._log.error("dispatch.not_recorded", error=str(failed))
                await asyncio.sleep(1)
            else:
                return

    def _record(self, job: Job, error: Transient | Permanent | None) -> None:
        now, alerting = self._clock.now(), self._alerting()
        with self._journal.transaction() as tx:
            history_of = _by_subject(tx.outbox.of_subjects({n.subject for n in job.batch}))
            outcomes = [
                _outcome_of(n, error, history_of.get(n.subject, []), alerting, now)
                for n in job.batch
            ]
            # What left as one is tried again as one.
            again = max((v.retry_at for v in outcomes if v.retry_at is not None), default=None)
            for notification, outcome in zip(job.batch, outcomes, strict=True):
                retry_at = again if outcome.retry_at is not None else None
                self._record_outcome(tx, notification, replace(outcome, retry_at=retry_at), now)

    def _record_outcome(
        self,
        tx: JournalTransaction,
        notification: Notification,
        outcome: AttemptOutcome,
        now: Second,
    ) -> None:
        fields = {"about": notification.event, "target": notification.target}
        try:
            tx.outbox.mark_delivered(
                notification,
                delivery=outcome.delivery,
                at=now,
                error=outcome.error,
                retry_at=outcome.retry_at,
            )
        except Stale:
            self._log.warning("dispatch.settled_already", **fields)
            return
        except NotFound:
            # It was taken back while it was being sent: its outcome concerns nothing.
            self._log.warning("dispatch.taken_back", **fields)
            return
        tx.outbox.enqueue(outcome.follow_ups)
        if outcome.error:
            nexts = [n.target for n in outcome.follow_ups]
            state = str(outcome.delivery)
            self._log.warning(
                "dispatch.failed", error=outcome.error, state=state, next=nexts, **fields
            )
        else:
            self._log.info("dispatch.sent", **fields)


def _outcome_of(
    notification: Notification,
    error: Transient | Permanent | None,
    history: Sequence[Notification],
    alerting: Alerting,
    now: Second,
) -> AttemptOutcome:
    match error:
        case None:
            return after_success()
        case Permanent():
            return _refused(notification, alerting, now, str(error))
        case Transient():
            return after_transient(
                notification,
                alerting,
                now,
                str(error),
                error.retry_after,
                has_failed_before=was_given_up(notification, history),
            )


def _refused(
    notification: Notification, alerting: Alerting, now: Second, reason: str
) -> AttemptOutcome:
    outcome = after_refusal(notification, alerting, now, reason)
    if outcome.follow_ups:
        return outcome
    alerts = refusal_alerts(notification, alerting, now, reason)
    return replace(outcome, follow_ups=tuple(alerts))


def _also_pending(
    notification: Notification,
    incident: Incident | None,
    history: Sequence[Notification],
    alerting: Alerting,
    now: Second,
) -> list[Notification]:
    """For targets that had a message about the subject, and routes that joining components add."""
    kind, number = notification.kind, notification.number
    joined = pending(incident, kind, number, alerting, now) if incident else []
    known = {(earlier.event, earlier.route) for earlier in history}
    late = [n for n in joined if (n.event, n.route) not in known]
    return followers(notification, history, alerting, now) + late


def _incidents(tx: JournalTransaction, subjects: Collection[str]) -> dict[str, Incident]:
    """The incidents among some subjects; of many, most are unresolved and read at once."""
    is_many = len(subjects) > _READ_SINGLY
    found = {str(i.id): i for i in tx.incidents.unresolved()} if is_many else {}
    for subject in subjects:
        if subject not in found and (incident := _incident(tx, subject)) is not None:
            found[subject] = incident
    return found


def _incident(tx: JournalTransaction, subject: str) -> Incident | None:
    try:
        return tx.incidents.get(IncidentId(subject))
    except NotFound:
        return None


def _by_subject(history: Sequence[Notification]) -> dict[str, list[Notification]]:
    found: dict[str, list[Notification]] = {}
    for earlier in history:
        found.setdefault(earlier.subject, []).append(earlier)
    return found


def _key(notification: Notification) -> tuple[str, str]:
    return (notification.event, notification.target)


def _target_and_topic(notification: Notification) -> tuple[str, Topic]:
    return (notification.target, topic_of((notification,)))


def _innermost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error that matters of a group: a deposition before anything else."""
    deposed = group.subgroup(Deposed)
    found: BaseException = deposed or group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
