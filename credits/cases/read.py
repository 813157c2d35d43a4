"""Reading a file of cases. Every problem has its case, its path, what was wanted and what was got.
A case that cannot be read does not prevent the others from being read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from credits.cases.case import Case
from credits.cases.inputs import (
    INPUTS,
    read_account,
    read_approved,
    read_components,
    read_contracted,
    read_maintenance,
    read_segments,
    read_window,
)
from credits.cases.times import CaseFields, read_zone
from credits.fields import Fields, InvalidFields, Problem, shown
from credits.policies import check_policy
from credits.terms import Terms, read_terms
from monitor.domain.checks.fold import Policy

DEFAULT_POLICY: Mapping[str, object] = {
    "guarantee": "0.9989",
    "probe": {"interval_s": 60, "max_gap_s": 120, "confirm_down": 3, "confirm_up": 1},
}
_NOTES = {"comparison", "rounding_unit"}
"""Settings that a file states for its readers; this program has them built in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCase:
    """A case that could not be read; `name` is its id, or its place where it has none."""

    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """The cases of a file, in its order."""

    cases: list[Case] = field(default_factory=list)
    bad: list[BadCase] = field(default_factory=list)


def read_cases(text: str) -> CaseFile:
    """Read a file's text. Raises InvalidFields where it is not a file of cases."""
    document = _document(text)
    problems: list[Problem] = []
    top = Fields(document, "", problems)
    default = top.inner("policy_default").values
    rows = top.listed("cases")
    if not problems and not isinstance(document.get("cases"), list):
        top.complain("cases", "a list")
    if problems:
        raise InvalidFields(problems)
    return _read_all(rows, merged(DEFAULT_POLICY, default))


def merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """`above` over `below`, mapping by mapping."""
    out = dict(below)
    for key, value in above.items():
        under = out.get(key)
        if isinstance(value, Mapping) and isinstance(under, Mapping):
            out[key] = merged(under, value)
        else:
            out[key] = value
    return out


def _document(text: str) -> Mapping[str, object]:
    try:
        found = json.loads(text, parse_float=Decimal, object_pairs_hook=_unique)
    except ValueError as exc:
        raise InvalidFields([Problem(path="the file", wanted="JSON", got=str(exc))]) from exc
    if not isinstance(found, dict):
        raise InvalidFields([Problem(path="the file", wanted="an object", got=shown(found))])
    return found


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Refuse equal keys: Python's JSON parser keeps the last one and drops the first silently."""
    out: dict[str, object] = {}
    for key, value in pairs:
        if key in out:
            raise ValueError(f"the key {key!r} twice in one object")
        out[key] = value
    return out


def _read_all(rows: Sequence[object], default: Mapping[str, object]) -> CaseFile:
    file, seen = CaseFile(), set[str]()
    for i, row in enumerate(rows):
        name, problems = f"cases[{i}]", list[Problem]()
        if not isinstance(row, Mapping):
            problems.append(Problem(path=name, wanted="a mapping", got=shown(row)))
            file.bad.append(BadCase(name=name, problems=tuple(problems)))
            continue
        fields = Fields(row, "", problems)
        name = fields.text("id") or name
        if name in seen:
            fields.complain("id", "an id of its own")
        seen.add(name)
        case = _case(name, fields, default)
        if problems or case is None:
            file.bad.append(BadCase(name=name, problems=tuple(problems)))
        else:
            file.cases.append(case)
    return file


def _case(name: str, fields: Fields, default: Mapping[str, object]) -> Case | None:
    fields.mistyped({"id", "title", "clauses", "note", "policy", "input", "expected"})
    policy = Fields(merged(default, fields.inner("policy").values), "policy", fields.problems)
    zone = read_zone(policy)
    terms = _terms(policy)
    probing = _probing(policy.inner("probe"))
    if zone is None or probing is None:
        return None
    given = fields.inner("input")
    given.known(INPUTS)
    inputs = CaseFields(given.values, given.path, given.problems, zone)
    window = read_window(inputs)
    components = read_components(inputs)
    known = {component.id for component in components}
    return Case(
        id=name,
        terms=terms,
        probing=probing,
        window=window,
        contracted=read_contracted(inputs, window),
        components=components,
        maintenance=read_maintenance(inputs, known),
        approved=read_approved(inputs, known),
        segments=read_segments(inputs),
        is_suspended=read_account(inputs),
        expected=fields.inner("expected").values if fields.has("expected") else None,
    )


def _terms(policy: Fields) -> Terms:
    not_terms = {"probe", *_NOTES}
    values = {k: v for k, v in policy.values.items() if k not in not_terms}
    fields = Fields(values, policy.path, policy.problems)
    terms = read_terms(fields)
    check_policy(fields, terms)
    return terms


def _probing(fields: Fields) -> Policy | None:
    fields.known({"interval_s", "max_gap_s", "confirm_down", "confirm_up"})
    before = len(fields.problems)
    counts = {
        key: fields.count(key, least=1)
        for key in ("interval_s", "max_gap_s", "confirm_down", "confirm_up")
    }
    if counts["max_gap_s"] < counts["interval_s"] and len(fields.problems) == before:
        fields.complain("max_gap_s", f"at least interval_s ({counts['interval_s']})")
    if len(fields.problems) > before:
        return None
    return Policy(
        interval=counts["interval_s"],
        max_gap=counts["max_gap_s"],
        confirm_down=counts["confirm_down"],
        confirm_up=counts["confirm_up"],
    )
