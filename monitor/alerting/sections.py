"""The body of a message to operators, as labelled sections: plain text and HTML show the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.alerting.context import AlertContext
from monitor.alerting.evidence import LastSeen
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import Affected, IncidentEvent, worst_first
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import one_line, shortened
from monitor.i18n.formats import Lang, clock_time, duration, rough_duration
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.forms.incidents import fill

_MOST_WELL = 6
_MOST_ROWS = 20
_LONGEST_SAID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`lines` are prose unless `is_verbatim`: then each stands as it is, aligned and unbroken."""

    label: str
    lines: tuple[str, ...]
    is_verbatim: bool = False


def headline(facts: AlertContext) -> str:
    """What and since when, before anything else."""
    name, say = facts.name(facts.part.component), facts.say
    if facts.notification.kind is EventKind.RESOLUTION:
        when = fill(say.after, d=duration(facts.lasted))
    else:
        at = facts.part.start
        if facts.happening is IncidentEvent.UNWATCHED and facts.part.end is not None:
            at = facts.part.end
        when = fill(say.since, t=facts.clock(at), u=facts.zone_name)
    return f"{facts.word}  {name}  {when}"


def second_line(facts: AlertContext) -> str:
    """What it is, and the class: on many screens the last line that is shown."""
    say = facts.say
    told = _named(facts)
    if facts.is_closed:
        return f"{told} {say.closed_means}"
    if facts.notification.kind is EventKind.RESOLUTION:
        return fill(say.reason, c=facts.main.cause)
    if facts.is_unseen:
        return f"{told} {say.unwatched_means}"
    if facts.happening is IncidentEvent.UNSTABLE:
        return f"{told} {say.unstable_means}"
    return f"{told} {say.is_back}" if facts.is_over else told


def _named(facts: AlertContext) -> str:
    if facts.failure is None:
        return f"{facts.part.cause}."
    return f"{facts.failure.summary.in_locale(facts.lang).rstrip('.')} ({facts.part.cause})."


def sections(facts: AlertContext) -> list[Section]:
    """In the order in which somebody who has just woken up needs them; empty ones left out."""
    say, is_over = facts.say, facts.notification.kind is EventKind.RESOLUTION
    found = [
        *(_advice(facts) if not is_over else ()),
        Section(label=say.components, lines=_parts(facts), is_verbatim=True),
        *(_looks(facts) if not is_over else ()),
        Section(label=say.are_well, lines=_well(facts) if not is_over else ()),
        Section(label=say.published, lines=_published(facts)),
        Section(label=say.page, lines=(facts.url,), is_verbatim=True),
        Section(label=say.typed, lines=_commands(facts), is_verbatim=True),
    ]
    return [section for section in found if section.lines]


def closing(facts: AlertContext) -> str:
    """What comes next without anybody doing anything."""
    say = facts.say
    recorded = say.look_yourself if facts.incident.unwatched else say.recorded
    if facts.notification.kind is EventKind.RESOLUTION:
        return recorded
    every = facts.catalogue.alerting.remind_every
    name = {"c": str(facts.main.component), "id": str(facts.incident.id)}
    if facts.is_over and not facts.incident.is_unresolved:
        return recorded
    if facts.is_over:
        return fill(say.watched, **name)
    again = fill(say.repeated, t=_next_reminder(facts, every)) if every is not None else ""
    return " ".join(part for part in (say.once, again, fill(say.once_back, **name)) if part)


def _next_reminder(facts: AlertContext, every: int) -> str:
    sent = max(0, facts.now - facts.incident.created_at) // every
    again = Second(facts.incident.created_at + (sent + 1) * every)
    return clock_time(again, facts.catalogue.zone)


def _advice(facts: AlertContext) -> Iterable[Section]:
    """What was seen, in the probe's own words, and what the class says of it."""
    say = facts.say
    seen = next((s for s in facts.failing if s.component == facts.part.component), None)
    if seen is not None and seen.message:
        yield Section(label=say.seen, lines=(one_line(seen.message),))
    if facts.failure is not None:
        yield Section(label=say.cause, lines=(facts.failure.cause.in_locale(facts.lang),))
        yield Section(label=say.remedy, lines=(facts.failure.remedy.in_locale(facts.lang),))


def _parts(facts: AlertContext) -> tuple[str, ...]:
    """Each component's own start and end; of many, the worst first and the rest in a line each."""
    affected = facts.incident.affected
    is_many = len(affected) > _MOST_ROWS
    shown = worst_first(affected)[:_MOST_ROWS] if is_many else affected
    rows = [
        (facts.name(part.component), facts.say.states.get(part.status, ""), _span(facts, part))
        for part in shown
    ]
    told = {part.component for part in shown}
    rest = [line for c, line in _lines(facts) if c not in told]
    return (*_table(rows, facts.say), *rest)


