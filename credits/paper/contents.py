"""What stands on paper, read out of a report's document: texts and figures, no layout.

Amounts and seconds are those of the document; nothing is computed but sums of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from credits.money import exact_text
from credits.period.month import Month
from credits.statements.document import client_document
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.i18n.formats import (
    NBSP,
    amount,
    count,
    duration,
    formula,
    money,
    month_and_year,
    offset_name,
)
from monitor.i18n.languages import Lang
from monitor.i18n.words import CREDIT_STORY, PAPER

Document = Mapping[str, Any]
_MINUTE = 60
_DRAWN = 14
"""How many components a picture shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of a picture; `kind` is down, excluded or unknown."""

    span: Interval
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Outages over a window: one row a component. `days` are the midnights inside it."""

    window: Interval
    rows: tuple[tuple[str, tuple[Bar, ...]], ...]
    days: tuple[tuple[Second, str], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: the last `right` columns are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with what stands under it, in this order."""

    title: str
    lines: tuple[str, ...] = ()
    grid: Grid | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A summary, or a client's statement."""

    title: str
    subtitle: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: str


def summary(document: Document, company: str, lang: Lang) -> Sheet:
    """The month for whoever signs it."""
    return _Contents(document, company, lang).summary()


def statement(document: Document, client: str, company: str, lang: Lang) -> Sheet:
    """What the report says to one client, and nothing of another. Raises NoClient."""
    return client_statement(client_document(document, client), company, lang)


def client_statement(document: Document, company: str, lang: Lang) -> Sheet:
    """The same of what a link shows: there is nothing else in it to put on paper."""
    return _Contents(document, company, lang).statement()


def clients_of(document: Document) -> tuple[str, ...]:
    """In the order of the report's rows, each once."""
    return tuple(dict.fromkeys(row["client_id"] for row in document["credits"]))


class _Contents:
    def __init__(self, document: Document, company: str, lang: Lang) -> None:
        self.document = document
        self.company = company
        self.lang = lang
        self.words = PAPER[lang]
        self.zone = ZoneInfo(document["zone"])
        self.window = Interval(
            _second(document["window"]["start"]), _second(document["window"]["end"])
        )
        month = Month.read(document["period"])
        day = at_zone(month.window(self.zone).start, self.zone).date()
        self.month = month_and_year(day, lang).replace(" ", NBSP)

    def summary(self) -> Sheet:
        return Sheet(
            title=self.words.title.format(x=self.month),
            subtitle=(*self._company(), *self._head(), *self._guarantee()),
            sections=(
                Section(title=self.words.availability, grid=self._components()),
                self._outages(),
                *self._totals(),
                *self._credits(),
            ),
            footer=self.words.hash.format(x=self.document["content_hash"]),
        )

    def statement(self) -> Sheet:
        rows, client = self.document["credits"], self.document["client_id"]
        sections = [
            section
            for own in _by_assessment(rows)
            for section in (self._contract(own), *self._drawn_of(own[0]))
        ]
        return Sheet(
            title=self.words.statement.format(x=client, y=self.month),
            subtitle=(*self._company(), *self._head()),
            sections=(*sections, self._sums()),
            footer=self.words.hash.format(x=self.document["content_hash"]),
        )

    def _company(self) -> tuple[str, ...]:
        return (self.company,) if self.company else ()

    def _head(self) -> Iterator[str]:
        words, document = self.words, self.document
        at = self.at(document["generated_at"])
        said = words.not_issued if document["is_provisional"] else words.issued
        yield said.format(x=document["report_id"], a=at)
        if not document["payable"] and not document["is_provisional"]:
            yield words.not_payable
        yield words.window.format(
            a=self.at(self.window.start), b=self.at(self.window.end), x=self._place(),
            n=count(self.window.seconds, self.lang),
        )  # fmt: skip

    def _place(self) -> str:
        """`Buenos Aires (UTC−3)`, for a customer; the offset where it is one all the time."""
        city = self.zone.key.rpartition("/")[2].replace("_", " ")
        names = {offset_name(at, self.zone) for at in (self.window.start, self.window.end)}
        (offset,) = names if len(names) == 1 else ("",)
        return f"{city} ({offset})" if offset and offset != city else city

    def _guarantee(self) -> Iterator[str]:
        terms = self.document["default_terms"]
        if terms is not None:
            share = exact_text(Fraction(terms["guarantee"]) * 100)
            yield self.words.guarantee.format(
                n=self.decimal(share), x=self.decimal(terms["allowed_s"])
            )

    def decimal(self, exact: object) -> str:
        """A number in the language's own signs; a fraction as it stands."""
        text = str(exact)
        return text if "/" in text else amount(text, self.lang)

    def money(self, text: str | None, currency: str | None) -> str:
        return "–" if text is None or currency is None else money(text, currency, self.lang)

    def at(self, when: str | Second) -> str:
        second = _second(when) if isinstance(when, str) else when
        return f"{at_zone(second, self.zone):%d/%m/%Y %H:%M:%S}"

    def _components(self) -> Grid:
        words = self.words
        return Grid(
            head=(words.component, words.share, words.down, words.excluded, words.unknown),
            rows=tuple(
                (
                    one["name"],
                    self._share(one),
                    *(f"{self.decimal(one[n])} s" for n in ("down_s", "excluded_s", "unknown_s")),
                )
                for one in self.document["components"]
            ),
            right=4,
        )

    def _share(self, one: Document) -> str:
        """Of what was watched too little, how much that was: it may have no second without data,
        and still have been there for a few days alone."""
        if one["uptime_display"] is not None:
            return f"{self.decimal(one['uptime_display'])} %"
        total = one["watched_s"] + one["unknown_s"] + one["before_records_s"]
        return self.words.too_little.format(c=one["watched_s"] * 100 // total if total else 0)

    def _outages(self) -> Section:
        words = self.words
        found = [
            (one["name"], outage)
            for one in self.document["components"]
            for outage in one["outages"]
        ]
        if not found:
            return Section(title=words.outages, lines=(words.no_outages,))
        by_name: dict[str, list[Document]] = {}
        for name, outage in found:
            by_name.setdefault(name, []).append(outage)
        picture = self._picture(by_name, self.window)
        drawn = words.picture_more.format(n=len(picture.rows))
        return Section(
            title=words.outages,
            lines=(drawn,) if picture.left_out else (),
            picture=picture,
            grid=self._outage_grid(found),
        )

    def _outage_grid(self, found: Sequence[tuple[str, Document]]) -> Grid:
        words = self.words
        return Grid(
            head=(words.component, words.start, words.end, words.counted, words.excluded),
            rows=tuple(
                (
                    name,
                    self.at(outage["start"]),
                    words.goes_on if outage["end"] is None else self.at(outage["end"]),
                    f"{self.decimal(outage['counted_down_s'])} s",
                    f"{self.decimal(outage['counted_excluded_s'])} s",
                )
                for name, outage in found
            ),
            right=2,
        )

    def _picture(self, outages: Mapping[str, Sequence[Document]], window: Interval) -> Picture:
        """Those that were down longest, the worst first."""
        ordered = sorted(
            outages, key=lambda name: (-sum(o["lasted_s"] or 0 for o in outages[name]), name)
        )
        return Picture(
            window=window,
            rows=tuple((name, tuple(self._bars(outages[name]))) for name in ordered[:_DRAWN]),
            days=tuple(self._days(window)),
            left_out=max(0, len(ordered) - _DRAWN),
        )

    def _bars(self, outages: Sequence[Document]) -> Iterator[Bar]:
        for outage in outages:
            end = FOREVER if outage["end"] is None else _second(outage["end"])
            kind = "down" if outage["counted_down_s"] else "excluded"
            yield Bar(span=Interval(_second(outage["start"]), end).clip(self.window), kind=kind)

    def _days(self, window: Interval) -> Iterator[tuple[Second, str]]:
        """Each local midnight of the window with the day that it begins."""
        month = Month.read(self.document["period"])
        for number in range(1, 32):
            try:
                midnight = datetime(month.year, month.number, number, tzinfo=self.zone)
            except ValueError:
                return
            second = Second(int(midnight.timestamp()))
            if second in window:
                yield second, str(number)

    def _totals(self) -> Iterator[Section]:
        words = self.words
        totals = self.document["totals"]
        if not totals:
            yield Section(title=words.totals, lines=(words.no_credits,))
        else:
            names = ("eligible", "blocked_suspended", "total")
            yield Section(
                title=words.totals,
                grid=Grid(
                    head=(words.currency, words.eligible, words.blocked, words.total),
                    rows=tuple(
                        (one["currency"], *(self.decimal(one[name]) for name in names))
                        for one in totals
                    ),
                    right=3,
                ),
            )
        if self.document.get("adjustments"):
            yield Section(
                title=words.adjustments,
                grid=Grid(
                    head=(words.currency, words.to_give, words.to_take_back),
                    rows=tuple(
                        (
                            one["currency"],
                            self.decimal(one["to_give"]),
                            self.decimal(one["to_take_back"]),
                        )
                        for one in self.document["adjustments"]
                    ),
                    right=2,
                ),
            )

    def _credits(self) -> Iterator[Section]:
        words, rows = self.words, self.document["credits"]
        if not rows:
            return
        yield Section(
            title=words.credits,
            grid=Grid(
                head=(
                    words.credit, words.client, words.service, words.invoice, words.state,
                    words.down, words.amount,
                ),
                rows=tuple(self._credit_row(row) for row in rows),
                right=2,
            ),
        )  # fmt: skip

    def _credit_row(self, row: Document) -> tuple[str, ...]:
        down = "–" if row["downtime_s"] is None else f"{self.decimal(row['downtime_s'])} s"
        return (
            row["credit_id"] or "–",
            row["client_id"],
            row["service_id"],
            f"{row['invoice_id']} / {row['invoice_line_id']}" if row["invoice_id"] else "–",
            self.words.states.get(row["state"], row["state"]),
            down,
            self._due(row),
        )

    def _due(self, row: Document) -> str:
        worst = row.get("amount_if_unknown_down")
        if worst is None or row.get("amount_if_unknown_up") is None:
            return self.money(row["amount"], row["currency"])
        return self.words.either.format(
            x=self.money(row["amount_if_unknown_up"], row["currency"]),
            y=self.money(worst, row["currency"]),
        )

    def _contract(self, rows: Sequence[Document]) -> Section:
        """One assessment of a client: its time, its verdict and its lines."""
        words, first = self.words, rows[0]
        title = words.contract.format(
            x=first["contract_id"], y=first["service_id"], n=first["product"]
        )
        return Section(
            title=title,
            lines=tuple(self._facts(first)),
            grid=Grid(
                head=(words.credit, words.invoice, words.arithmetic, words.state, words.amount),
                rows=tuple(self._line(row) for row in rows),
                right=1,
            ),
        )  # fmt: skip

    def _facts(self, row: Document) -> Iterator[str]:
        words = self.words
        if row["type"] == "adjustment":
            yield words.adjusts.format(x=row["adjusts_credit_id"] or "–")
        start, end = _second(row["window_start"]), _second(row["window_end"])
        if Interval(start, end) != self.window or row["type"] == "adjustment":
            yield words.window.format(
                a=self.at(start), b=self.at(end), x=self._place(),
                n=count(end - start, self.lang),
            )  # fmt: skip
        if row["contracted_s"] is None:
            return
        yield words.contracted.format(n=self.decimal(row["contracted_s"]))
        yield words.allowed.format(n=self.decimal(row["allowed_s"]))
        yield words.lost.format(n=self._length(row["downtime_s"]))
        for cause, seconds in (row["excluded_by_cause"] or {}).items():
            yield words.left_out.format(x=self._cause(cause), n=self._length(seconds))
        if row["unknown_s"]:
            yield words.no_data.format(n=self._length(row["unknown_s"]))
        yield words.verdicts[row["verdict"]]

    def _length(self, seconds: int) -> str:
        """`3.900 s (1 h 5 min)`: the seconds decide, and are read by few."""
        spoken = f" ({duration(seconds)})" if seconds >= _MINUTE else ""
        return f"{self.decimal(seconds)}{NBSP}s{spoken}"

    def _cause(self, cause: str) -> str:
        story = CREDIT_STORY[self.lang]
        is_planned = cause == "maintenance"
        return story.maintenance_cause if is_planned else story.causes.get(cause, cause)

    def _line(self, row: Document) -> tuple[str, ...]:
        return (
            row["credit_id"] or "–",
            f"{row['invoice_id']} / {row['invoice_line_id']}" if row["invoice_id"] else "–",
            formula((row["arithmetic"] or "–").partition("; capped at ")[0], self.lang),
            self.words.states.get(row["state"], row["state"]),
            self._due(row),
        )

    def _drawn_of(self, row: Document) -> Iterator[Section]:
        """The outages of the components that a contract's terms require."""
        if not row["outages"]:
            return
        found = [(outage["component"] or "–", outage) for outage in row["outages"]]
        by_name: dict[str, list[Document]] = {}
        for name, outage in found:
            by_name.setdefault(name, []).append(outage)
        yield Section(
            title=self.words.outages,
            picture=self._picture(by_name, self.window),
            grid=self._outage_grid(found),
        )

    def _sums(self) -> Section:
        """By currency, never across; what a person has still to decide is not in it."""
        words, totals = self.words, self.document["totals"]
        return Section(
            title=words.total,
            lines=(words.asks, words.of_others),
            grid=Grid(
                head=(words.currency, words.total),
                rows=tuple((one["currency"], self.decimal(one["total"])) for one in totals),
                right=1,
            )
            if totals
            else None,
        )


def _by_assessment(rows: Sequence[Document]) -> list[list[Document]]:
    """The lines of one credit together."""
    found: dict[tuple[object, ...], list[Document]] = {}
    for row in rows:
        key = (row["credit_id"], row["contract_id"], row["window_start"], row["type"])
        found.setdefault(key, []).append(row)
    return list(found.values())


def _second(text: str) -> Second:
    return Second(int(datetime.fromisoformat(text).timestamp()))
