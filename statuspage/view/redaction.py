"""What a page does not show, or shows no more: operators still read it, and that page's readers not
a word of it. To the readers of a brand's page everything of others is private."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import dropwhile

from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.shown import OTHERS, PAGES, EverShown, without_legal_form
from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.checks.observation import ComponentId, FailureClass, Outcome
from monitor.domain.incidents.by_hand import UNTITLED
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentEvent,
    Origin,
    Piece,
    Statement,
    Update,
    impact_of,
    narrowed_to,
)
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import (
    FEED_FORMATS,
    component_badge_path,
    component_calendar_path,
    component_feed_path,
    component_path,
    incident_path,
    maintenance_path,
    mark_of,
)
from monitor.i18n.formats import Lang, joined
from monitor.i18n.words import INCIDENTS, PAGE
from monitor.incident_text.parts import MOST_NAMED
from statuspage.view.mentions import Mentions
from statuspage.view.page_scope import PageScope, company_scope
from statuspage.view.retelling import Retelling

MAINTENANCE = Text({str(lang): words.states[Shown.MAINTENANCE].one for lang, words in PAGE.items()})
_COUNTING = frozenset(
    {
        IncidentEvent.PARTLY_BACK,
        IncidentEvent.OBSERVING,
        IncidentEvent.RESOLVED,
        IncidentEvent.UNWATCHED,
        IncidentEvent.CLOCK_SET,
        IncidentEvent.DUE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """`public` are the components that a page may name: as they are or, where they have left the
    configuration, as they last were. `private` are those that it may not; `shown_until` has those
    of them that it once showed, and until when; `names` are the names under which any page's
    readers know them. A name that none of these knows hides no text: people write of "web" and
    "correo" who never heard of our components. `observe` is for how many seconds a recovery is
    observed before it is resolved. A brand's page (`is_brand`) is about its own components alone:
    what concerns none is not for its readers, for it may be about another's."""

    public: Mapping[ComponentId, Component]
    private: frozenset[ComponentId]
    shown_until: Mapping[ComponentId, Second]
    names: Mentions
    now: Second
    observe: int
    is_brand: bool = False
    retelling: Retelling | None = None

    @classmethod
    def of(
        cls,
        catalogues: Catalogues,
        now: Second,
        incidents: Sequence[Incident],
        windows: Sequence[MaintenanceWindow],
        scope: PageScope | None = None,
        failures: Mapping[str, FailureClass] | None = None,
    ) -> Hidden:
        """For the readers of one page; without a scope, those of the company's own. Of a failure
        whose class is not among `failures` no more is said than how bad it is."""
        catalogue = catalogues.present(now).catalogue
        scope = company_scope(catalogue) if scope is None else scope
        ever = catalogues.ever_shown(now)
        wanted = {c for i in incidents for c in i.concerned} | {
            c for w in windows for c in w.components
        }
        # What only another page showed may be named in any text.
        wanted |= ever.names.keys() if ever.has_brands else set()
        known, public = _known(catalogues, now, wanted, scope)
        private = frozenset(known.keys() - public.keys())
        own = ever.on(scope.id)
        return cls(
            public=public,
            private=private,
            shown_until={c: own[c] for c in private & own.keys()},
            names=_mentions(ever, scope, catalogue, public, private),
            now=now,
            observe=catalogue.alerting.observe,
            is_brand=scope.page is not None,
            retelling=Retelling(catalogue=catalogue, public=public, failures=failures or {}),
        )

    def is_named_publicly(self, components: Iterable[ComponentId]) -> bool:
        """Whether anybody may read what concerns these components: one of them is public."""
        return any(c in self.public for c in components)

    def is_public(self, incident: Incident) -> bool:
        """Whether anybody may read it. One that is about no component is for everybody who reads
        the company's own page."""
        is_about_none = not incident.concerned and not self.is_brand
        return is_about_none or self.is_named_publicly(incident.concerned)

    def hides(self, components: Iterable[ComponentId]) -> bool:
        """Whether only operators may still read what concerns these components."""
        wanted = tuple(components)
        is_private = self.is_brand or any(c in self.private for c in wanted)
        return is_private and not self.is_named_publicly(wanted)

    def gone(
        self, incidents: Sequence[Incident], windows: Sequence[MaintenanceWindow]
    ) -> frozenset[str]:
        """The marks of the addresses where the public could read about what is private now."""
        return frozenset(mark_of(path) for path in self._gone(incidents, windows))

    def redacted(self, incident: Incident) -> Incident:
        """An incident without its private parts: title, impact, phase and times of what is left,
        and no text that names or counts a private part, or is about private parts alone. People
        also name components that are no part of it."""
        # After the clock was set back there may be a component of which nothing is known yet.
        if not self.private and all(c in self.public for c in incident.concerned):
            return incident
        left = tuple(p for p in incident.affected if p.component in self.public)
        said = tuple(s for s in incident.statements if s.component in self.public)
        is_whole = len(left) + len(said) == len(incident.pieces)
        visible = incident if is_whole else self._without(incident, left, said)
        # What was split off may be named in texts of before.
        is_whole = is_whole and not incident.related
        title = visible.person_title
        if self.names.are_in(visible.machine_title):
            # Of before another was split off.
            visible = replace(visible, machine_title=self._title(left or said))
        named = replace(
            visible,
            person_title=None if title is not None and self.names.are_in(title) else title,
        )
        updates = _with_a_beginning(
            u for u in named.updates if self._may_be_read(u, is_whole=is_whole)
        )
        if not is_whole and self.retelling is not None:
            updates = self.retelling.of(named, updates)
        return replace(named, updates=updates or (_title_alone(named),))

    def _without(
        self, incident: Incident, left: tuple[Affected, ...], said: tuple[Statement, ...]
    ) -> Incident:
        told = replace(incident, statements=said)
        pieces: tuple[Piece, ...] = (*left, *said)
        if left and not told.is_ended_by_person:
            rest = narrowed_to(told, left, observe=self.observe, now=self.now)
        else:
            # What a person says of it holds for all of it, its end too.
            is_by_person = told.origin is Origin.PERSON
            start = told.started_at if is_by_person else min(p.start for p in pieces)
            rest = replace(told, affected=left, impact=impact_of(left, said), started_at=start)
        is_named = told.origin is Origin.MACHINE or bool(left)
        updates = (u for u in rest.updates if _is_of_the_rest(u, incident, rest.resolved_at))
        title = self._title(left or said) if is_named else UNTITLED
        return replace(rest, machine_title=title, updates=tuple(updates))

    def words_of(self, window: MaintenanceWindow) -> tuple[Text, Text]:
        """Title and impact of maintenance; general words where they name what is private."""
        return self._unless_named(window.title), self._unless_named(window.impact)

    def _unless_named(self, text: Text) -> Text:
        return MAINTENANCE if self.names.are_in(text) else text

    def _gone(
        self, incidents: Sequence[Incident], windows: Sequence[MaintenanceWindow]
    ) -> Iterator[str]:
        for lang in Lang:
            for component in self.shown_until:
                yield component_path(component, lang)
                yield component_badge_path(component, lang)
                yield component_calendar_path(component, lang)
                for ending in FEED_FORMATS:
                    yield component_feed_path(component, lang, ending)
            for incident in incidents:
                if self._was_public(incident.concerned, incident.created_at):
                    yield incident_path(incident.id, lang)
            for window in windows:
                if self._was_public(window.components, window.published_at or self.now):
                    yield maintenance_path(window.id, lang)

    def _was_public(self, components: Sequence[ComponentId], since: Second) -> bool:
        """Whether the page showed what has been there since then, and shows it no more. Of a
        component that a brand has ceded, what followed is another's: not even an address is told
        of. What the company has made private is its own, whatever the clock said meanwhile."""
        until = [self.shown_until[c] for c in components if c in self.shown_until]
        is_own = not self.is_brand or any(since < end for end in until)
        return self.hides(components) and bool(until) and is_own

    def _title(self, left: Sequence[Piece]) -> Text:
        return Text({str(lang): self._title_in(lang, left) for lang in Lang})

    def _title_in(self, lang: Lang, left: Sequence[Piece]) -> str:
        names = list(dict.fromkeys(self.public[p.component].name.in_locale(lang) for p in left))
        words, is_slow = INCIDENTS[lang], all(p.status is Outcome.DEGRADED for p in left)
        phrase = words.slow[0] if is_slow else words.out_of_service[0]
        return f"{joined(names, lang)}: {phrase}"

    def _may_be_read(self, update: Update, *, is_whole: bool) -> bool:
        """Whether it has a text, and none of its texts, now or formerly, names what is private. The
        machine names parts of the incident and nothing else."""
        people = [text for text in (update.person, *update.former) if text is not None]
        machine = [] if update.machine is None else [update.machine]
        has_words = bool(people or machine)
        return has_words and not any(
            map(self.names.are_in, people if is_whole else people + machine)
        )


