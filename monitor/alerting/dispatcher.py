"""Sending what is owed: worded when it leaves, at least once, at most one duplicate a kill.

The outbox says what is due. Each message is composed at the moment of sending, so that it states
the newest truth and holds all that its target is owed about the incident, sent under a deadline
beside the others, and recorded as soon as its target has answered. A kill between the answer and
the record sends it once more.

When a message is due is a time of the wall clock. Where that was set back, what waited for a later
one leaves at once, and what comes after it in the same thread with it.
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
from monitor.domain.catalogue import Alerting, Target
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
from monitor.journal.ports import Deposed, Journal, JournalError, JournalTransaction
from monitor.registry import KindUnusable
from monitor.runtime.tasks import OnThread
from monitor.runtime.wall_steps import WallSteps
from monitor.self_monitoring.refusing_target import refusal_alerts

__all__ = ["Dispatcher", "pending", "reminders_due"]

POLL_S = 1.0
"""How long a retry or the end of a group's wait may go unnoticed; what is newly owed wakes."""
DEADLINE_S = 30.0
_AT_ONCE = 20_000
"""Of each target: more than a storm of ten thousand checks owes it."""
_READ_SINGLY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Notifications that leave as one message, where to, and of which services it tells."""

    batch: Batch
    target: Target
    message: Message
    services: frozenset[ServiceId]


class Sender:
    """Sends single messages under a deadline, and writes nothing down."""

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

    async def attempt(self, message: Message, target: Target) -> Transient | Permanent | None:
        """Send once, and write nothing down; what went wrong."""
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
            # A notifier's bug is no reason to wake nobody: the next try, or target, may do.
            self._log.exception("dispatch.notifier_broke", target=target.id)
            return Transient(f"the notifier broke: {type(error).__name__}")
        return None


class Dispatcher:
    """Follows the outbox. `reached` is told of `send.before` and `send.after`, for kills."""

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
        self._waits_too_long: int | None = LONGEST_BACKOFF
        """Who waits longer than this waits for a clock that was set back; None while it was not.
        Whether that was so before the start nobody tells: then it is what no wait of ours lasts."""
        self._in_flight: set[tuple[str, str]] = set()
        self._services: dict[str, frozenset[ServiceId]] = {}
        """Of subjects that wait within a storm, lest each second reads all of them again."""
        self._woken = asyncio.Event()
        self._log = structlog.get_logger()

    async def run(self, on_thread: OnThread) -> None:
        """For ever. Raises Deposed where another core has taken the journal."""
        try:
            async with asyncio.TaskGroup() as sending:
                while True:
                    for job in await self._taken(on_thread):
                        sending.create_task(self._deliver(job, on_thread))
                    await self._patience()
        except BaseExceptionGroup as group:
            raise _innermost(group) from None

    def wake(self) -> None:
        """Something may be newly owed; call it on the loop."""
        self._woken.set()

    async def _patience(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        self._woken.clear()

    async def send_due(self, on_thread: OnThread) -> int:
        """Send what is due now and wait for all of it; how many messages left or failed."""
        jobs = await self._taken(on_thread)
        async with asyncio.TaskGroup() as sending:
            for job in jobs:
                sending.create_task(self._deliver(job, on_thread))
        return len(jobs)

    async def _taken(self, on_thread: OnThread) -> Sequence[Job]:
        try:
            return await on_thread(self._take)
        except Deposed:
            raise
        except JournalError as error:
            self._log.error("dispatch.journal_failed", error=str(error))
            return ()

    def _take(self) -> list[Job]:
        """What leaves now, worded; what cannot leave is settled here."""
        if self._steps.take() < 0:
            self._waits_too_long = 0
        now, alerting = self._clock.now(), self._alerting()
        moment = self._clock.boottime()
        with self._journal.transaction() as tx:
            self._hasten(tx, alerting, now)
            near = self._near(tx, alerting, now, moment)
            if not near:
                return []
            incidents = _incidents(tx, {n.subject for n in near})
            post = self._post(tx, near, incidents, alerting, now)
            interval = alerting.group_interval
            services = self._services_of(incidents)
            chosen = batches(post, self._busy(), self._pacing, moment, interval, services)
            jobs = [self._job(tx, batch, incidents, services, alerting, now) for batch in chosen]
        for job in jobs:
            self._in_flight.update(map(_key, job.batch))
        return jobs

    def _near(
        self, tx: JournalTransaction, alerting: Alerting, now: Second, moment: float
    ) -> list[Notification]:
        """What is due, and what may go with it, of the targets that may have a message now."""
        found = tx.outbox.due(Second(now + alerting.group_wait), _AT_ONCE)
        near = [n for n in found if _key(n) not in self._in_flight]
        interval = alerting.group_interval
        fallen = self._fallen(tx, near, now, moment)
        open_ones = [
            n
            for n in near
            if self._pacing.room(
                n.target, topic_of((n,)), moment, interval, fallen.get(_place(n), ())
            )
        ]
        due = {n.target for n in open_ones if n.due_at <= now}
        return [n for n in open_ones if n.target in due]

    def _fallen(
        self, tx: JournalTransaction, near: Sequence[Notification], now: Second, moment: float
    ) -> dict[tuple[str, Topic], set[ServiceId]]:
        """The services of what is ready to be told as fallen, for each target where they decide
        whether it may leave."""
        waiting = [
            n
            for n in near
            if n.kind is EventKind.OPENING
            and n.due_at <= now
            and self._pacing.may_have_news(n.target, moment)
        ]
        subjects = {n.subject for n in waiting}
        known = {s: found for s, found in self._services.items() if s in subjects}
        self._services = known | self._services_of(_incidents(tx, subjects - known.keys()))
        fallen: dict[tuple[str, Topic], set[ServiceId]] = {}
        for n in waiting:
            fallen.setdefault(_place(n), set()).update(self._services.get(n.subject, ()))
        return fallen

    def _services_of(self, incidents: Mapping[str, Incident]) -> dict[str, frozenset[ServiceId]]:
        catalogue = self._alert_renderer.catalogue()
        return {subject: services_of(found, catalogue) for subject, found in incidents.items()}

    def _hasten(self, tx: JournalTransaction, alerting: Alerting, now: Second) -> None:
        if self._waits_too_long is None:
            return
        longest = self._waits_too_long and max(self._waits_too_long, alerting.group_wait)
        hastened = tx.outbox.hasten(now, Second(now + longest))
        self._waits_too_long = None
        if hastened:
            self._log.warning("dispatch.hastened", messages=hastened, why="the clock was set back")

    def _post(
        self,
        tx: JournalTransaction,
        near: Sequence[Notification],
        incidents: Mapping[str, Incident],
        alerting: Alerting,
        now: Second,
    ) -> dict[Batch, Readiness]:
        """The letters that these belong to; those who were told before are owed what is due too."""
        post: dict[Batch, Readiness] = {}
        history_of = _by_subject(tx.outbox.among({n.subject for n in near}))
        for notification in near:
            if notification.due_at <= now:
                history = history_of[notification.subject]
                incident = incidents.get(notification.subject)
                tx.outbox.enqueue(_also_owed(notification, incident, history, alerting, now))
        for subject, history in history_of.items():
            for letter in pending_batches(history):
                if find_target(alerting, letter[0]) is None:
                    self._drop(tx, letter, incidents.get(subject), alerting, now)
                elif self._in_flight.isdisjoint(map(_key, letter)):
                    post[letter] = readiness(letter, history, alerting, now)
        return post

    def _drop(
        self,
        tx: JournalTransaction,
        letter: Batch,
        incident: Incident | None,
        alerting: Alerting,
        now: Second,
    ) -> None:
        for notification in letter:
            verdict = after_removal(notification, incident, alerting, now)
            self._settle(tx, notification, verdict, now)

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
        message = self._alert_renderer.compose(batch, incidents, now, tx.transitions)
        told_of = frozenset[ServiceId]().union(*(services.get(n.subject, ()) for n in batch))
        return Job(batch=batch, target=target, message=message, services=told_of)

    def _busy(self) -> Iterable[str]:
        return [target for _, target in self._in_flight]

    async def _deliver(self, job: Job, on_thread: OnThread) -> None:
        error = await self.attempt(job.message, job.target)
        self._reached("send.after")
        if error is None:
            self._pacing.note(job.batch, self._clock.boottime(), self._alerting(), job.services)
        await self._recorded(job, error, on_thread)
        self._in_flight.difference_update(map(_key, job.batch))

    async def attempt(self, message: Message, target: Target) -> Transient | Permanent | None:
        """As `Sender.attempt`."""
        return await self._sender.attempt(message, target)

    async def _recorded(
        self, job: Job, error: Transient | Permanent | None, on_thread: OnThread
    ) -> None:
        """Write it down, however long that takes: until then nothing of it is sent again."""
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
            history_of = _by_subject(tx.outbox.among({n.subject for n in job.batch}))
            verdicts = [
                _verdict(n, error, history_of.get(n.subject, []), alerting, now) for n in job.batch
            ]
            # What left as one is tried again as one.
            again = max((v.retry_at for v in verdicts if v.retry_at is not None), default=None)
            for notification, verdict in zip(job.batch, verdicts, strict=True):
                retry_at = again if verdict.retry_at is not None else None
                self._settle(tx, notification, replace(verdict, retry_at=retry_at), now)

    def _settle(
        self,
        tx: JournalTransaction,
        notification: Notification,
        verdict: AttemptOutcome,
        now: Second,
    ) -> None:
        fields = {"about": notification.event, "target": notification.target}
        try:
            tx.outbox.mark_delivered(
                notification,
                delivery=verdict.delivery,
                at=now,
                error=verdict.error,
                retry_at=verdict.retry_at,
            )
        except Stale:
            self._log.warning("dispatch.settled_already", **fields)
            return
        except NotFound:
            # Taken back while it was under way: nothing waits for what became of it.
            self._log.warning("dispatch.taken_back", **fields)
            return
        tx.outbox.enqueue(verdict.owes)
        if verdict.error:
            nexts = [n.target for n in verdict.owes]
            state = str(verdict.delivery)
            self._log.warning(
                "dispatch.failed", error=verdict.error, state=state, next=nexts, **fields
            )
        else:
            self._log.info("dispatch.sent", **fields)


def _verdict(
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
    verdict = after_refusal(notification, alerting, now, reason)
    if verdict.owes:
        return verdict
    told = refusal_alerts(notification, alerting, now, reason)
    return replace(verdict, owes=tuple(told))


def _also_owed(
    notification: Notification,
    incident: Incident | None,
    history: Sequence[Notification],
    alerting: Alerting,
    now: Second,
) -> list[Notification]:
    """Targets told of the subject before, and routes that joining components concern."""
    kind, number = notification.kind, notification.number
    joined = pending(incident, kind, number, alerting, now) if incident else []
    known = {(kept.event, kept.route) for kept in history}
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
    for kept in history:
        found.setdefault(kept.subject, []).append(kept)
    return found


def _key(notification: Notification) -> tuple[str, str]:
    return (notification.event, notification.target)


def _place(notification: Notification) -> tuple[str, Topic]:
    return (notification.target, topic_of((notification,)))


def _innermost(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error that matters of a group: a deposition before anything else."""
    deposed = group.subgroup(Deposed)
    found: BaseException = deposed or group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
