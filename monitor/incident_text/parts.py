"""What automatic texts say of one component's part: its name, phrase, effect, times and length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.catalogue import Catalogue, Component, Role, Thresholds
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.checks.symptoms import Symptom, service_of
from monitor.domain.incidents.incident import Affected, Incident, IncidentChange
from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.i18n.formats import (
    NBSP,
    Lang,
    clock_time,
    joined,
    month_name,
    seconds_figure,
    weekday_and_day,
)
from monitor.i18n.forms.incidents import IncidentSentences, fill
from monitor.i18n.forms.symptoms import Said
from monitor.i18n.words import INCIDENTS, SYMPTOMS

TOO_SLOW = "too_slow"
_SLOWNESS = (None, Symptom.SLOW, Symptom.OLD_PROTOCOL)
MOST_NAMED = 3
"""More components than that are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWriter:
    """Writes about parts in one language, under one configuration, at one moment.

    `took_ms` are the durations last observed, `excluded` is the planned time that does not count
    and `unseen` the time without data, where the caller knows them. Components that are not
    public, or no longer in the configuration, are never named.
    """

    lang: Lang
    catalogue: Catalogue
    failures: Mapping[str, FailureClass]
    now: Second
    took_ms: Mapping[ComponentId, float]
    excluded: Mapping[ComponentId, IntervalSet]
    unseen: Mapping[ComponentId, IntervalSet] = field(default_factory=dict)

    @property
    def words(self) -> IncidentSentences:
        return INCIDENTS[self.lang]

    def component(self, wanted: ComponentId) -> Component | None:
        """The component if some page's readers may know of it."""
        found = next((c for c in self.catalogue.components if c.id == wanted), None)
        return found if found is not None and self.catalogue.is_shown(found) else None

    def name(self, wanted: ComponentId) -> str:
        found = self.component(wanted)
        return found.name.in_locale(self.lang) if found else self.words.affected

    def names(self, wanted: Sequence[ComponentId], *, most: int = MOST_NAMED) -> str:
        """`A, B y C`; from `most` on, `{n} servicios`."""
        if len(wanted) > most:
            return fill(self.words.many, n=str(len(wanted)))
        return joined([self.name(c) for c in wanted], self.lang)

    def all_names(self, wanted: Sequence[ComponentId]) -> str:
        """`Los servicios A y B`; from `MOST_NAMED` on, `Los {n} servicios`: a subject."""
        if len(wanted) > MOST_NAMED:
            return fill(self.words.all_many, n=str(len(wanted)))
        return fill(self.words.all_named, c=self.names(wanted))

    def phrase(self, part: Affected) -> str:
        """How it stands, in a title and behind "sigue": `sin respuesta`."""
        known = symptom_of(part, self.failures)
        return SYMPTOMS[self.lang][known].phrase if known else self._general(part)[0]

    def does(self, part: Affected) -> str:
        """What it does since it fails, behind its name: `no responde`."""
        said = self._said(part)
        return said.does if said else self._general(part)[1]

    def effect(self, part: Affected) -> str:
        """What that means for whoever uses it, a sentence."""
        said = self._said(part)
        effect = said.effect if said else self._general(part)[2]
        if "{v}" in effect or part.cause == TOO_SLOW:
            return self._pace(part, effect)
        return effect

    def when(self, at: Second) -> str:
        """`las 14:08`; with its day where that is not today."""
        zone = self.catalogue.zone
        time, day = clock_time(at, zone), at_zone(at, zone).date()
        if day == at_zone(self.now, zone).date():
            return fill(self.words.in_time, t=time)
        return fill(self.words.on_day, t=time, day=weekday_and_day(day, self.lang))

    def months(self, spans: Iterable[Interval]) -> str:
        """The calendar months whose seconds a part took: `abril`, `abril y mayo`."""
        found: dict[tuple[int, int], None] = {}
        for span in spans:
            at = span.start
            while at < span.end or at == span.start:
                here = at_zone(at, self.catalogue.zone)
                found[here.year, here.month] = None
                at = local_month(here.year, here.month, self.catalogue.zone).end
        return joined([month_name(month, self.lang) for _, month in sorted(found)], self.lang)

    def is_watched(self, component: ComponentId) -> bool:
        """Whether any check still watches it."""
        return component not in self.catalogue.unwatched

    def counts(self, component: ComponentId) -> bool:
        """Whether its time out counts for credits: that of a courtesy component does not."""
        found = self.component(component)
        return found is not None and found.role is Role.REQUIRED

    def is_slowness(self, part: Affected) -> bool:
        """Whether slowness is what a degraded part was, for all that is known."""
        return symptom_of(part, self.failures) in _SLOWNESS

    def _said(self, part: Affected) -> Said | None:
        known = symptom_of(part, self.failures)
        if known is None:
            return None
        specs = (check.spec for check in self.catalogue.checks_of(part.component))
        return SYMPTOMS[self.lang][known].of(service_of(specs))

    def _general(self, part: Affected) -> tuple[str, str, str]:
        return self.words.slow if part.status is Outcome.DEGRADED else self.words.out_of_service

    def _pace(self, part: Affected, effect: str) -> str:
        """How slow it is: as observed, else as the limit says, else without figures."""
        limits = self._limits(part.component)
        took, usual = self.took_ms.get(part.component), limits.usual_ms
        if usual is None:
            return self.words.slow[2]
        if took is not None and "{v}" in effect and "{w}" in effect:
            # The sentence has its own unit behind each figure.
            figures = {"v": self._bare_seconds(took), "w": self._bare_seconds(usual)}
            return fill(effect.replace("} s", f"}}{NBSP}s"), **figures)
        if limits.slow_ms is None:
            return self.words.slow[2]
        return fill(
            self.words.over_limit,
            v=seconds_figure(limits.slow_ms, self.lang),
            w=seconds_figure(usual, self.lang),
        )

    def _bare_seconds(self, milliseconds: float) -> str:
        return seconds_figure(milliseconds, self.lang).removesuffix(f"{NBSP}s")

    def _limits(self, component: ComponentId) -> Thresholds:
        """The thresholds of the component's first check that says what is usual."""
        checks = self.catalogue.checks_of(component)
        return next((c.thresholds for c in checks if c.thresholds.usual_ms), Thresholds())


