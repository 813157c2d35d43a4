"""The terms of a contract, period by period: snapshots of terms that do not change once taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Generic, TypeVar

from credits.contract import Contract, TermsPeriod
from credits.contracts.rows import BadRow, ContractRow, TermsChoice, complain
from credits.fields import Fields, Problem, nearest
from credits.policies import check_policy
from credits.stamps import local_text
from credits.terms import Terms, read_terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, ConfiguredTerms
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, Second

K = TypeVar("K")
V = TypeVar("V")
_MOST_KEPT = 16
_MOST_TIMES = 4096
_MOST_CHOICES = 256
_OwnChoice = tuple[tuple[str, ...] | None, str]


class _Once(Generic[K, V]):
    """A function of values that never change, computed once for each of the last few. They are told
    apart by identity, for comparing them costs more, and held so that no other has the same."""

    def __init__(self, compute: Callable[[K], V]) -> None:
        self._compute = compute
        self._found: dict[int, tuple[K, V]] = {}

    def of(self, given: K) -> V:
        found = self._found.get(id(given))
        if found is None:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            found = self._found[id(given)] = (given, self._compute(given))
        return found[1]


class TermsInForce:
    """The configurations as an import asks them, row by row: thousands of rows choose among few
    terms, and the components are thousands too."""

    def __init__(self, catalogues: Catalogues) -> None:
        self.catalogues = catalogues
        self._at = lru_cache(maxsize=_MOST_TIMES)(catalogues.at)
        self._terms = _Once(_read_terms)
        self._choices = _Once[Terms, dict[_OwnChoice, Terms]](lambda _: {})
        self._components = _Once(_components)

    @property
    def newest(self) -> Catalogue:
        return self.catalogues.revisions[-1].catalogue

    def at(self, then: Second) -> Catalogue:
        """What was in force at a second of the past."""
        return self._at(then)

    def with_choice(self, base: Terms, choice: TermsChoice) -> Terms:
        """The terms with a row's own components and management in place of theirs: the same value
        for rows that choose the same, so that its text and hash are found at once."""
        own = (
            base.required if choice.components is None else choice.components,
            base.management if choice.management is None else choice.management,
        )
        if own == (base.required, base.management):
            return base
        made = self._choices.of(base)
        if own not in made:
            if len(made) >= _MOST_CHOICES:
                made.clear()
            made[own] = replace(base, required=own[0], management=own[1])
        return made[own]

    def terms(self, configured: ConfiguredTerms) -> tuple[Terms, Sequence[Problem]]:
        """They must not be used where there is a problem."""
        return self._terms.of(configured)

    def components(self, catalogue: Catalogue) -> frozenset[ComponentId]:
        return self._components.of(catalogue)


def _components(catalogue: Catalogue) -> frozenset[ComponentId]:
    return frozenset(component.id for component in catalogue.components)


def _read_terms(configured: ConfiguredTerms) -> tuple[Terms, Sequence[Problem]]:
    found: list[Problem] = []
    fields = Fields(configured.fields, f"terms {configured.id}", found)
    terms = read_terms(fields)
    check_policy(fields, terms)
    return terms, found


def terms_periods(
    group: Sequence[ContractRow],
    former: Contract | None,
    in_force: TermsInForce,
    problems: list[BadRow],
) -> tuple[TermsPeriod, ...]:
    """The terms for each invoice's period. Terms that are stored already stay in force."""
    stored = former.terms if former else ()
    found = [
        (row, terms_period)
        for row in group
        if (terms_period := _terms_period(row, stored, in_force, problems)) is not None
    ]
    new = [terms_period for _, terms_period in found]
    out = [p for p in stored if not any(p.period.overlaps(n.period) for n in new)]
    for row, terms_period in sorted(found, key=lambda pair: pair[1].period):
        overlapping = next((p for p in out if p.period.overlaps(terms_period.period)), None)
        if overlapping is None:
            out.append(terms_period)
        elif overlapping.terms != terms_period.terms:
            zone = in_force.newest.zone
            until = local_text(overlapping.period.end, zone)
            wanted = f"one set of terms a period, {overlapping.label!r} holds until {until}"
            complain(problems, row.line, "terms", wanted, terms_period.label)
        elif terms_period.period.end > overlapping.period.end:
            longer = Interval(overlapping.period.start, terms_period.period.end)
            out[out.index(overlapping)] = replace(overlapping, period=longer)
    return tuple(sorted(out, key=lambda p: p.period))


def _terms_period(
    row: ContractRow,
    stored: Sequence[TermsPeriod],
    in_force: TermsInForce,
    problems: list[BadRow],
) -> TermsPeriod | None:
    choice = row.terms_choice
    snapshot = next(
        (p for p in stored if choice.period.start in p.period and p.label == choice.label), None
    )
    base = snapshot.terms if snapshot else _terms_at_payment(row, in_force, problems)
    if base is None:
        return None
    _check_components(row, base, in_force, problems)
    terms = in_force.with_choice(base, choice)
    return TermsPeriod(period=choice.period, label=choice.label, terms=terms)


def _terms_at_payment(
    row: ContractRow, in_force: TermsInForce, problems: list[BadRow]
) -> Terms | None:
    """The terms of that id which were in force when the invoice was paid (clause 3b)."""
    label = row.terms_choice.label
    at_payment, newest = in_force.at(row.terms_choice.paid_at), in_force.newest
    for catalogue in (at_payment, newest):
        for configured in catalogue.terms:
            if configured.id == label:
                terms, found = in_force.terms(configured)
                problems.extend(BadRow(line=row.line, problem=problem) for problem in found)
                return None if found else terms
    known = ", ".join(terms.id for terms in newest.terms) or "none are configured"
    near = nearest(label, [terms.id for terms in newest.terms])
    complain(problems, row.line, "terms", f"terms of the configuration ({known}){near}", label)
    return None


def _check_components(
    row: ContractRow, base: Terms, in_force: TermsInForce, problems: list[BadRow]
) -> None:
    """Refuse unknown components. Known are those of the newest configuration, of the one in force
    at payment, and of the terms: a component that has left the configuration stays in the terms."""
    newest = in_force.components(in_force.newest)
    at_payment = in_force.components(in_force.at(row.terms_choice.paid_at))
    for name in map(ComponentId, row.terms_choice.components or ()):
        if name not in newest and name not in at_payment and name not in (base.required or ()):
            wanted = f"components of the configuration{nearest(name, newest)}"
            complain(problems, row.line, "components", wanted, name)
