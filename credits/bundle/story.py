"""A credit's story: what happened, what of it counts, what that comes to, and who did what.

Made of a bundle alone, so that it is the same wherever and whenever it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from credits.bundle.document import Document
from credits.money import exact_text, minor_units
from monitor.domain.checks.fold import Cause
from monitor.domain.checks.observation import FailureClass
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.formats import amount, duration, formula, money
from monitor.i18n.languages import Lang
from monitor.i18n.words import CREDIT_STORY

_CAPPED = "; capped at "


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence; `depth` 1 says more about the one above."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading and its sentences."""

    title: str
    lines: tuple[Line, ...]


def story_of(
    document: Document, lang: Lang, zone: ZoneInfo, failures: Mapping[str, FailureClass]
) -> tuple[Chapter, ...]:
    """`document` as `CreditEvidence.story` gives it; times are those of the zone. `failures` has
    the words for what checks saw; one that is not there any more is told by its id. Where nothing
    is known there is no chapter."""
    story = _Story(document, lang, zone, failures)
    return tuple(told for told in story.chapters() if told.lines)


def story_fields(chapters: Iterable[Chapter]) -> list[dict[str, Any]]:
    """The sentences as plain values, for programs."""
    return [
        {
            "title": chapter.title,
            "lines": [{"depth": line.depth, "text": line.text} for line in chapter.lines],
        }
        for chapter in chapters
    ]