def symptom_of(part: Affected, failures: Mapping[str, FailureClass]) -> Symptom | None:
    """What is noticed of a part, by the class that names it, unless that claims more than happened:
    a check that only ever degrades its component leaves it working, whatever the check saw."""
    return noticed(part.cause, part.status, failures)


def noticed(cause: str, status: Outcome, failures: Mapping[str, FailureClass]) -> Symptom | None:
    """The same of any time in that status, which has that cause."""
    known = failures.get(cause)
    if known is None or known.outcome is Outcome.UNKNOWN:
        return None
    claims_too_much = known.outcome is Outcome.DOWN and status is Outcome.DEGRADED
    return None if claims_too_much else known.symptom


def has_public_part(incident: Incident, catalogue: Catalogue) -> bool:
    public = {c.id for c in catalogue.components if catalogue.is_shown(c)}
    return not public.isdisjoint(incident.components)


def is_about_private_part(step: IncidentChange, catalogue: Catalogue) -> bool:
    """Whether the public, who may read of the rest of the incident, may not read of this step: it
    is about what was made private while it was down."""
    if step.part is None or not has_public_part(step.incident, catalogue):
        return False
    is_shown = catalogue.is_shown
    return all(c.id != step.part.component or not is_shown(c) for c in catalogue.components)


def public_parts(incident: Incident, catalogue: Catalogue) -> tuple[Affected, ...]:
    """The parts that may be named; all of them where none may, for the text names none then."""
    public = {c.id for c in catalogue.components if catalogue.is_shown(c)}
    found = tuple(p for p in incident.affected if p.component in public)
    return found or incident.affected


def seen_spans(
    writer: PartWriter, component: ComponentId, parts: Iterable[Affected]
) -> IntervalSet:
    """A component's own parts, without the time that has no data."""
    return IntervalSet.of(spans_of(parts, writer.now)) - writer.unseen.get(component, IntervalSet())


def spans_of(parts: Iterable[Affected], until: Second) -> tuple[Interval, ...]:
    """The parts' own times; an open one lasts until now."""
    return tuple(Interval(p.start, until if p.end is None else p.end) for p in parts)


def last_end(parts: Sequence[Affected], now: Second) -> Second:
    return max(now if p.end is None else p.end for p in parts)
