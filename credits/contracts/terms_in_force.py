"""The terms of a contract, period by period: snapshots of terms that do not change once taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from credits.contract import Contract, TermsPeriod
from credits.contracts.rows import BadRow, ContractRow, TermsChoice, complain
from credits.fields import Fields, Problem, nearest
from credits.policies import check_policy
from credits.stamps import local_text
from credits.terms import Terms, read_terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval


def terms_periods(
    group: Sequence[ContractRow],
    former: Contract | None,
    catalogues: Catalogues,
    problems: list[BadRow],
) -> tuple[TermsPeriod, ...]:
    """The terms for each invoice's period. Terms that are stored already stay in force."""
    stored = former.terms if former else ()
    found = [
        (row, terms_period)
        for row in group
        if (terms_period := _terms_period(row, stored, catalogues, problems)) is not None
    ]
    new = [terms_period for _, terms_period in found]
    out = [p for p in stored if not any(p.period.overlaps(n.period) for n in new)]
    for row, terms_period in sorted(found, key=lambda pair: pair[1].period):
        overlapping = next((p for p in out if p.period.overlaps(terms_period.period)), None)
        if overlapping is None:
            out.append(terms_period)
        elif overlapping.terms != terms_period.terms:
            zone = catalogues.revisions[-1].catalogue.zone
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
    catalogues: Catalogues,
    problems: list[BadRow],
) -> TermsPeriod | None:
    choice = row.terms_choice
    snapshot = next(
        (p for p in stored if choice.period.start in p.period and p.label == choice.label), None
    )
    base = snapshot.terms if snapshot else _terms_at_payment(row, catalogues, problems)
    if base is None:
        return None
    _check_components(row, base, catalogues, problems)
    terms = _with_row_choices(base, choice)
    return TermsPeriod(period=choice.period, label=choice.label, terms=terms)


def _with_row_choices(base: Terms, choice: TermsChoice) -> Terms:
    """The terms with the row's own components and management in place of theirs."""
    if choice.components is not None:
        base = replace(base, required=choice.components)
    if choice.management is not None:
        base = replace(base, management=choice.management)
    return base


def _terms_at_payment(
    row: ContractRow, catalogues: Catalogues, problems: list[BadRow]
) -> Terms | None:
    """The terms of that id which were in force when the invoice was paid (clause 3b)."""
    label = row.terms_choice.label
    at_payment, newest = catalogues.at(row.terms_choice.paid_at), catalogues.revisions[-1].catalogue
    for catalogue in (at_payment, newest):
        for terms in catalogue.terms:
            if terms.id == label:
                return _read_terms(row, terms.fields, problems)
    known = ", ".join(terms.id for terms in newest.terms) or "none are configured"
    near = nearest(label, [terms.id for terms in newest.terms])
    complain(problems, row.line, "terms", f"terms of the configuration ({known}){near}", label)
    return None


def _read_terms(
    row: ContractRow, values: Mapping[str, object], problems: list[BadRow]
) -> Terms | None:
    found: list[Problem] = []
    fields = Fields(values, f"terms {row.terms_choice.label}", found)
    terms = read_terms(fields)
    check_policy(fields, terms)
    problems.extend(BadRow(line=row.line, problem=problem) for problem in found)
    return None if found else terms


def _check_components(
    row: ContractRow, base: Terms, catalogues: Catalogues, problems: list[BadRow]
) -> None:
    """Refuse unknown components. Known are those of the newest configuration, of the one in force
    at payment, and of the terms: a component that has left the configuration stays in the terms."""
    newest = {component.id for component in catalogues.revisions[-1].catalogue.components}
    at_payment = {component.id for component in catalogues.at(row.terms_choice.paid_at).components}
    known = newest | at_payment | {ComponentId(name) for name in base.required or ()}
    for name in row.terms_choice.components or ():
        if name not in known:
            wanted = f"components of the configuration{nearest(name, newest)}"
            complain(problems, row.line, "components", wanted, name)
