"""The body of a message to operators, as labelled sections: plain text and HTML show the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.domain.alert_subject import one_line, shortened
from monitor.domain.formats import Lang, clock_time, duration, rough_duration
from monitor.domain.incident import Affected, Incident
from monitor.domain.interval import Second
from monitor.domain.notification import EventKind
from monitor.domain.observation import Outcome
from monitor.engine.alert_facts import Facts
from monitor.engine.evidence import Sight

_STATE = {Outcome.DOWN: "caído", Outcome.DEGRADED: "lento"}
_MOST_WELL = 6
_MOST_ROWS = 12
_LONGEST_SAID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`lines` are prose unless `is_verbatim`: then each stands as it is, aligned and unbroken."""

    label: str
    lines: tuple[str, ...]
    is_verbatim: bool = False


def headline(facts: Facts) -> str:
    """What and since when, before anything else."""
    name = facts.name(facts.part.component)
    if facts.notification.kind is EventKind.RESOLUTION:
        return f"{facts.word}  {name}  tras {duration(facts.lasted)}"
    since = f"desde {facts.clock(facts.part.start)} ({facts.zone_name})"
    return f"{facts.word}  {name}  {since}"


def second_line(facts: Facts) -> str:
    """The class and what was seen, in the probe's own words."""
    seen = next((s for s in facts.failing if s.component == facts.part.component), None)
    if facts.notification.kind is EventKind.RESOLUTION:
        return f"Motivo: {facts.main.cause}"
    told = f"{facts.part.cause}: {one_line(seen.message)}" if seen else facts.part.cause
    return f"{told}. Ya volvió a funcionar." if facts.is_over else told


def sections(facts: Facts) -> list[Section]:
    """In the order in which somebody who has just woken up needs them; empty ones left out."""
    is_over = facts.notification.kind is EventKind.RESOLUTION
    found = [
        *(_advice(facts) if not is_over else ()),
        Section(label="Componentes", lines=_parts(facts), is_verbatim=True),
        *(_looks(facts) if not is_over else ()),
        Section(label="Siguen bien", lines=_well(facts) if not is_over else ()),
        Section(label="Publicado", lines=_published(facts)),
        Section(label="Página", lines=(facts.url,), is_verbatim=True),
        Section(label="Escriba", lines=_commands(facts.incident), is_verbatim=True),
    ]
    return [section for section in found if section.lines]


def closing(facts: Facts) -> str:
    """What comes next without anybody doing anything."""
    if facts.notification.kind is EventKind.RESOLUTION:
        return "No hace falta responder. La cronología queda en la página."
    every = facts.catalogue.alerting.remind_every
    name = facts.main.component
    back = f"Cuando vuelva: «RECUPERADO {name}: duración ({facts.incident.id})»."
    if facts.is_over:
        return f"Se observa; si no recae: «RECUPERADO {name}: duración ({facts.incident.id})»."
    if every is None:
        return f"Una sola alerta por incidente. {back}"
    sent = max(0, facts.now - facts.incident.created_at) // every
    again = Second(facts.incident.created_at + (sent + 1) * every)
    at = clock_time(again, facts.catalogue.zone)
    return f"Una sola alerta por incidente. Si nadie lo toma, se repite a las {at}. {back}"


def _advice(facts: Facts) -> Iterable[Section]:
    if facts.failure is None:
        return
    yield Section(label="Qué pasa", lines=(facts.failure.summary,))
    yield Section(label="Causa", lines=(facts.failure.cause,))
    yield Section(label="Qué hacer", lines=(facts.failure.remedy,))


def _parts(facts: Facts) -> tuple[str, ...]:
    """Each component's own start and end."""
    rows = [
        (facts.name(part.component), _STATE.get(part.status, ""), _span(facts, part))
        for part in facts.incident.affected
    ]
    return _table(rows)


def _span(facts: Facts, part: Affected) -> str:
    depends = ", depende de otro" if part.is_dependent else ""
    if part.end is None:
        return f"desde {facts.clock(part.start)}{depends}"
    length = duration(part.end - part.start)
    return f"de {facts.clock(part.start)} a {facts.clock(part.end)}, {length}{depends}"


def _looks(facts: Facts) -> Iterable[Section]:
    rows = [
        (_where(s, facts), s.failure or "bien", f"{facts.clock(s.slot)}  {_said(s)}".rstrip())
        for s in facts.sights
    ]
    yield Section(label="Chequeos", lines=_table(rows), is_verbatim=True)
    failing = [s.last_good for s in facts.failing if s.last_good is not None]
    if failing:
        yield Section(label="Última bien", lines=(facts.clock(min(failing)),))


def _said(sight: Sight) -> str:
    return shortened(one_line(sight.message), _LONGEST_SAID)


def _where(sight: Sight, facts: Facts) -> str:
    places = {s.location for s in facts.sights}
    return f"{sight.check} ({sight.location})" if len(places) > 1 else str(sight.check)


def _well(facts: Facts) -> tuple[str, ...]:
    names = [facts.name(component) for component in facts.well]
    if not names:
        return ()
    rest = len(names) - _MOST_WELL
    more = [f"y {rest} más"] if rest > 0 else []
    return (", ".join([*names[:_MOST_WELL], *more]),)


def _published(facts: Facts) -> tuple[str, ...]:
    """What the public reads now, and what it was promised."""
    if not facts.incident.updates:
        return ()
    last = facts.incident.updates[-1]
    words = last.person or last.machine
    who = f"por {last.actor}" if last.person else "texto automático"
    said = f"A las {clock_time(last.at, facts.catalogue.zone)} ({who}):"
    return (f"{said} «{one_line(words.in_locale(Lang.ES))}»",) if words else ()


def _commands(incident: Incident) -> tuple[str, ...]:
    show = f"estado incident show {incident.id}"
    if not incident.is_unresolved:
        number = len(incident.updates)
        return (show, f'estado incident edit {incident.id} {number} --es "…"')
    take = f'estado incident update {incident.id} --phase identified --es "…"'
    return (show, take)


def _table(rows: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
    """Columns that stand under one another; what is beyond a screen is counted."""
    shown = rows[:_MOST_ROWS]
    widths = [max((len(row[i]) for row in shown), default=0) for i in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in shown]
    if len(rows) > len(shown):
        lines.append(f"y {len(rows) - len(shown)} más")
    return tuple(lines)


def one_row(facts: Facts) -> str:
    """An incident among many, in a message that tells several."""
    reason = facts.main.cause
    span = (
        duration(facts.lasted)
        if facts.notification.kind is EventKind.RESOLUTION
        else rough_duration(facts.lasted)
    )
    others = len(facts.incident.components) - 1
    names = facts.name(facts.main.component) + (f" y {others} más" if others else "")
    return f"{facts.word}  {names}: {reason}, {span} ({facts.incident.id})"
