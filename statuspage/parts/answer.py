"""The answer: one sentence on the state of everything, and its lead.

The first row that applies gives the sentence. From "caído" on, the lead adds the other states
present as clauses, in the order of the rows. Page, API and badges all take their sentence from
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.domain.time.calendar import at_zone
from monitor.i18n.formats import Lang, capital, clock_time, joined, on_day
from monitor.i18n.forms.answer import AnswerSentences
from monitor.i18n.words import ANSWER, SYMPTOMS
from statuspage.view.model import PublicComponent, PublicIncident, PublicView

_ROWS = (Shown.DOWN, Shown.REPAIR, Shown.SLOW, Shown.MAINTENANCE, Shown.NO_DATA)

_GOING_ON = (Phase.INVESTIGATING, Phase.IDENTIFIED)
_DEAD = frozenset(
    {
        Symptom.SILENT, Symptom.NOT_FOUND, Symptom.NO_DOMAINS, Symptom.NO_SOUND, Symptom.NO_MEDIA,
        Symptom.STUCK,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`link` is the part of the lead that links to the guide; empty where there is none."""

    shown: Shown
    title: str
    lead: str
    link: str = ""


def answer(view: PublicView, lang: Lang, *, is_stale: bool = False) -> Answer:
    """The first row of the table that applies to the view."""
    words = ANSWER[lang]
    if is_stale:
        return stale_answer(view, lang)
    if all(c.shown is Shown.NO_DATA for c in view.components):
        return Answer(shown=Shown.NO_DATA, title=words.all_unknown, lead=words.all_unknown_lead)
    if is_general_outage(view.components):
        return Answer(shown=Shown.DOWN, title=words.general, lead=words.general_lead)
    present = [row for row in _ROWS if _in_state(view, row)]
    told = len(told_alone(view))
    if told and not present:
        lead = words.told_leads[told > 1]
        return Answer(shown=Shown.REPAIR, title=words.told[told > 1].format(n=told), lead=lead)
    if not present:
        return Answer(
            shown=Shown.OPERATIONAL,
            title=words.stable,
            lead=words.stable_lead,
            link=words.stable_link,
        )
    return _row(view, present, lang)


def stale_answer(view: PublicView, lang: Lang) -> Answer:
    """The answer of a page that is no longer refreshed."""
    words = ANSWER[lang]
    title = words.stale.format(t=clock_time(view.at, view.zone))
    return Answer(shown=Shown.NO_DATA, title=title, lead=words.stale_lead)


def told_alone(view: PublicView) -> Sequence[PublicIncident]:
    """Open incidents that people told of and that no component shows: about none of them, or about
    such as work. Above their cards nobody reads that all is stable."""
    ailing = {c.id for c in view.components if c.shown is not Shown.OPERATIONAL}
    return [
        incident
        for incident in view.incidents
        if incident.is_by_person
        and not incident.is_merged
        and incident.phase in _GOING_ON
        and not any(part.component in ailing for part in incident.parts)
    ]


def is_general_outage(components: Sequence[PublicComponent]) -> bool:
    """Whether over half are down, taken on by Operaciones or not: it is the same downtime."""
    down = sum(is_down(c) for c in components)
    return down * 2 > len(components)


def is_down(component: PublicComponent) -> bool:
    """Whether it is down for visitors. Under maintenance that is planned, and no outage."""
    is_repaired_outage = component.shown is Shown.REPAIR and component.worst is Outcome.DOWN
    return component.shown is Shown.DOWN or is_repaired_outage


def _in_state(view: PublicView, shown: Shown) -> list[PublicComponent]:
    return [c for c in view.components if c.shown is shown]


def _row(view: PublicView, present: Sequence[Shown], lang: Lang) -> Answer:
    words = ANSWER[lang]
    first, others = present[0], present[1:]
    found = _in_state(view, first)
    lead = [_own_lead(first, found, view, lang)]
    clauses = [_clause(row, _in_state(view, row), lang) for row in others]
    told = len(told_alone(view))
    if told:
        clauses.append(words.told_clauses[told > 1].format(n=told))
    if clauses:
        lead.append(words.also.format(clauses=joined(clauses, lang)))
    if _in_state(view, Shown.OPERATIONAL) and not told:
        lead.append(words.rest)
    return Answer(shown=first, title=_title(first, found, lang), lead=" ".join(lead))


