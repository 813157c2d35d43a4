"""Failures and recoveries that cannot be recorded, for another transaction holds the journal: sent
from memory.

Each route reads what has changed since its last message, at most once in half a minute. Once the
journal is free they are recorded, and the outbox sends them again as incidents: nothing is taken
for delivered that a restart would have forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.alerting.direct_messages import Compose, DirectMessage, Send, is_taken
from monitor.domain.catalogue import Alerting, Catalogue, Route
from monitor.domain.checks.fold import failure_class
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.clock import Clock
from monitor.i18n.formats import clock_time
from monitor.i18n.forms.incidents import fill
from monitor.i18n.words import ALERTS, operators_lang
from monitor.state.unrecorded import UnrecordedStatus

ROUND_S = 30.0
_MOST = 20
"""How many components a message names."""
_WELL = (Outcome.UP, Outcome.UNKNOWN)


@dataclass(slots=True)
class _Round:
    """What one route has read, what is on its way to it, and when it may read more."""

    known: dict[ComponentId, Outcome] = field(default_factory=dict)
    news: Sequence[UnrecordedStatus] = ()
    message: DirectMessage | None = None
    next_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class UnrecordedAlerts:
    """Call `see` every few seconds with what is not recorded now, then `deliver`."""

    clock: Clock
    catalogue: Callable[[], Catalogue]
    compose: Compose
    send: Send
    _rounds: dict[str, _Round] = field(default_factory=dict)

    def see(self, statuses: Sequence[UnrecordedStatus] | None) -> None:
        """Enqueue what a route has not read; None where everything is recorded."""
        if statuses is None:
            self._rounds.clear()
            return
        for route in self._alerting.routes:
            if route.targets:
                self._see(route, self._rounds.setdefault(route.id, _Round()), statuses)

    async def deliver(self) -> None:
        now = self.clock.monotonic()
        due = [r for r in self._rounds.values() if r.message is not None and r.message.due <= now]
        await asyncio.gather(*map(self._try, due))

    @property
    def _alerting(self) -> Alerting:
        return self.catalogue().alerting

    def _see(self, route: Route, own: _Round, statuses: Sequence[UnrecordedStatus]) -> None:
        news = [s for s in statuses if _concerns(route, s) and _is_news(s, own.known)]
        if not news:
            own.message = None
        elif own.message is None and self.clock.monotonic() >= own.next_at:
            own.news = news
            own.message = DirectMessage(
                SystemAlert.UNRECORDED, self.clock.now(), route, self._about(news)
            )
        elif own.message is not None and list(own.news) != news:
            own.news, own.message.about = news, self._about(news)

    async def _try(self, own: _Round) -> None:
        message, news = own.message, own.news
        if message is None or not await is_taken(message, self.clock, self.compose, self.send):
            return
        own.known.update((s.component, s.status) for s in news)
        own.message = None
        own.next_at = self.clock.monotonic() + ROUND_S

    def _about(self, news: Sequence[UnrecordedStatus]) -> str:
        """Their names, and a line for each; see `read_subject`."""
        catalogue = self.catalogue()
        shown = sorted(news, key=lambda s: (s.status in _WELL, s.since))[:_MOST]
        lines = [_line(status, catalogue) for status in shown]
        if len(news) > len(shown):
            words = ALERTS[operators_lang(catalogue.page)]
            lines.append(fill(words.and_more, n=str(len(news) - len(shown))))
        names = ", ".join(_name(s, catalogue) for s in shown)
        return f"{names}={chr(10).join(lines)}"


def _concerns(route: Route, status: UnrecordedStatus) -> bool:
    return route.components is None or status.component in route.components


def _is_news(status: UnrecordedStatus, known: dict[ComponentId, Outcome]) -> bool:
    before = known.get(status.component, status.recorded)
    if before in _WELL:
        return status.status not in _WELL
    return status.status is not before


def _line(status: UnrecordedStatus, catalogue: Catalogue) -> str:
    """ "Tienda  caído  desde 03:12:05  conn_refused"."""
    words = ALERTS[operators_lang(catalogue.page)]
    state = words.states.get(status.status, words.well)
    since = fill(words.open_span, t=clock_time(status.since, catalogue.zone))
    parts = (_name(status, catalogue), state, since, failure_class(status.cause))
    return "  ".join(filter(None, parts))


def _name(status: UnrecordedStatus, catalogue: Catalogue) -> str:
    name = catalogue.component(status.component).name
    # An equals sign ends the names.
    return name.in_locale(str(operators_lang(catalogue.page))).replace("=", " ")
