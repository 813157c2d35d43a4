"""What a language is to the public: its formats, its addresses, and all that the page says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.symptoms import Symptom
from monitor.i18n.forms.answer import AnswerSentences
from monitor.i18n.forms.customers import AffectedWords, ProblemWords
from monitor.i18n.forms.incidents import IncidentSentences
from monitor.i18n.forms.page import Words
from monitor.i18n.forms.subscribers import SubscriberWords
from monitor.i18n.forms.symptoms import SymptomWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """How numbers and days are written. `{d}` a day of the month, `{m}` a month, `{y}` a year,
    `{w}` a day of the week; pairs are (one, several)."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """From Monday on."""
    has_capital_weekdays: bool
    """In a sentence too."""
    on_weekday: tuple[str, ...]
    """From Monday on: what happens on `{d}`, a day that begins with its weekday."""
    and_: str
    and_before_i: str
    """Before a name that begins with that sound."""
    thousands: str
    decimal: str
    percent: str
    hours: tuple[str, str]
    minutes: tuple[str, str]
    seconds: tuple[str, str]
    day_of_month: str
    weekday_and_day: str
    with_year: str
    """What follows a day or a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the pages of a language are. Those that end with `/` are followed by an id."""

    home: str
    history: str
    availability: str
    component: str
    incident: str
    maintenance: str
    badge: str
    embed: str
    calendar: str
    subscribe: str
    confirm: str
    unsubscribe: str
    affected: str
    problem: str
    problem_received: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    formats: Formats
    addresses: Addresses
    page: Words
    answer: AnswerSentences
    incidents: IncidentSentences
    symptoms: Mapping[Symptom, SymptomWords]
    subscribers: SubscriberWords
    affected: AffectedWords
    problems: ProblemWords