def _title(shown: Shown, found: Sequence[PublicComponent], lang: Lang) -> str:
    """What its incident says of one; of several only as much as is true of each."""
    words, names = ANSWER[lang], _names(found, lang)
    if shown is Shown.DOWN and not all(_is_dead(c) for c in found) and len(found) > 1:
        return words.troubled.format(x=names)
    if shown is Shown.SLOW and not _are_slow(found):
        return _sentence(_troubles(found, lang))
    noticed = does(found[0], lang) if len(found) == 1 else ""
    if noticed and shown in (Shown.DOWN, Shown.SLOW):
        return _sentence(words.one_does.format(x=names, does=noticed))
    return words.title(shown, len(found)).format(x=names)


def _troubles(found: Sequence[PublicComponent], lang: Lang) -> str:
    """A clause: what each of one or two does; more have faults. Not all of them are slow."""
    if len(found) > 2:
        return ANSWER[lang].troubled.format(x=_names(found, lang)).removesuffix(".")
    return joined([_trouble(c, lang) for c in found], lang)


def _trouble(component: PublicComponent, lang: Lang) -> str:
    """Of one that is shown as slow."""
    words, name = ANSWER[lang], component.name.in_locale(lang)
    noticed = does(component, lang)
    if noticed:
        return words.one_does.format(x=name, does=noticed)
    return words.clause(Shown.SLOW, 1).format(x=name)


def _sentence(clause: str) -> str:
    return f"{capital(clause)}."


def _are_slow(found: Sequence[PublicComponent]) -> bool:
    """Whether that they are slow is true of each: what is degraded may be something else."""
    return all(c.symptom in (None, Symptom.SLOW) for c in found)


def does(component: PublicComponent, lang: Lang) -> str:
    """What it does since it fails: `muestra un aviso de seguridad`; empty where that is unknown."""
    if component.symptom is None:
        return ""
    return SYMPTOMS[lang][component.symptom].of(component.kind).does


def _is_dead(component: PublicComponent) -> bool:
    """Whether "no funciona" is true of it. What works with a warning, or works for some, does."""
    return component.symptom is None or component.symptom in _DEAD


def _own_lead(shown: Shown, found: Sequence[PublicComponent], view: PublicView, lang: Lang) -> str:
    if shown is Shown.SLOW and all(c.symptom is Symptom.UNNOTICED for c in found):
        return SYMPTOMS[lang][Symptom.UNNOTICED].plain.effect
    if shown is Shown.SLOW and not _are_slow(found):
        return ANSWER[lang].lead(Shown.DOWN, len(found))
    lead = ANSWER[lang].lead(shown, len(found))
    return lead.format(t=_end(found, view, lang)) if shown is Shown.MAINTENANCE else lead


def _clause(shown: Shown, found: Sequence[PublicComponent], lang: Lang) -> str:
    if shown is Shown.SLOW and not _are_slow(found):
        return _troubles(found, lang)
    return ANSWER[lang].clause(shown, len(found)).format(x=_names(found, lang))


def _names(found: Sequence[PublicComponent], lang: Lang) -> str:
    """One name, `A y B`, else how many."""
    if len(found) > 2:
        return ANSWER[lang].many.format(n=len(found))
    return joined([c.name.in_locale(lang) for c in found], lang)


def _end(found: Sequence[PublicComponent], view: PublicView, lang: Lang) -> str:
    """When the last of the windows ends; with its day where that is not today."""
    words: AnswerSentences = ANSWER[lang]
    end = max((c.maintenance_until for c in found if c.maintenance_until), default=view.at)
    time = clock_time(end, view.zone)
    day = at_zone(end, view.zone).date()
    if day == at_zone(view.at, view.zone).date():
        return words.at_time.format(t=time)
    return words.on_day_at_time.format(day=on_day(day, lang), t=time)
