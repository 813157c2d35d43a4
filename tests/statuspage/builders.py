"""Public views for tests: the mock-ups' company on the mock-ups' day, and its troubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Brand, Page, Role, SupportLevel
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import Impact, IncidentId, Phase
from monitor.domain.maintenance import Extension, MaintenanceId, MaintenanceWindow
from monitor.domain.maintenance_steps import steps_of
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.calendar import Hours, at_zone, local_day
from monitor.domain.time.interval import Interval, Second
from statuspage.view.model import (
    PublicComponent,
    PublicDay,
    PublicIncident,
    PublicMaintenance,
    PublicPart,
    PublicService,
    PublicUpdate,
    PublicView,
)
from tests.support.clock import second

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
THURSDAY = second("2026-04-16T14:35:00-03:00")
LONG_AGO = second("2025-01-01T00:00:00-03:00")
_BENEATH = {
    Shown.OPERATIONAL: Outcome.UP,
    Shown.MAINTENANCE: Outcome.UP,
    Shown.NO_DATA: Outcome.UP,
    Shown.SLOW: Outcome.DEGRADED,
    Shown.REPAIR: Outcome.DOWN,
    Shown.DOWN: Outcome.DOWN,
}

DISPLAY = Page(
    name=Text({"es": "Estado del Servicio", "en": "Service Status"}),
    company="Altomarketing",
    url="https://estado.example",
    brands=(Brand(name="Altomarketing.com"), Brand(name="Paneldecliente.com")),
    support_url="https://panel.example/ticket",
    report_url="https://panel.example/report",
)


def text(es: str, en: str | None = None) -> Text:
    return Text({"es": es} if en is None else {"es": es, "en": en})


def at(clock: str, *, day: str = "2026-04-16") -> Second:
    """A local time of the mock-ups' day: `at("14:08:30")`."""
    return second(f"{day}T{clock}-03:00")


def component(
    id_: str,
    name: str,
    shown: Shown = Shown.OPERATIONAL,
    *,
    happened: Mapping[str, Seconds] | None = None,
    role: Role = Role.REQUIRED,
    now: Second = THURSDAY,
    beneath: Outcome | None = None,
    since: Second | None = LONG_AGO,
    no_data_since: Second | None = None,
    created_at: Second = LONG_AGO,
    maintenance_until: Second | None = None,
) -> PublicComponent:
    """`happened` says what each ISO day had beside `up`; all else was up."""
    days = _days(now, happened or {}, created_at)
    if shown is Shown.NO_DATA and no_data_since is None:
        no_data_since = Second(now - 600)
    return PublicComponent(
        id=ComponentId(id_),
        name=text(name),
        role=role,
        shown=shown,
        beneath=beneath or _BENEATH[shown],
        since=since,
        no_data_since=no_data_since,
        days=days,
        total=_sum(days),
        created_at=created_at,
        updated_at=since or created_at,
        maintenance_until=maintenance_until,
    )


def service(id_: str, name: str, *components: PublicComponent) -> PublicService:
    return PublicService(
        id=ServiceId(id_), name=text(name), description=None, components=components
    )


def view(
    *services: PublicService,
    now: Second = THURSDAY,
    incidents: Sequence[PublicIncident] = (),
    maintenance: Sequence[PublicMaintenance] = (),
    page: Page = DISPLAY,
    guarantee: str = "0.9989",
) -> PublicView:
    return PublicView(
        at=now,
        stale_after=120,
        zone=ZONE,
        page=page,
        support=support_levels(),
        guarantee=guarantee,
        services=services,
        incidents=tuple(incidents),
        maintenance=tuple(maintenance),
    )


def showing(*shown: Shown, now: Second = THURSDAY) -> PublicView:
    """One service whose components, `A`, `B`, `C`…, are shown so."""
    members = [component(f"c{i}", chr(ord("A") + i), s, now=now) for i, s in enumerate(shown)]
    return view(service("all", "Todo", *members), now=now)


def support_levels() -> tuple[SupportLevel, ...]:
    office = Hours(zone=ZONE, days=frozenset(range(5)), opens=time(10), closes=time(17))
    return (
        _level("sla-1", "Asesoramiento", office, "Chat, correo, ticket o teléfono",
               "Cómo usar lo que contrató.", "https://panel.example/hablemos"),
        _level("sla-2", "Prevención", Hours.always(ZONE), "Panel", "Vigilamos.", None),
        _level("sla-3", "Reporte de errores", Hours.always(ZONE), "Ticket en el panel",
               "Lo evaluamos a cualquier hora.", "https://panel.example/report"),
        _level("sla-4", "Diseño", office, "Chat, correo, ticket o teléfono",
               "Análisis garantizado dentro de las 2 horas.", "https://panel.example/ticket"),
    )  # fmt: skip


