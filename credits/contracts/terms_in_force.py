"""What a contract was promised, period by period: snapshots of terms that stand once taken."""

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


def promised_periods(
    group: Sequence[ContractRow],
    former: Contract | None,
    catalogues: Catalogues,
    problems: list[BadRow],
) -> tuple[TermsPeriod, ...]:
    """What was promised for each invoice's period. A promise that was kept once stands."""
    kept = former.terms if former else ()
    found = [
        (row, promised)
        for row in group
        if (promised := _promised(row, kept, catalogues, problems)) is not None
    ]
    new = [promised for _, promised in found]
    out = [p for p in kept if not any(p.period.overlaps(n.period) for n in new)]
    for row, promised in sorted(found, key=lambda pair: pair[1].period):
        rival = next((p for p in out if p.period.overlaps(promised.period)), None)
        if rival is None:
            out.append(promised)
        elif rival.terms != promised.terms:
            zone = catalogues.revisions[-1].catalogue.zone
            until = local_text(rival.period.end, zone)
            wanted = f"one set of terms a period, {rival.label!r} holds until {until}"
            complain(problems, row.line, "terms", wanted, promised.label)
        elif promised.period.end > rival.period.end:
            longer = Interval(rival.period.start, promised.period.end)
            out[out.index(rival)] = replace(rival, period=longer)
    return tuple(sorted(out, key=lambda p: p.period))


def _promised(
    row: ContractRow,
    kept: Sequence[TermsPeriod],
    catalogues: Catalogues,
    problems: list[BadRow],
) -> TermsPeriod | None:
    promise = row.promise
    snapshot = next(
        (p for p in kept if promise.period.start in p.period and p.label == promise.label), None
    )
    base = snapshot.terms if snapshot else _terms_then(row, catalogues, problems)
    if base is None:
        return None
    _check_components(row, base, catalogues, problems)
    terms = _narrowed(base, promise)
    return TermsPeriod(period=promise.period, label=promise.label, terms=terms)


def _narrowed(base: Terms, promise: TermsChoice) -> Terms:
    """The row's own components and management over the terms'."""
    if promise.components is not None:
        base = replace(base, required=promise.components)
    if promise.management is not None:
        base = replace(base, management=promise.management)
    return base


def _terms_then(row: ContractRow, catalogues: Catalogues, problems: list[BadRow]) -> Terms | None:
    """The terms of that id which were in force when the invoice was paid (clause 3b)."""
    label = row.promise.label
    then, newest = catalogues.at(row.promise.paid_at), catalogues.revisions[-1].catalogue
    for catalogue in (then, newest):
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
    fields = Fields(values, f"terms {row.promise.label}", found)
    terms = read_terms(fields)
    check_policy(fields, terms)
    problems.extend(BadRow(line=row.line, problem=problem) for problem in found)
    return None if found else terms


def _check_components(
    row: ContractRow, base: Terms, catalogues: Catalogues, problems: list[BadRow]
) -> None:
    """Those of the configuration of today or of the day of payment, and what was promised before:
    what has left since stays promised."""
    newest = {component.id for component in catalogues.revisions[-1].catalogue.components}
    then = {component.id for component in catalogues.at(row.promise.paid_at).components}
    known = newest | then | {ComponentId(name) for name in base.required or ()}
    for name in row.promise.components or ():
        if name not in known:
            wanted = f"components of the configuration{nearest(name, newest)}"
            complain(problems, row.line, "components", wanted, name)