def _known(
    catalogues: Catalogues, now: Second, wanted: AbstractSet[ComponentId], scope: PageScope
) -> tuple[Mapping[ComponentId, Component], Mapping[ComponentId, Component]]:
    """The present components and those wanted that have left; and which of them the page shows, or
    showed when they were last there."""
    present = {c.id: c for c in catalogues.present(now).catalogue.components}
    known, public = dict(present), {c: one for c, one in present.items() if scope.shows(c)}
    for component in wanted - present.keys():
        then = catalogues.last_with(component, now)
        if then is not None:
            known[component] = found = then.component(component)
            if scope.showed(found, then):
                public[component] = found
    return known, public


def _mentions(
    ever: EverShown,
    scope: PageScope,
    catalogue: Catalogue,
    public: Mapping[ComponentId, Component],
    private: AbstractSet[ComponentId],
) -> Mentions:
    """Services, brands and the company itself have names, and their pages hosts, that a brand's
    page does not know, but for its own."""
    own = tuple(_own_names(catalogue, scope))

    def sayable(owner: str) -> Iterable[str]:
        if owner in (OTHERS, PAGES):
            return own
        found = public.get(ComponentId(owner))
        return () if found is None else found.name.by_locale.values()

    unsayable = private if scope.page is None else {OTHERS, *private}
    return Mentions(ever.known_names, unsayable, sayable)