def part(
    of: PublicComponent,
    start: Second,
    end: Second | None = None,
    *,
    status: Outcome = Outcome.DOWN,
) -> PublicPart:
    return PublicPart(
        component=of.id, name=of.name, role=of.role, status=status, start=start, end=end
    )


def update(
    number: int,
    when: Second,
    phase: Phase,
    body: str,
    *,
    is_automatic: bool = True,
    former: Sequence[str] = (),
) -> PublicUpdate:
    return PublicUpdate(
        number=number,
        at=when,
        phase=phase,
        body=text(body),
        machine=text(body) if is_automatic else None,
        former=tuple(text(f) for f in former),
    )


def incident(
    id_: str,
    title: str,
    *parts: PublicPart,
    updates: Sequence[PublicUpdate] = (),
    phase: Phase = Phase.INVESTIGATING,
    impact: Impact = Impact.MAJOR,
    resolved_at: Second | None = None,
    monitoring_at: Second | None = None,
) -> PublicIncident:
    """`updates` oldest first, as they were written; the view holds them newest first."""
    started = min(p.start for p in parts)
    written = tuple(updates) or (update(1, Second(started + 90), phase, f"{title}."),)
    return PublicIncident(
        id=IncidentId(id_),
        title=text(title),
        phase=phase,
        impact=impact,
        started_at=started,
        created_at=Second(started + 90),
        updated_at=written[-1].at,
        monitoring_at=monitoring_at,
        resolved_at=resolved_at,
        parts=parts,
        updates=written[::-1],
        next_update_by=None if phase is Phase.RESOLVED else Second(written[-1].at + 1800),
    )


def resolved(id_: str, title: str, *parts: PublicPart) -> PublicIncident:
    end = max(p.end for p in parts if p.end is not None)
    return incident(
        id_, title, *parts, phase=Phase.RESOLVED, monitoring_at=end, resolved_at=Second(end + 900)
    )


def window(
    id_: str,
    title: str,
    start: Second,
    end: Second,
    *components: PublicComponent,
    now: Second = THURSDAY,
    impact: str = "Los sitios de este servidor pueden no abrir durante unos 10 minutos.",
    cancelled_at: Second | None = None,
    extensions: Sequence[Extension] = (),
    published_at: Second | None = None,
) -> PublicMaintenance:
    """Announced three days before it begins, unless it is said when. With `extensions` it was to
    end where the first of them begins."""
    public_at = Second(start - 3 * 86_400) if published_at is None else published_at
    planned = MaintenanceWindow(
        id=MaintenanceId(id_),
        title=text(title),
        impact=text(impact),
        start=start,
        end=extensions[-1].end if extensions else end,
        components=tuple(c.id for c in components),
        published_at=public_at,
        cancelled_at=cancelled_at,
        extensions=tuple(extensions),
    )
    return PublicMaintenance(
        id=planned.id,
        title=planned.title,
        impact=planned.impact,
        start=start,
        end=planned.end,
        phase=planned.phase(now),
        published_at=public_at,
        components=tuple((c.id, c.name) for c in components),
        steps=steps_of(planned, now),
        took=planned.effective,
    )


def _level(
    id_: str, name: str, hours: Hours, channels: str, purpose: str, url: str | None
) -> SupportLevel:
    return SupportLevel(
        id=id_, name=text(name), hours=hours, channels=text(channels), purpose=text(purpose),
        url=url,
    )  # fmt: skip


def _days(
    now: Second, happened: Mapping[str, Seconds], created_at: Second
) -> tuple[PublicDay, ...]:
    today = at_zone(now, ZONE).date()
    return tuple(
        _day(today - timedelta(days=back), now, happened, created_at) for back in range(89, -1, -1)
    )


def _day(day: date, now: Second, happened: Mapping[str, Seconds], created_at: Second) -> PublicDay:
    window_ = local_day(day, ZONE)
    passed = Interval(window_.start, min(window_.end, now)).seconds
    unwatched = min(passed, max(0, created_at - window_.start))
    had = happened.get(day.isoformat(), Seconds())
    seconds = replace(had, unknown=had.unknown + unwatched)
    return PublicDay(day=day, window=window_, seconds=replace(seconds, up=passed - seconds.total))


def _sum(days: Sequence[PublicDay]) -> Seconds:
    return Seconds(
        up=sum(d.seconds.up for d in days),
        degraded=sum(d.seconds.degraded for d in days),
        down=sum(d.seconds.down for d in days),
        excluded=sum(d.seconds.excluded for d in days),
        unknown=sum(d.seconds.unknown for d in days),
    )