class _Story:
    def __init__(
        self,
        document: Document,
        lang: Lang,
        zone: ZoneInfo,
        failures: Mapping[str, FailureClass],
    ) -> None:
        self.document = document
        self.failures = failures
        self.lang = lang
        self.words = CREDIT_STORY[lang]
        self.zone = zone
        self.credit: Mapping[str, Any] = document["credit"]
        self.rows: Sequence[Mapping[str, Any]] = document["figures"]["rows"]
        evidence = list(document["figures"]["evidence"].values())
        self.evidence: Mapping[str, Any] = evidence[0] if evidence else {}
        self.past: Mapping[str, Any] | None = document["past"]

    def chapters(self) -> Iterator[Chapter]:
        words = self.words
        yield self._head()
        if self.rows:
            yield self._told(words.time, self._time)
            yield self._told(words.outages, self._outages)
            yield self._told(words.exclusions, self._exclusions)
            yield self._told(words.unknown_time, self._unknown)
        yield self._told(words.money, self._money)
        yield self._told(words.steps, self._steps)
        yield self._told(words.rests_on, self._rests_on)

    def _told(self, title: str, lines: Callable[[], Iterator[Line]]) -> Chapter:
        return Chapter(title, tuple(lines()))

    def at(self, when: str | int | None) -> str:
        """A time of the zone, to the second."""
        if when is None:
            return self.words.nothing_bounds
        second = when if isinstance(when, int) else _second(when)
        return f"{at_zone(Second(second), self.zone):%Y-%m-%d %H:%M:%S}"

    def figure(self, written: object) -> str:
        """A number, or arithmetic, in the language's own signs."""
        return formula(str(written), self.lang)

    def money(self, text: str | None, currency: str | None) -> str:
        return "-" if text is None or currency is None else money(text, currency, self.lang)

    def _head(self) -> Chapter:
        words, credit = self.words, self.credit
        title = words.credit.format(x=credit["id"])
        if credit["ordinal"]:
            title = words.adjustment.format(x=credit["id"], y=credit["adjusts"] or "-")
        start, end = credit["window"]
        about = words.about.format(
            x=credit["contract_id"], y=credit["client_id"], n=credit["service_id"],
            m=credit["product"],
        )  # fmt: skip
        window = words.window.format(a=self.at(start), b=self.at(end), x=self.zone.key)
        lines = [Line(about), Line(window)]
        if self.evidence:
            terms = self.evidence["terms"]
            share = exact_text(Fraction(terms["guarantee"]) * 100)
            lines.append(
                Line(
                    words.terms.format(
                        x=self.rows[0]["terms_id"], n=amount(share, self.lang), y=terms["policy"]
                    )
                )
            )
        state = words.states[self.document["steps"][-1]["after"]]
        lines.append(Line(words.stands.format(x=state, m=self._sum())))
        return Chapter(title, tuple(lines))

    def _sum(self) -> str:
        assumed = next(
            (s["assumed"] for s in reversed(self.document["steps"]) if s.get("assumed")), None
        )
        sums: dict[str, Fraction] = {}
        for line in self.credit["lines"]:
            worst = line.get("if_down")
            due = worst if assumed == "down" and worst is not None else line["amount"]
            sums[due["currency"]] = sums.get(due["currency"], Fraction(0)) + Fraction(due["amount"])
        said = [self.money(_fixed(total, name), name) for name, total in sorted(sums.items())]
        return " + ".join(said) or self.words.no_invoice.rstrip(".").lower()

    def _time(self) -> Iterator[Line]:
        words, row, terms = self.words, self.rows[0], self.evidence["terms"]
        yield Line(words.contracted.format(n=self.figure(row["contracted_s"])))
        if row["denominator_s"] != row["contracted_s"]:
            yield Line(words.measured.format(n=self.figure(row["denominator_s"])))
        allowed = words.allowed.format(
            x=self.figure(terms["guarantee"]),
            n=self.figure(row["denominator_s"]),
            y=self.figure(row["allowed_s"]),
        )
        yield Line(allowed)
        down = self.evidence["seconds"]["down_s"]
        yield Line(words.down.format(n=self.figure(down), d=duration(down)))
        if row["inferred_s"]:
            yield Line(words.inferred.format(n=self.figure(row["inferred_s"])), 1)
        if row["degraded_s"]:
            yield Line(words.degraded.format(n=self.figure(row["degraded_s"])))
        for cause, seconds in row["excluded_by_cause"].items():
            yield Line(words.excluded.format(x=self._cause(cause), n=self.figure(seconds)))
        if row["unknown_s"]:
            yield Line(words.unknown.format(n=self.figure(row["unknown_s"])))
        if row["before_records_s"]:
            yield Line(words.before_records.format(n=self.figure(row["before_records_s"])))
        if row["uptime_display"] is not None:
            yield Line(
                words.share.format(x=row["uptime_fraction"], y=self.figure(row["uptime_display"]))
            )
        verdict = words.verdicts[row["verdict"]]
        yield Line(
            verdict.format(x=self.figure(row["downtime_s"]), y=self.figure(row["allowed_s"]))
        )
        if row["verdict"] == "indeterminate":
            yield Line(words.undecided, 1)

    def _cause(self, cause: str) -> str:
        if cause == "maintenance":
            return self.words.maintenance_cause
        return self.words.causes.get(cause, cause)

    def _outages(self) -> Iterator[Line]:
        words = self.words
        if not self.evidence["outages"]:
            yield Line(words.no_outages)
        for outage in self.evidence["outages"]:
            yield Line(
                words.outage.format(
                    x=outage["component"],
                    a=self.at(outage["start"]),
                    b=words.going_on if outage["end"] is None else self.at(outage["end"]),
                    y=self._failure(outage["cause"]),
                    n=self.figure(outage["counted_down_s"]),
                )
            )
            bounds = (
                (words.last_good, outage["last_success_before"]),
                (words.first_bad, outage["first_failure"]),
                (words.last_bad, outage["last_failure"]),
                (words.first_good, outage["first_success"]),
            )
            for said, when in bounds:
                yield from self._bound(said, when, outage["component"])
            certain, possible = outage["certain_s"], outage["possible_s"]
            yield Line(words.bounds.format(x=self._or_dash(certain), y=self._or_dash(possible)), 1)
            if outage["incident_ids"]:
                yield Line(words.incidents.format(x=", ".join(outage["incident_ids"])), 1)

    def _bound(self, said: str, when: str | None, component: str) -> Iterator[Line]:
        """When a result bounds the outage, and what the check saw."""
        sentence = said.format(a=self.at(when))
        if when is None:
            yield Line(f"{sentence}.", 1)
            return
        found = [one for one in self._results(component) if one["slot"] == _second(when)]
        if not found:
            missing = f" ({self.words.not_copied})" if self.past is not None else ""
            yield Line(f"{sentence}{missing}.", 1)
        for one in found:
            what = self.words.result.format(x=one["check"], y=self._seen(one))
            yield Line(f"{sentence}, {what}.", 1)

    def _seen(self, result: Mapping[str, Any]) -> str:
        """In words, with what was recorded beside them, as it was."""
        said: str = result["message"] or ""
        failure = result["failure"]
        meant = self._failure(failure) if failure else self.words.seen[result["outcome"]]
        return self.words.recorded.format(x=meant, y=said) if said else meant

    def _failure(self, name: str) -> str:
        """Within a sentence; an abbreviation that it begins with stays as it is."""
        if name == Cause.INFERRED:
            return self.words.inferred_cause
        known = self.failures.get(name)
        if known is None:
            return name
        said = known.summary.in_locale(self.lang).rstrip(".")
        return said if said[1:2].isupper() else said[:1].lower() + said[1:]

    def _or_dash(self, seconds: int | None) -> str:
        return "-" if seconds is None else self.figure(seconds)

    def _results(self, component: str) -> Iterator[Mapping[str, Any]]:
        if self.past is None:
            return
        own = self._checks(component)
        yield from (one for one in self.past["results"] if one["check"] in own)

    def _checks(self, component: str) -> set[str]:
        past = self.past or {"configuration": {"definitions": ()}}
        return {
            check["id"]
            for one in past["configuration"]["definitions"]
            if one["component"]["id"] == component
            for check in one["checks"]
        }

    def _exclusions(self) -> Iterator[Line]:
        words = self.words
        if not self.evidence["exclusions"] and not self.evidence["maintenance"]:
            yield Line(words.no_exclusions)
        for one in self.evidence["exclusions"]:
            yield Line(
                words.exclusion.format(
                    x=one["reference"], n=one["revision"], y=one["component"],
                    a=self.at(one["start"]), b=self.at(one["end"]), m=self._cause(one["cause"]),
                )
            )  # fmt: skip
            yield from self._evidence_of(one)
        for one in self.evidence["maintenance"]:
            said = words.planned if one["is_excluded"] else words.planned_counts
            published = one["published_at"]
            yield Line(
                said.format(
                    x=one["id"], a=self.at(one["start"]), b=self.at(one["end"]),
                    y=words.unpublished if published is None else self.at(published),
                )
            )  # fmt: skip

    def _evidence_of(self, one: Mapping[str, Any]) -> Iterator[Line]:
        words = self.words
        if not one["is_allowed"]:
            yield Line(words.not_allowed, 1)
        yield Line(
            words.evidence.format(
                x=one["proposed_by"], y=one["approved_by"], a=self.at(one["approved_at"]),
                m=one["evidence"]["text"],
            ),
            1,
        )  # fmt: skip
        for file in one["evidence"]["files"]:
            yield Line(words.evidence_file.format(x=file["name"], y=file["sha256"]), 1)
        for link in one["evidence"]["links"]:
            yield Line(words.evidence_link.format(x=link), 1)

    def _unknown(self) -> Iterator[Line]:
        words = self.words
        stretches = [s for s in self.evidence["stretches"] if s["bucket"] == "unknown"]
        if not stretches:
            yield Line(words.no_unknown)
        for stretch in stretches:
            start, end = _second(stretch["start"]), _second(stretch["end"])
            yield Line(
                words.stretch.format(a=self.at(start), b=self.at(end), n=self.figure(end - start))
            )
            found = [*self._gaps(start, end)]
            yield from found
            if not found and not self.rows[0]["unwatched"]:
                yield Line(words.where_from_unknown, 1)
        for one in self.rows[0]["unwatched"]:
            said = words.unwatched if one["until"] is None else words.unwatched_until
            until = None if one["until"] is None else self.at(one["until"])
            yield Line(
                said.format(x=one["component"], a=self.at(one["since"]), b=until, n=one["revision"])
            )

    def _gaps(self, start: int, end: int) -> Iterator[Line]:
        """Which checks said nothing in a stretch: the results before and after it."""
        for fold in self.past["facts"]["folds"] if self.past is not None else ():
            for one in fold.get("transitions", ()):
                is_gap = one["to"] == "unknown" and one["effective_at"] < end
                if is_gap and one["decided_by"] > start and one["previous_at"] is not None:
                    said = self.words.gap.format(
                        x=fold["check"], a=self.at(one["previous_at"]), b=self.at(one["decided_by"])
                    )
                    yield Line(said, 1)

    def _money(self) -> Iterator[Line]:
        words, priced = self.words, [row for row in self.rows if row["invoice_id"] is not None]
        if not priced and not self.credit["lines"]:
            yield Line(words.no_invoice)
        for row in priced:
            yield from self._line(row)
        if self.rows and self.rows[0]["uninvoiced_s"]:
            yield Line(words.uninvoiced.format(n=self.figure(self.rows[0]["uninvoiced_s"])))
        if self.credit["ordinal"]:
            for line in self.credit["lines"]:
                due = line["amount"]
                said = self.money(due["amount"], due["currency"])
                yield Line(words.rest.format(x=line["invoice_id"], y=line["line_id"], m=said))

    def _line(self, row: Mapping[str, Any]) -> Iterator[Line]:
        words, currency = self.words, row["currency"]
        yield Line(
            words.line.format(
                x=row["invoice_id"], y=row["invoice_line_id"],
                a=self.at(row["invoice_start"]), b=self.at(row["invoice_end"]),
                m=self.money(row["net_base"], currency), n=self.figure(row["line_downtime_s"]),
            )
        )  # fmt: skip
        said, _, cap = row["arithmetic"].partition(_CAPPED)
        if said:
            yield Line(words.arithmetic.format(x=self.figure(said)), 1)
        if cap:
            yield Line(words.cap.format(x=self.figure(cap)), 1)
        exact = Fraction(row["exact_amount"])
        yield Line(words.exact.format(x=row["exact_amount"], y=_near(exact, self.lang)), 1)
        rounding = words.roundings[self.evidence["terms"]["rounding"]]
        yield Line(words.rounded.format(x=rounding, m=self.money(row["amount"], currency)), 1)
        if row["amount_if_unknown_down"] is not None:
            up, down = row["amount_if_unknown_up"], row["amount_if_unknown_down"]
            yield Line(words.if_up.format(m=self.money(up, currency)), 1)
            yield Line(words.if_down.format(m=self.money(down, currency)), 1)

    def _steps(self) -> Iterator[Line]:
        words = self.words
        for step in self.document["steps"]:
            joins = step.get("before") == step["after"]
            what = words.joined_by if joins else words.arrows[step["after"]]
            who = words.machine if step["actor"] == "estado" else step["actor"]
            yield Line(words.step.format(a=self.at(step["at"]), x=what, y=who))
            why = words.panel if step["after"] == "applying" else words.reason
            for name, said in (
                ("ticket", words.ticket), ("reason", why), ("clause", words.clause),
                ("reference", words.reference),
            ):  # fmt: skip
                if step.get(name):
                    yield Line(said.format(x=step[name]), 1)
            if step.get("assumed"):
                yield Line(words.assumed[step["assumed"]], 1)

    def _rests_on(self) -> Iterator[Line]:
        words, report = self.words, self.document["report"]
        if report is not None:
            name = f"{report['period']} r{report['revision']}"
            yield Line(words.report.format(x=name, y=report["hash"]))
        yield Line(words.hash.format(x=self.credit["evidence_hash"]))
        if self.past is None:
            yield Line(words.nothing_kept)
            return
        yield Line(words.program.format(x=self.past["program"]))
        for one in _in_force(self.past):
            said = words.configuration.format(
                n=one["number"], a=self.at(one["since"]), x=one["hash"]
            )
            yield Line(said)


def _in_force(past: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The revisions that decided within the window."""
    window, revisions = past["facts"]["window"], past["configuration"]["revisions"]
    ends = [one["since"] for one in revisions[1:]] + [window["end"] + 1]
    for one, end in zip(revisions, ends, strict=True):
        if end > window["start"]:
            yield one


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _near(exact: Fraction, lang: Lang) -> str:
    """Six decimals, cut; with an ellipsis where there are more."""
    millionths = abs(exact) * 10**6
    cut = int(millionths)
    sign = "-" if exact < 0 else ""
    said = amount(f"{sign}{cut // 10**6}.{cut % 10**6:06d}", lang)
    return said if millionths == cut else f"{said}…"


def _fixed(total: Fraction, currency: str) -> str:
    digits = minor_units(currency)
    units = int(total * 10**digits)
    whole, part = divmod(abs(units), 10**digits)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"
