"""What the public was told, as messages: the page's own texts, redacted as it redacts them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import FailureClass
from monitor.domain.incidents.incident import IncidentId, Phase
from monitor.domain.maintenance_steps import MaintenanceStep, StepKind
from monitor.domain.subscriptions.subscription import News
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import incident_path, maintenance_path
from monitor.i18n.formats import Lang, clock_time, long_date, weekday_and_day
from monitor.i18n.words import PAGE
from monitor.journal.ports import JournalTransaction
from monitor.subscribers.records import (
    Documents,
    component_records,
    incident_documents,
    incident_records,
    maintenance_documents,
)
from statuspage.pages.site import known_languages
from statuspage.parts.maintenance_record import step_name, step_text
from statuspage.view.model import PublicIncident, PublicMaintenance, PublicUpdate
from statuspage.view.page_scope import PageScope, company_scope
from statuspage.view.public_view import public_incidents, public_window
from statuspage.view.redaction import Hidden

OLD_S = 86_400
"""What is older when it is first seen is no news any more."""
_AHEAD_S = 90 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One update in one language, plain text. `url` is the page that has all of it; `record` has
    the same as JSON, as Statuspage's messages have it, where that is asked for."""

    subject: str
    body: str
    components: str
    url: str
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """`key` is its own for ever: it tells each subscriber once. `component` where it is about that
    one alone, of the update `update`; `page` is the one that tells it. After one that `is_last`
    nothing more is expected about its subject."""

    update: str
    component: str = ""
    at: Second
    news: News
    said: Mapping[str, Said]
    is_last: bool = False
    page: PageId = None

    @property
    def key(self) -> str:
        return f"{self.update}:{self.component}" if self.component else self.update


def announcements(
    tx: JournalTransaction, catalogues: Catalogues, wanted: Collection[IncidentId], now: Second,
    *, records_of: Collection[str] = (), scope: PageScope | None = None,
    failures: Mapping[str, FailureClass] | None = None,
) -> Sequence[Announcement]:  # fmt: skip
    """Every public update of these incidents and of the maintenance that is near, oldest first: as
    the page of a scope tells it, without one the company's own.
    Of a failure whose class is not among `failures` it says no more than how bad it is. Maintenance
    is told of from when a snapshot has shown it. Those whose keys are in `records_of`
    are there as data too, each followed by what became of each component: such a record has all
    updates before it, so whoever asks names what is news and nothing else."""
    catalogue = catalogues.present(now).catalogue
    scope = company_scope(catalogue) if scope is None else scope
    # Its links and its name are that page's.
    catalogue = replace(catalogue, page=scope.of_page(catalogue.page))
    incidents = tx.incidents.some(list(wanted))
    near = Interval(Second(now - OLD_S), Second(now + _AHEAD_S))
    windows = [w for w in tx.maintenance.touching(near) if w.published_at is not None]
    hidden = Hidden.of(catalogues, now, incidents, windows, scope, failures)
    found: list[Announcement] = []
    # The same update is another message on each page.
    prefix = "" if scope.id is None else f"page:{scope.id}:"
    records_of = {key.removeprefix(prefix) for key in records_of}
    for incident in public_incidents(incidents, hidden, {}):
        found += _of_incident(incident, catalogue, records_of)
    for window in windows:
        if not hidden.hides(window.components):
            shown = public_window(window, hidden, now)
            found += _of_maintenance(shown, catalogue, records_of)
    told = [replace(one, update=prefix + one.update, page=scope.id) for one in found]
    return sorted(told, key=lambda one: (one.at, one.key))