def _own_names(catalogue: Catalogue, scope: PageScope) -> Iterator[str]:
    """What a brand's page names besides its components."""
    if scope.page is None:
        return
    yield from (scope.company, without_legal_form(scope.company))
    yield from scope.page.hosts
    yield from scope.name.by_locale.values()
    services = {catalogue.component(c).service for c in scope.components if catalogue.has(c)}
    for service in catalogue.services:
        if service.id in services:
            yield from service.name.by_locale.values()


def _with_a_beginning(updates: Iterable[Update]) -> tuple[Update, ...]:
    """That something goes on says nothing where what goes on may not be read."""
    return tuple(dropwhile(lambda update: update.event is IncidentEvent.DUE, updates))


def _title_alone(incident: Incident) -> Update:
    """What stands where no text may be read: clients want an update, and take the state from it.
    Subscribers are told by its number: of the beginning, and of the end, once."""
    told = (u.number for u in incident.updates if u.event is not IncidentEvent.POSTMORTEM)
    last = max(told, default=1)
    return Update(
        number=1 if incident.resolved_at is None else last,
        at=incident.resolved_at or incident.created_at,
        phase=incident.phase,
        event=IncidentEvent.OPENED,
        actor="",
        machine=Text({lang: f"{words}." for lang, words in incident.title.by_locale.items()}),
    )


def _is_of_the_rest(update: Update, incident: Incident, over: Second | None) -> bool:
    """Whether a text is about what is left of an incident, which was `over` before the whole was.
    Those after `over` are about what is private alone, whoever wrote them, but for the one that
    explains all of it afterwards. Those of the machine that count components count the private one
    as well."""
    is_later = over is not None and over != incident.resolved_at and update.at > over
    if is_later:
        return update.event is IncidentEvent.POSTMORTEM
    is_counting = len(incident.concerned) > MOST_NAMED and update.event in _COUNTING
    return update.person is not None or not is_counting
