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
    name, words = facts.name(facts.part.component), facts.words
    if facts.notification.kind is EventKind.RESOLUTION:
        when = fill(words.after, d=duration(facts.lasted))
    else:
        at = facts.part.start
        if facts.event is IncidentEvent.UNWATCHED and facts.part.end is not None:
            at = facts.part.end
        when = fill(words.since, t=facts.clock(at), u=facts.zone_name)
    return f"{facts.state_word}  {name}  {when}"


def second_line(facts: AlertContext) -> str:
    """What it is, and its failure class. On many screens this is the last line that is shown."""
    words = facts.words
    failure = _named(facts)
    if facts.is_closed:
        return f"{failure} {words.closed_means}"
    if facts.notification.kind is EventKind.RESOLUTION:
        return fill(words.reason, c=facts.main.cause)
    if facts.is_unseen:
        return f"{failure} {words.unwatched_means}"
    if facts.event is IncidentEvent.UNSTABLE:
        return f"{failure} {words.unstable_means}"
    return f"{failure} {words.is_back}" if facts.is_over else failure


def _named(facts: AlertContext) -> str:
    if facts.failure is None:
        return f"{facts.part.cause}."
    return f"{facts.failure.summary.in_locale(facts.lang).rstrip('.')} ({facts.part.cause})."


def sections(facts: AlertContext) -> list[Section]:
    """In the order in which somebody who has just woken up needs them; empty ones left out."""
    words, is_over = facts.words, facts.notification.kind is EventKind.RESOLUTION
    found = [
        *(_advice(facts) if not is_over else ()),
        Section(label=words.components, lines=_parts(facts), is_verbatim=True),
        *(_last_results(facts) if not is_over else ()),
        Section(label=words.are_well, lines=_well(facts) if not is_over else ()),
        Section(label=words.published, lines=_published(facts)),
        Section(label=words.page, lines=(facts.url,), is_verbatim=True),
        Section(label=words.typed, lines=_commands(facts), is_verbatim=True),
    ]
    return [section for section in found if section.lines]


def closing(facts: AlertContext) -> str:
    """What comes next without anybody doing anything."""
    words = facts.words
    recorded = words.check_yourself if facts.incident.unwatched else words.recorded
    if facts.notification.kind is EventKind.RESOLUTION:
        return recorded
    every = facts.catalogue.alerting.remind_every
    name = {"c": str(facts.main.component), "id": str(facts.incident.id)}
    if facts.is_over and not facts.incident.is_unresolved:
        return recorded
    if facts.is_over:
        return fill(words.watched, **name)
    again = fill(words.repeated, t=_next_reminder(facts, every)) if every is not None else ""
    return " ".join(part for part in (words.once, again, fill(words.once_back, **name)) if part)


def _next_reminder(facts: AlertContext, every: int) -> str:
    sent = max(0, facts.now - facts.incident.created_at) // every
    again = Second(facts.incident.created_at + (sent + 1) * every)
    return clock_time(again, facts.catalogue.zone)


def _advice(facts: AlertContext) -> Iterable[Section]:
    """What was seen, in the probe's own words, and what the class says of it."""
    words = facts.words
    seen = next((s for s in facts.failing if s.component == facts.part.component), None)
    if seen is not None and seen.message:
        yield Section(label=words.seen, lines=(one_line(seen.message),))
    if facts.failure is not None:
        yield Section(label=words.cause, lines=(facts.failure.cause.in_locale(facts.lang),))
        yield Section(label=words.remedy, lines=(facts.failure.remedy.in_locale(facts.lang),))


def _parts(facts: AlertContext) -> tuple[str, ...]:
    """Each component's own start and end; of many, the worst first and the rest in a line each."""
    affected = facts.incident.affected
    is_many = len(affected) > _MOST_ROWS
    shown = worst_first(affected)[:_MOST_ROWS] if is_many else affected
    rows = [
        (facts.name(part.component), facts.words.states.get(part.status, ""), _span(facts, part))
        for part in shown
    ]
    named = {part.component for part in shown}
    rest = [line for c, line in _lines(facts) if c not in named]
    return (*_table(rows, facts.words), *rest)


def component_lines(facts: AlertContext) -> list[str]:
    """One line for each component: from its first fall to its last end."""
    return [line for _, line in _lines(facts)]


