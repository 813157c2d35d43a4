"""What is said of each step of maintenance: on its page, in the API, in feeds and calendars."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.maintenance_steps import MaintenanceStep, StepKind
from monitor.domain.rollup import Shown
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.formats import Lang, capital, clock_time, weekday_and_day
from monitor.i18n.languages import spelled
from monitor.i18n.words import PAGE
from statuspage.view.model import PublicMaintenance

SHOWN = {
    StepKind.ANNOUNCED: Shown.MAINTENANCE,
    StepKind.REMINDED: Shown.MAINTENANCE,
    StepKind.STARTED: Shown.MAINTENANCE,
    StepKind.EXTENDED: Shown.MAINTENANCE,
    StepKind.ENDED: Shown.OPERATIONAL,
    StepKind.CANCELLED: Shown.NO_DATA,
}
"""Whose icon and colour a step has; the word is its own."""


def step_name(step: MaintenanceStep, lang: Lang) -> str:
    return PAGE[lang].step_names[step.kind]


def step_text(step: MaintenanceStep, window: PublicMaintenance, lang: Lang, zone: ZoneInfo) -> str:
    """Plain text. With its announcement stands what the work means; every other is a sentence."""
    if step.kind is StepKind.ANNOUNCED:
        return window.impact.in_locale(lang) or window.title.in_locale(lang)
    words = PAGE[lang]
    if step.is_early:
        return words.ended_early.format(t=moment(step.end, lang, zone))
    said = words.step_texts[step.kind]
    planned = Interval(window.start, step.end)
    span = spelled(lang, span_in_words(planned, lang, zone))
    return said.format(t=moment(step.end, lang, zone), w=span)


def span_of(window: PublicMaintenance) -> Interval:
    """When it took place, once it is over; else when it is planned."""
    if window.phase is MaintenancePhase.COMPLETED:
        return window.took
    return Interval(window.start, window.end)


def moment(at: Second, lang: Lang, zone: ZoneInfo) -> str:
    """`las 04:00 del domingo 19 de abril`: true on whatever day it is read."""
    day = weekday_and_day(at_zone(at, zone).date(), lang)
    words = PAGE[lang]
    return words.the_time.format(t=words.time_on_day.format(t=clock_time(at, zone), d=day))


def span_in_words(span: Interval, lang: Lang, zone: ZoneInfo) -> str:
    """`Domingo 19 de abril, de 02:00 a 04:00.`"""
    words = PAGE[lang]
    first, last = (at_zone(at, zone).date() for at in (span.start, span.end))
    times = {"a": clock_time(span.start, zone), "b": clock_time(span.end, zone)}
    start = weekday_and_day(first, lang)
    if first == last:
        return words.window_same_day.format(d=capital(start), **times)
    end = weekday_and_day(last, lang)
    return words.window_two_days.format(d=start, e=end, **times)
