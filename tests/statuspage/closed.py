"""The mock-ups' company in a month that is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from monitor.domain.availability import Exclusion, add_up
from monitor.domain.catalogue import Page
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Segment
from probes.registry import all_failures
from statuspage.publish.archive.folder import ArchiveFolder
from statuspage.publish.archive.month_writing import MonthWriting
from statuspage.view.breakdown import Breakdown, Told, breakdown_of
from statuspage.view.closed_month import ClosedMonth, before, window_of
from statuspage.view.model import (
    ArchiveLinks,
    PublicComponent,
    PublicIncident,
    PublicMaintenance,
    PublicView,
    Recount,
)
from tests.statuspage.builders import DISPLAY, ZONE, at, component
from tests.statuspage.builders import window as planned
from tests.statuspage.company import SCENES

MARCH = date(2026, 3, 1)
YOUNG = "2026-03-12"


def march(page: Page = DISPLAY) -> ClosedMonth:
    """With outages, slowness, maintenance, one that was not watched yet, and one counted anew."""
    said = replace(SCENES["repair"](), page=page)
    window = window_of(MARCH, ZONE)
    members = [_in_march(c) for c in (*said.components, _young())]
    service = replace(said.services[0], components=tuple(members))
    began = tuple(i for i in said.incidents if i.started_at in window)
    told: Sequence[PublicIncident | PublicMaintenance] = began
    return ClosedMonth(
        first=MARCH,
        view=replace(
            said, at=window.end, services=(service,), incidents=(), maintenance=(), stale_after=0
        ),
        incidents=tuple(_recounted(i) for i in began),
        windows=(),
        told=tuple(told),
        linked=frozenset(c.id for c in said.components),
        gone=frozenset(),
        figures=(),
        has_earlier=True,
        is_over=True,
        is_final=True,
        recounts=(
            Recount(
                component=ComponentId("web1"), at=at("10:05"), down=3_720, unknown=0,
                total=window.seconds,
            ),
        ),
        breakdowns=dict(_taken_apart(members, window)),
    )  # fmt: skip


def later() -> PublicView:
    """What is live beside it: the present, which knows of the past by links alone."""
    said = SCENES["all-well"]()
    months = [MARCH]
    while len(months) < 14:
        months.append(before(months[-1]))
    return replace(said, incidents=(), maintenance=(), archive=ArchiveLinks(months=tuple(months)))


def write_month(month: ClosedMonth, root: Path) -> ArchiveFolder:
    """As the core does."""
    folder = ArchiveFolder(root)
    writing = MonthWriting(month, folder)
    while not writing.is_done:
        writing.step()
    folder.switch(month.name, writing.manifest())
    return folder


def _taken_apart(
    members: Iterable[PublicComponent], window: Interval
) -> Iterator[tuple[ComponentId, Breakdown]]:
    """The web server with a stretch of each kind and work; all others worked."""
    start = window.start
    marks = (
        (0, Outcome.UP), (100_000, Outcome.DOWN), (103_720, Outcome.UP),
        (200_000, Outcome.DEGRADED), (201_000, Outcome.UP), (300_000, Outcome.DOWN),
        (310_000, Outcome.UP), (400_000, Outcome.UP), (window.seconds, Outcome.UP),
    )  # fmt: skip
    eventful = tuple(
        Segment(
            start=Second(start + at), end=Second(start + until), status=status,
            cause="conn_refused" if status is Outcome.DOWN else "", is_inferred=at == 300_000,
        )
        for (at, status), (until, _) in pairwise(marks)
        if at != 310_000
    )  # fmt: skip
    quiet = (Segment(start=start, end=window.end, status=Outcome.UP),)
    members = tuple(members)
    web = next(member for member in members if member.id == "web1")
    work = planned(
        "disco", "Cambio de disco", Second(start + 500_000), Second(start + 507_200), web
    )
    provider = Exclusion(
        component=web.id, cause="external_provider",
        interval=Interval(Second(start + 305_000), Second(start + 308_000)),
    )  # fmt: skip
    for member in members:
        fell = Transition(
            source=Outcome.UP, to=Outcome.DOWN, effective_at=Second(start + 100_000),
            previous_at=Second(start + 99_940), decided_by=Second(start + 100_120),
            cause="conn_refused",
        )  # fmt: skip
        found = breakdown_of(
            member, window, eventful if member is web else quiet, (provider,), (fell,),
            Told(maintenance=(work,), failures=all_failures()),
        )  # fmt: skip
        if found is not None:
            yield member.id, found


def _young() -> PublicComponent:
    return component("backup", "Copias de seguridad", created_at=at("12:00", day=YOUNG))


def _in_march(member: PublicComponent) -> PublicComponent:
    days = tuple(d for d in member.days if d.day.replace(day=1) == MARCH)
    return replace(member, days=days, total=add_up(d.seconds for d in days))


def _recounted(incident: PublicIncident) -> PublicIncident:
    parts = (
        replace(
            part,
            recounts=(
                Recount(
                    component=part.component, at=at("10:05"), down=2_340, unknown=0, total=2_340,
                    start=part.start,
                ),
            ),
        )
        for part in incident.parts
    )  # fmt: skip
    return replace(incident, parts=tuple(parts))
