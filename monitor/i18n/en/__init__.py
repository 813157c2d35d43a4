"""Every sentence in English."""

from __future__ import annotations

from monitor.i18n.en.answer import ANSWER
from monitor.i18n.en.customers import AFFECTED, PROBLEMS
from monitor.i18n.en.incidents import INCIDENTS
from monitor.i18n.en.page import PAGE
from monitor.i18n.en.subscribers import SUBSCRIBERS
from monitor.i18n.en.symptoms import SYMPTOMS
from monitor.i18n.forms.language import Addresses, Formats, Language

LANGUAGE = Language(
    formats=Formats(
        months=(
            "January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December",
        ),
        weekdays=(
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ),
        has_capital_weekdays=True,
        on_weekday=("on {d}",) * 7,
        and_=" and ",
        and_before_i=" and ",
        thousands=",",
        decimal=".",
        percent="{p}%",
        hours=("hour", "hours"),
        minutes=("minute", "minutes"),
        seconds=("second", "seconds"),
        day_of_month="{d} {m}",
        weekday_and_day="{w} {d}",
        with_year=" {y}",
    ),
    addresses=Addresses(
        home="/en/",
        history="/en/history",
        availability="/en/availability",
        component="/en/component/",
        incident="/en/incident/",
        maintenance="/en/maintenance/",
        badge="/en/badge",
        embed="/en/embed",
        calendar="/en/maintenance.ics",
        subscribe="/en/subscribe",
        confirm="/en/subscribe/confirm",
        unsubscribe="/en/subscribe/unsubscribe",
        affected="/en/affected",
        problem="/en/report",
        problem_received="/en/report/received",
    ),
    page=PAGE,
    answer=ANSWER,
    incidents=INCIDENTS,
    symptoms=SYMPTOMS,
    subscribers=SUBSCRIBERS,
    affected=AFFECTED,
    problems=PROBLEMS,
)  # fmt: skip