def component_lines(facts: AlertContext) -> list[str]:
    """One line for each component: from its first fall to its last end."""
    return [line for _, line in _lines(facts)]


def _lines(facts: AlertContext) -> list[tuple[ComponentId, str]]:
    say = facts.say
    return [
        (
            component,
            f"{component}  {fill(say.open_span, t=facts.clock(start))}"
            if end is None
            else f"{component}  {facts.clock(start)}–{facts.clock(end)}",
        )
        for component, (start, end) in facts.incident.spans.items()
    ]


def _span(facts: AlertContext, part: Affected) -> str:
    say, start = facts.say, facts.clock(part.start)
    depends = say.depends if part.is_dependent else ""
    if part.end is None:
        return fill(say.open_span, t=start) + depends
    if facts.incident.was_closed(part):
        return fill(say.forced_span, t=start, u=facts.clock(part.end)) + depends
    if part.is_unwatched:
        return fill(say.unwatched_span, t=start, u=facts.clock(part.end)) + depends
    seen = facts.seen_s([part])
    unseen = part.end - part.start - seen
    told = fill(say.closed_span, t=start, u=facts.clock(part.end), d=duration(seen))
    return told + (fill(say.unseen, d=duration(unseen)) if unseen else "") + depends


def _looks(facts: AlertContext) -> Iterable[Section]:
    say = facts.say
    rows = [
        (_where(s, facts), s.failure or say.well, f"{facts.clock(s.slot)}  {_said(s)}".rstrip())
        for s in facts.sights
    ]
    yield Section(label=say.checks, lines=_table(rows, say), is_verbatim=True)
    failing = [s.last_good for s in facts.failing if s.last_good is not None]
    if failing:
        yield Section(label=say.last_good, lines=(facts.clock(min(failing)),))


def _said(sight: LastSeen) -> str:
    return shortened(one_line(sight.message), _LONGEST_SAID)


def _where(sight: LastSeen, facts: AlertContext) -> str:
    places = {s.location for s in facts.sights}
    return f"{sight.check} ({sight.location})" if len(places) > 1 else str(sight.check)


def _well(facts: AlertContext) -> tuple[str, ...]:
    names = [facts.name(component) for component in facts.well]
    if not names:
        return ()
    rest = len(names) - _MOST_WELL
    more = [fill(facts.say.and_more, n=str(rest))] if rest > 0 else []
    return (", ".join([*names[:_MOST_WELL], *more]),)


def _published(facts: AlertContext) -> tuple[str, ...]:
    """What the public reads now, and what it was promised."""
    last = facts.published
    words = last.shown if last else None
    if last is None or words is None:
        return ()
    is_automatic = last.is_automatic_in(facts.lang)
    who = facts.say.said_by_machine if is_automatic else facts.say.said_by
    at, told = clock_time(last.at, facts.catalogue.zone), one_line(words.in_locale(facts.lang))
    return (fill(who, t=at, c=str(last.actor), w=told),)


def _commands(facts: AlertContext) -> tuple[str, ...]:
    incident, options = facts.incident, facts.options
    show = f"estado incident show {incident.id}{options}"
    # Spanish is what the command asks for; whoever reads English mails writes both.
    texts = '--es "…"' if facts.lang is Lang.ES else '--es "…" --en "…"'
    if not incident.is_unresolved:
        number = len(incident.updates)
        return (show, f"estado incident edit {incident.id} {number} {texts}{options}")
    take = f"estado incident update {incident.id} --phase identified {texts}{options}"
    return (show, take)


def _table(rows: Sequence[tuple[str, str, str]], say: AlertWords) -> tuple[str, ...]:
    """Columns that stand under one another; what is beyond a screen is counted."""
    shown = rows[:_MOST_ROWS]
    widths = [max((len(row[i]) for row in shown), default=0) for i in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in shown]
    if len(rows) > len(shown):
        lines.append(fill(say.and_more, n=str(len(rows) - len(shown))))
    return tuple(lines)


def one_row(facts: AlertContext) -> str:
    """An incident among many, in a message that tells several."""
    reason = facts.main.cause
    span = (
        duration(facts.lasted)
        if facts.notification.kind is EventKind.RESOLUTION
        else rough_duration(facts.lasted)
    )
    others = len(facts.incident.components) - 1
    more = f" {fill(facts.say.and_more, n=str(others))}" if others else ""
    names = facts.name(facts.main.component) + more
    return f"{facts.word}  {names}: {reason}, {span} ({facts.incident.id})"
