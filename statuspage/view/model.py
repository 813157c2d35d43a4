"""What the public may see, and nothing else: the page, the API and the feeds read only this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain
from zoneinfo import ZoneInfo

from monitor.catalogues.shown import PageId
from monitor.domain.availability import Seconds
from monitor.domain.catalogue import BrandPage, Page, Role, SupportLevel
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.domain.incidents.incident import Impact, IncidentId, Phase
from monitor.domain.maintenance import MaintenanceId, MaintenancePhase
from monitor.domain.maintenance_steps import MaintenanceStep
from monitor.domain.rollup import Shown
from monitor.domain.text import Text, former_in, is_same_in
from monitor.domain.time.interval import Interval, Second
from statuspage.view.latency import KindLatency

_FALLEN = (Outcome.DOWN, Outcome.DEGRADED)


def worse_of(beneath: Outcome, stated: Outcome | None) -> Outcome:
    """What checks have confirmed, or what a person says where that is worse. A person's word that
    it works hides no failure, and is no result."""
    found = [s for s in (beneath, stated) if s in _FALLEN and s is not None]
    return min(found, key=_FALLEN.index) if found else beneath


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDay:
    """One local day under the default terms; today's counts only what has passed."""

    day: date
    window: Interval
    seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicComponent:
    """`beneath` is the last confirmed status, whatever is shown over it; `stated` is what a person
    says of it, if anything. The worse of them is shown, and `since` is its start: that of a health
    which was not `seen_to_begin` is where watching began. No figure reads what is stated.

    `no_data_since` is set exactly where freshness was exceeded. `days` has 90, oldest first, and
    `total` adds them up. `created_at` is the start of the first configuration that had it.
    """

    id: ComponentId
    name: Text
    role: Role
    shown: Shown
    beneath: Outcome
    since: Second | None
    no_data_since: Second | None
    days: tuple[PublicDay, ...]
    total: Seconds
    created_at: Second
    updated_at: Second
    maintenance_until: Second | None = None
    stated: Outcome | None = None
    symptom: Symptom | None = None
    """What is noticed of its present failure, where checks saw it."""
    latency: tuple[KindLatency, ...] = ()
    kind: ServiceKind = ServiceKind.OTHER
    """Known where it has a symptom: words are chosen by it."""
    seen_to_begin: bool = True

    @property
    def is_by_word(self) -> bool:
        """Whether a person says that it is worse than the checks see."""
        return self.worst is not self.beneath

    @property
    def worst(self) -> Outcome:
        return worse_of(self.beneath, self.stated)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicService:
    id: ServiceId
    name: Text
    description: Text | None
    components: tuple[PublicComponent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """What a closed page said of a component until `at`, when it was counted anew: seconds of a
    month, or of the part of an incident that began at `start`."""

    component: ComponentId
    at: Second
    down: int
    unknown: int
    total: int
    start: Second | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPart:
    """A component's part in an incident: the worst status it reached, from when to when. One that
    `is_unwatched` ended because nothing watched it any more, or because a person closed its
    incident while it was down (`is_closed`): nobody saw it come back. `counted` has the seconds of
    an outage that is over, under the default terms. One that `is_stated` is a person's word, or
    what stood in an incident before it was merged: it counts nowhere."""

    component: ComponentId
    name: Text
    role: Role
    status: Outcome
    start: Second
    end: Second | None
    is_unwatched: bool = False
    is_closed: bool = False
    counted: Seconds | None = None
    is_stated: bool = False
    recounts: tuple[Recount, ...] = ()
    """What was said of it before, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicUpdate:
    """One entry of the record: its text, and what the machine wrote, if it did. `former` texts of
    a corrected entry stay in view."""

    number: int
    at: Second
    phase: Phase
    body: Text
    machine: Text | None
    former: tuple[Text, ...] = ()
    corrected_at: Second | None = None
    is_unwatched: bool = False
    """It said that nothing watches any more, which ended the incident."""
    is_closing: bool = False
    """With it a person closed the incident while a component was down."""
    is_postmortem: bool = False
    """It tells what happened and why, after the end."""

    @property
    def changed_at(self) -> Second:
        """When it last came to say what it says."""
        return self.at if self.corrected_at is None else max(self.at, self.corrected_at)

    def is_automatic_in(self, locale: str) -> bool:
        """Whether the text in a language is the machine's own: people may have corrected only
        another language."""
        return is_same_in(locale, self.body, self.machine)

    def former_in(self, locale: str) -> tuple[Text, ...]:
        return former_in(locale, self.former, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedIncident:
    """Another one that is public. `is_resolved` where it was seen to end."""

    id: IncidentId
    title: Text
    is_resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIncident:
    """`updates` are newest first; `next_update_by` only while it is not resolved. One that
    `is_by_person` was opened by hand. `related` are others that are public; one that `is_merged`
    goes on in `merged_into`, where that is public."""

    id: IncidentId
    title: Text
    phase: Phase
    impact: Impact
    started_at: Second
    created_at: Second
    updated_at: Second
    monitoring_at: Second | None
    resolved_at: Second | None
    parts: tuple[PublicPart, ...]
    updates: tuple[PublicUpdate, ...]
    next_update_by: Second | None = None
    is_by_person: bool = False
    related: tuple[RelatedIncident, ...] = ()
    is_merged: bool = False
    merged_into: tuple[IncidentId, Text] | None = None

    @property
    def is_word_alone(self) -> bool:
        """Whether nothing in it was seen by a check."""
        return self.is_by_person and all(part.is_stated for part in self.parts)

    @property
    def has_failures(self) -> bool:
        return any(part.status in _FALLEN for part in self.parts)

    @property
    def closed_at(self) -> Second | None:
        """When a person closed it while a component was down."""
        return next((p.end for p in self.parts if p.is_closed), None)

    @property
    def is_unseen(self) -> bool:
        """Whether it is over and nobody saw anything of it come back."""
        last = self._last_parts
        return self.phase is Phase.RESOLVED and bool(last) and all(p.is_unwatched for p in last)

    @property
    def is_seen_over(self) -> bool:
        """Whether it is over and all of it was seen to come back."""
        if self.is_merged or self.phase is not Phase.RESOLVED:
            return False
        return not any(p.is_unwatched for p in self._last_parts)

    @property
    def _last_parts(self) -> tuple[PublicPart, ...]:
        return tuple({(p.component, p.is_stated): p for p in self.parts}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicMaintenance:
    id: MaintenanceId
    title: Text
    impact: Text
    start: Second
    end: Second
    phase: MaintenancePhase
    published_at: Second
    components: tuple[tuple[ComponentId, Text], ...]
    steps: tuple[MaintenanceStep, ...]
    """Oldest first, as far as they have come."""
    took: Interval
    """When it took place, as far as it is known; empty where it was cancelled."""
    is_new: bool = False
    """No snapshot before this one showed it."""
    new_extensions: tuple[int, ...] = ()
    """Those that no snapshot before this one showed, by number."""

    def concerns(self, component: ComponentId) -> bool:
        return any(id_ == component for id_, _ in self.components)

    @property
    def updated_at(self) -> Second:
        return self.steps[-1].at if self.steps else self.published_at

    @property
    def is_cancelled(self) -> bool:
        return self.phase is MaintenancePhase.CANCELLED

    @property
    def planned_end(self) -> Second:
        """As it was first announced."""
        return self.steps[0].end if self.steps else self.end

    @property
    def is_ended_early(self) -> bool:
        return self.phase is MaintenancePhase.COMPLETED and self.took.end < self.end

    @property
    def is_extended(self) -> bool:
        return self.end > self.planned_end


@dataclass(frozen=True, slots=True, eq=False)
class ArchiveLinks:
    """The closed pages, newest first: the months, and of each page (language, address) in each of
    its languages. Another archive is another object, whatever is in it: there are thousands."""

    months: tuple[date, ...] = ()
    pages: tuple[tuple[tuple[str, str], ...], ...] = ()
    addresses: frozenset[str] = frozenset()
    """Those of the pages, for whoever asks whether there is one."""


NO_ARCHIVE = ArchiveLinks()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicView:
    """One moment of everything public. `at` is the time of the data; `stale_after` seconds later
    the page must say that it is old."""

    at: Second
    stale_after: int
    zone: ZoneInfo
    page: Page
    support: tuple[SupportLevel, ...]
    guarantee: str
    services: tuple[PublicService, ...]
    incidents: tuple[PublicIncident, ...]
    """Those of the last 90 days, newest start first, the unresolved among them."""
    maintenance: tuple[PublicMaintenance, ...]
    """Past 90 days, active, upcoming and cancelled, by start."""
    takes_subscribers: bool = False
    """Whether visitors may ask for e-mail."""
    subscriber_channels: tuple[str, ...] = ()
    """By what else visitors may be told."""
    bot: str = ""
    """The name of the bot that tells whoever starts it at Telegram; empty where there is none."""
    answers_names: bool = False
    """Whether visitors may ask which services their domain uses."""
    gone: frozenset[str] = frozenset()
    """The marks (`addresses.mark_of`) of addresses that were public and are private now."""
    archive: ArchiveLinks = NO_ARCHIVE
    brand: BrandPage | None = None
    """Whose page it is; None: the company's own. `page` has its name and its address."""

    @property
    def page_id(self) -> PageId:
        return None if self.brand is None else self.brand.id

    @property
    def components(self) -> tuple[PublicComponent, ...]:
        return tuple(chain.from_iterable(service.components for service in self.services))
