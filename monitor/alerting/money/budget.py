"""Messages that so much is used up of the downtime which a guarantee allows. They are worded from
the facts that were recorded when it was found (`credits.forecast.alerts`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from monitor.alerting.context import Tone
from monitor.alerting.html import as_html
from monitor.alerting.keys import message_key
from monitor.alerting.plain_text import as_text
from monitor.alerting.ports import Message
from monitor.alerting.sections import Section
from monitor.alerting.webhook_fields import VERSION
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Change
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.delivery import Notification
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.alert_subject import LONGEST, one_line, shortened
from monitor.i18n.formats import (
    Lang,
    clock_time,
    count,
    duration,
    joined,
    money,
    month_and_year,
    offset_name,
    utc_iso,
)
from monitor.i18n.forms.alerts import AlertWords
from monitor.i18n.forms.billing.budget import BudgetAlertWords
from monitor.i18n.forms.incidents import fill
from monitor.i18n.words import ALERTS, BUDGET_ALERT, operators_lang

BUDGET_KINDS = (SystemAlert.BUDGET_USED, SystemAlert.BUDGET_BACK)
_MOST_ROWS = 20
_BROKEN = 100
Facts = Mapping[str, Any]


def budget_message(
    notification: Notification, change: Change, catalogue: Catalogue, options: str
) -> Message:
    """`change` is the one in which the facts were recorded."""
    return _Composer(notification, change, catalogue, options).message()


class _Composer:
    def __init__(
        self, notification: Notification, change: Change, catalogue: Catalogue, options: str
    ) -> None:
        self._notification = notification
        self._change = change
        self._catalogue = catalogue
        self._options = options
        self._lang: Lang = operators_lang(catalogue.page)
        self._words: BudgetAlertWords = BUDGET_ALERT[self._lang]
        self._alert_words: AlertWords = ALERTS[self._lang]
        self._facts: Facts = change.after
        self._terms = _listed(self._facts["terms"])
        self._is_back = change.kind == SystemAlert.BUDGET_BACK
        self._is_broken = self._facts["percent"] == _BROKEN and not self._is_back

    def message(self) -> Message:
        words, alert_words = self._words, self._alert_words
        subject = self._subject()
        head = self._headline(words.back_head, words.broken_head, words.used_head)
        second, parts, url = self._means(), list(self._sections()), self._catalogue.page.url
        return Message(
            key=message_key(self._notification),
            thread=message_key(self._notification),
            subject=subject,
            text=as_text(head, second, parts, words.close),
            html=as_html(
                self._tone, subject, head, second, parts, words.close, url,
                alert_words.see_status, words=alert_words,
            ),
            fields=self._fields(subject),
        )  # fmt: skip

    @property
    def _tone(self) -> Tone:
        if self._is_back:
            return Tone.WELL
        return Tone.DOWN if self._is_broken else Tone.SLOW

    def _fields(self, subject: str) -> dict[str, Any]:
        return {
            "version": VERSION,
            "kind": str(self._notification.kind),
            "event": self._notification.event,
            "notice": self._change.kind,
            "severity": "high" if self._facts["is_urgent"] else "low",
            "since": utc_iso(self._change.at),
            "subject": subject,
            "month": self._facts["month"],
            "percent": self._facts["percent"],
            "terms": [{**one, "breaks_at": _iso_or_none(one["breaks_at"])} for one in self._terms],
        }

    def _subject(self) -> str:
        words = self._words
        return shortened(
            one_line(self._headline(words.back, words.broken, words.used)), LONGEST
        )  # fmt: skip

    def _headline(self, back: str, broken: str, used: str) -> str:
        template = back if self._is_back else broken if self._is_broken else used
        return fill(template, p=str(self._facts["percent"]), month=self._month(), c=self._about())

    def _about(self) -> str:
        """How many contracts, and the terms that they have, by number where they are several."""
        total = self._contracts(sum(one["contracts"] for one in self._terms))
        if len(self._terms) == 1:
            return f"{total}, {self._terms[0]['terms']}"
        return f"{total}, {fill(self._words.several_terms, n=str(len(self._terms)))}"

    def _month(self) -> str:
        return month_and_year(at_zone(self._change.at, self._catalogue.zone).date(), self._lang)

    def _contracts(self, number: int) -> str:
        form = self._words.contracts[number != 1]
        return fill(form, n=count(number, self._lang))

    def _means(self) -> str:
        words = self._words
        if self._is_back:
            return words.back_means
        is_on = any(one["is_going_on"] for one in self._terms)
        if self._is_broken:
            return words.goes_on if is_on else words.over
        breaks = [one["breaks_at"] for one in self._terms if one["breaks_at"] is not None]
        if not breaks:
            return words.no_outage if not is_on else words.goes_on
        at, zone = Second(min(breaks)), self._catalogue.zone
        return fill(words.breaks, t=clock_time(at, zone), u=offset_name(at, zone))

    def _sections(self) -> Iterator[Section]:
        words, alert_words = self._words, self._alert_words
        shown = self._terms[:_MOST_ROWS]
        yield Section(label=words.terms, lines=(*map(self._row, shown), *self._more(len(shown))))
        causes = tuple(self._causes())
        if causes:
            yield Section(label=words.cause, lines=causes)
        if not self._is_back:
            yield Section(label=words.money, lines=tuple(self._money()))
        yield Section(label=alert_words.page, lines=(self._catalogue.page.url,), is_verbatim=True)
        typed = f"estado forecast{self._options}"
        yield Section(label=alert_words.typed, lines=(typed,), is_verbatim=True)

    def _more(self, shown: int) -> tuple[str, ...]:
        rest = len(self._terms) - shown
        return (fill(self._alert_words.and_more, n=str(rest)),) if rest else ()

    def _row(self, one: Facts) -> str:
        words = self._words
        row = fill(
            words.back_row if self._is_back else words.terms_row,
            c=one["terms"],
            d=_length(one["used_s"]),
            m=_length(one["allowed_s"]),
            p=str(one["share"]),
            n=self._contracts(one["contracts"]),
        )
        parts = [row]
        if not self._is_back and one["reached"] < one["contracts"]:
            reached = count(one["reached"], self._lang)
            parts.append(fill(words.at_level, n=reached, p=str(one["percent"])))
        if one["broken"] and one["percent"] != _BROKEN:
            parts.append(fill(words.of_them_broken, n=count(one["broken"], self._lang)))
        if Fraction(one["unknown_s"]):
            parts.append(fill(words.possible, d=_length(one["unknown_s"])))
        return "; ".join(parts)

    def _causes(self) -> Iterator[str]:
        """Each component once: terms share most of theirs."""
        found = {c["component"]: c for one in self._terms for c in one["components"]}
        longest = sorted(found.values(), key=lambda c: (-c["downtime_s"], c["component"]))
        for c in longest[:_MOST_ROWS]:
            row = fill(
                self._words.cause_row, c=self._name(c["component"]), d=duration(c["downtime_s"])
            )
            yield row + (self._words.still if c["is_going_on"] else "")

    def _name(self, component: str) -> str:
        known = ComponentId(component)
        if not self._catalogue.has(known):
            return component
        return self._catalogue.component(known).name.in_locale(self._lang)

    def _money(self) -> Iterator[str]:
        words = self._words
        then, later = self._sum("then"), self._sum("an_hour_later")
        if not then and not later:
            yield words.only_unknown_amount if self._is_broken else words.nothing_due
            return
        yield fill(words.due_now if self._is_broken else words.due_then, a=then)
        if any(one["is_going_on"] for one in self._terms):
            yield fill(words.due_later, a=later)

    def _sum(self, name: str) -> str:
        """A sum a currency: currencies are never added together."""
        totals: dict[str, Fraction] = {}
        digits: dict[str, int] = {}
        for one in self._terms:
            for total in one[name]:
                currency, written = total["currency"], total["amount"]
                totals[currency] = totals.get(currency, Fraction(0)) + Fraction(written)
                digits[currency] = len(written.partition(".")[2])
        return joined(
            [
                money(_plain(totals[currency], digits[currency]), currency, self._lang)
                for currency in sorted(totals)
            ],
            self._lang,
        )


def _listed(found: Any) -> Sequence[Facts]:
    return found if isinstance(found, Sequence) else ()


def _plain(value: Fraction, digits: int) -> str:
    """Exact: a sum of amounts has no more digits than they have."""
    minor = int(value * 10**digits)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def _length(written: str) -> str:
    return duration(int(Fraction(written)))


def _iso_or_none(at: int | None) -> str | None:
    return None if at is None else utc_iso(Second(at))