def _of_incident(
    incident: PublicIncident, catalogue: Catalogue, records_of: Collection[str]
) -> Iterator[Announcement]:
    components = tuple(dict.fromkeys(part.component for part in incident.parts))
    news = News(
        subject=str(incident.id),
        components=components,
        impact=incident.impact,
        is_about_all=not components,
    )
    for update in incident.updates:
        told = Announcement(
            update=f"incident:{incident.id}:{update.number}",
            at=update.at,
            news=news,
            said={
                lang.value: _update_said(incident, update, lang, catalogue)
                for lang in known_languages(catalogue.page.locales)
            },
            is_last=update.phase is Phase.RESOLVED,
        )
        if told.key in records_of:
            documents = incident_documents(incident, update.number, catalogue)
            yield from _with_records(told, documents)
        else:
            yield told


def _with_records(told: Announcement, documents: Documents) -> Iterator[Announcement]:
    """The update as data too, and then each component that it changed, as a message of its own."""
    yield replace(told, said=_with(told.said, incident_records(documents)))
    for component, records in component_records(documents):
        yield Announcement(
            update=told.update,
            component=component,
            at=told.at,
            news=replace(told.news, components=(component,), is_about_all=False),
            said=_with(told.said, records),
        )


def _with(said: Mapping[str, Said], records: Mapping[str, str]) -> Mapping[str, Said]:
    return {lang: replace(words, record=records[lang]) for lang, words in said.items()}


def _update_said(
    incident: PublicIncident, update: PublicUpdate, lang: Lang, catalogue: Catalogue
) -> Said:
    names = dict.fromkeys(part.name.in_locale(lang) for part in incident.parts)
    body = [_dated(update.at, lang, catalogue.zone), update.body.in_locale(lang)]
    is_newest = update is incident.updates[0]
    if is_newest and incident.next_update_by is not None:
        body.append(_promised(incident.next_update_by, update.at, lang, catalogue.zone))
    words = PAGE[lang]
    news = words.postmortem if update.is_postmortem else words.phases[update.phase]
    return Said(
        subject=f"{news}: {incident.title.in_locale(lang)}",
        body="\n\n".join(body),
        components=", ".join(names),
        url=catalogue.page.url.rstrip("/") + incident_path(incident.id, lang),
    )


def _of_maintenance(
    window: PublicMaintenance, catalogue: Catalogue, records_of: Collection[str]
) -> Iterator[Announcement]:
    news = News(
        subject=str(window.id),
        components=tuple(id_ for id_, _ in window.components),
        is_about_all=not window.components,
    )
    for step in window.steps:
        told = Announcement(
            update=f"maintenance:{window.id}:{step.name}",
            at=step.at,
            news=news,
            said={
                lang.value: _step_said(window, step, lang, catalogue)
                for lang in known_languages(catalogue.page.locales)
            },
            is_last=step.kind in (StepKind.ENDED, StepKind.CANCELLED),
        )
        if told.key in records_of:
            yield from _with_records(told, maintenance_documents(window, step.name, catalogue))
        else:
            yield told


def _step_said(
    window: PublicMaintenance, step: MaintenanceStep, lang: Lang, catalogue: Catalogue
) -> Said:
    return Said(
        subject=f"{step_name(step, lang)}: {window.title.in_locale(lang)}",
        body=step_text(step, window, lang, catalogue.zone),
        components=", ".join(name.in_locale(lang) for _, name in window.components),
        url=catalogue.page.url.rstrip("/") + maintenance_path(window.id, lang),
    )


def _promised(until: Second, now: Second, lang: Lang, zone: ZoneInfo) -> str:
    """`Próxima actualización: antes de las 04:33.`, with its day where that is another one."""
    time, day = clock_time(until, zone), at_zone(until, zone).date()
    if day != at_zone(now, zone).date():
        time = PAGE[lang].time_on_day.format(t=time, d=weekday_and_day(day, lang))
    words = PAGE[lang].before_time.format(t=PAGE[lang].the_time.format(t=time))
    return f"{PAGE[lang].next_update}: {words[0].lower()}{words[1:]}"


def _dated(at: Second, lang: Lang, zone: ZoneInfo) -> str:
    return f"{long_date(at_zone(at, zone).date(), lang)}, {clock_time(at, zone)}"