def _lines(facts: AlertContext) -> list[tuple[ComponentId, str]]:
    words = facts.words
    return [
        (
            component,
            f"{component}  {fill(words.open_span, t=facts.clock(start))}"
            if end is None
            else f"{component}  {facts.clock(start)}–{facts.clock(end)}",
        )
        for component, (start, end) in facts.incident.spans.items()
    ]


def _span(facts: AlertContext, part: Affected) -> str:
    words, start = facts.words, facts.clock(part.start)
    depends = words.depends if part.is_dependent else ""
    if part.end is None:
        return fill(words.open_span, t=start) + depends
    if facts.incident.was_closed(part):
        return fill(words.forced_span, t=start, u=facts.clock(part.end)) + depends
    if part.is_unwatched:
        return fill(words.unwatched_span, t=start, u=facts.clock(part.end)) + depends
    seen = facts.seen_s([part])
    unseen = part.end - part.start - seen
    text = fill(words.closed_span, t=start, u=facts.clock(part.end), d=duration(seen))
    return text + (fill(words.unseen, d=duration(unseen)) if unseen else "") + depends


def _last_results(facts: AlertContext) -> Iterable[Section]:
    words = facts.words
    rows = [
        (_where(s, facts), s.failure or words.well, f"{facts.clock(s.slot)}  {_said(s)}".rstrip())
        for s in facts.last_seen
    ]
    yield Section(label=words.checks, lines=_table(rows, words), is_verbatim=True)
    failing = [s.last_good for s in facts.failing if s.last_good is not None]
    if failing:
        yield Section(label=words.last_good, lines=(facts.clock(min(failing)),))


def _said(seen: LastSeen) -> str:
    return shortened(one_line(seen.message), _LONGEST_SAID)


def _where(seen: LastSeen, facts: AlertContext) -> str:
    places = {s.location for s in facts.last_seen}
    return f"{seen.check} ({seen.location})" if len(places) > 1 else str(seen.check)


def _well(facts: AlertContext) -> tuple[str, ...]:
    names = [facts.name(component) for component in facts.well]
    if not names:
        return ()
    rest = len(names) - _MOST_WELL
    more = [fill(facts.words.and_more, n=str(rest))] if rest > 0 else []
    return (", ".join([*names[:_MOST_WELL], *more]),)


def _published(facts: AlertContext) -> tuple[str, ...]:
    """What the public reads now, and what it was promised."""
    last = facts.published
    shown = last.shown if last else None
    if last is None or shown is None:
        return ()
    is_automatic = last.is_automatic_in(facts.lang)
    who = facts.words.said_by_machine if is_automatic else facts.words.said_by
    at, said = clock_time(last.at, facts.catalogue.zone), one_line(shown.in_locale(facts.lang))
    return (fill(who, t=at, c=str(last.actor), w=said),)


def _commands(facts: AlertContext) -> tuple[str, ...]:
    incident, options = facts.incident, facts.options
    show = f"estado incident show {incident.id}{options}"
    # The command requires Spanish; an operator who reads English messages writes both.
    texts = '--es "…"' if facts.lang is Lang.ES else '--es "…" --en "…"'
    if not incident.is_unresolved:
        number = len(incident.updates)
        return (show, f"estado incident edit {incident.id} {number} {texts}{options}")
    take = f"estado incident update {incident.id} --phase identified {texts}{options}"
    return (show, take)


def _table(rows: Sequence[tuple[str, str, str]], words: AlertWords) -> tuple[str, ...]:
    """Aligned columns; rows beyond a screen are only counted."""
    shown = rows[:_MOST_ROWS]
    widths = [max((len(row[i]) for row in shown), default=0) for i in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in shown]
    if len(rows) > len(shown):
        lines.append(fill(words.and_more, n=str(len(rows) - len(shown))))
    return tuple(lines)


def one_row(facts: AlertContext) -> str:
    """One incident's row, in a message about several."""
    reason = facts.main.cause
    span = (
        duration(facts.lasted)
        if facts.notification.kind is EventKind.RESOLUTION
        else rough_duration(facts.lasted)
    )
    others = len(facts.incident.components) - 1
    more = f" {fill(facts.words.and_more, n=str(others))}" if others else ""
    names = facts.name(facts.main.component) + more
    return f"{facts.state_word}  {names}: {reason}, {span} ({facts.incident.id})"
