"""What a new configuration changes, by id, for the person who is about to apply it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from monitor.domain.catalogue import Catalogue
from monitor.domain.secret import Secret
from monitor.domain.text import Text

_LISTED = ("services", "components", "checks", "gates", "support", "terms")
_SINGLE = ("page", "maintenance", "store", "operations", "subscribers", "billing")
_KINDS = {"terms": "terms", "gates": "connectivity check"}
"""What one of them is called, where that is not its list's name in the singular."""
_FIELDS = {"gate": "connectivity_check"}
"""Fields of a catalogue that the file has by another name."""
_SHOWN = 80
_MONEY = ("terms", "timezone", "maintenance")
"""Kinds that decide what is credited: each line of them is shown, and first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field; `before` and `after` as text."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that is in both catalogues, with what differs."""

    kind: str
    id: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`added` and `removed` hold (kind, id)."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    changed: tuple[Changed, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)

    def __str__(self) -> str:
        """Lines that begin with +, - or ~."""
        if self.is_empty:
            return "nothing changes"
        return "\n".join(
            [
                *(f"- {kind} {name} (its history stays)" for kind, name in self.removed),
                *(f"+ {kind} {name}" for kind, name in self.added),
                *(line for changed in self.changed for line in _lines(changed)),
            ]
        )


def summary(found: Difference) -> list[str]:
    """What a person reads before confirming: changes that decide about money line by line, then the
    numbers of changes of each other kind.

    >>> summary(Difference(added=(("check", "a"), ("check", "b")), removed=(("terms", "gold"),)))
    ['- terms gold (its history stays)', 'check: 2 added']
    """
    money = Difference(
        added=tuple(key for key in found.added if key[0] in _MONEY),
        removed=tuple(key for key in found.removed if key[0] in _MONEY),
        changed=tuple(changed for changed in found.changed if changed.kind in _MONEY),
    )
    lines = [] if money.is_empty else str(money).splitlines()
    return lines + [_counted(found, kind) for kind in _kinds(found)]


def _kinds(found: Difference) -> list[str]:
    keys = (*found.removed, *found.added, *((c.kind, c.id) for c in found.changed))
    return [kind for kind in dict.fromkeys(kind for kind, _ in keys) if kind not in _MONEY]


def _counted(found: Difference, kind: str) -> str:
    counts = {
        "removed (history stays)": sum(key[0] == kind for key in found.removed),
        "added": sum(key[0] == kind for key in found.added),
        "changed": sum(changed.kind == kind for changed in found.changed),
    }
    return f"{kind}: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def difference(before: Catalogue, after: Catalogue) -> Difference:
    """What differs between two catalogues; order alone is no difference."""
    olds, news = dict(_parts(before)), dict(_parts(after))
    changed = [
        Changed(kind=key[0], id=key[1], changes=changes)
        for key in olds
        if key in news and (changes := tuple(_changes(olds[key], news[key])))
    ]
    return Difference(
        added=tuple(key for key in news if key not in olds),
        removed=tuple(key for key in olds if key not in news),
        changed=tuple(changed),
    )


def describe_difference(before: Catalogue, after: Catalogue) -> str:
    """The difference as lines for a person."""
    return str(difference(before, after))


def _parts(catalogue: Catalogue) -> Iterator[tuple[tuple[str, str], object]]:
    yield ("timezone", ""), catalogue.zone.key
    for name in _SINGLE:
        yield (name, ""), getattr(catalogue, name)
    for name in _LISTED:
        for item in getattr(catalogue, name):
            yield (_KINDS.get(name, name.removesuffix("s")), item.id), item
    alerting = catalogue.alerting
    yield ("alerts", ""), {f: getattr(alerting, f) for f in _plain_fields(alerting)}
    for route in alerting.every_route:
        ids = tuple(target.id for target in route.targets)
        audience = "billing" if route in alerting.billing_routes else "operators"
        parts = {"via": ids, "components": route.components, "audience": audience}
        yield ("route", route.id), parts
        for target in route.targets:
            yield ("target", target.id), target


_ROUTES = ("routes", "billing_routes")


def _plain_fields(alerting: object) -> list[str]:
    return [f.name for f in fields(alerting) if f.name not in _ROUTES]  # type: ignore[arg-type]


def _changes(before: object, after: object, at: str = "") -> Iterator[FieldChange]:
    if before == after:
        return
    old, new = _inside(before), _inside(after)
    if old is None or new is None or type(before) is not type(after):
        yield FieldChange(field=at, before=_show(before), after=_show(after))
        return
    for name in dict.fromkeys((*old, *new)):
        written = _FIELDS.get(name, name)
        inner = f"{at}.{written}" if at else written
        yield from _changes(old.get(name), new.get(name), inner)


def _inside(value: object) -> Mapping[str, Any] | None:
    """The parts of a value that has any. None for texts and single values: they are shown whole."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, Text):
        # A secret shows its mask; that it is another one shows in its inequality.
        return (
            None
            if isinstance(value, Secret)
            else {f.name: getattr(value, f.name) for f in fields(value)}
        )
    return None


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Text):
        return " / ".join(value.by_locale.values())
    if isinstance(value, tuple | list | frozenset):
        return _cut(", ".join(_show(item) for item in _in_order(value)) or "none")
    if is_dataclass(value) and not isinstance(value, Secret):
        return _cut(str(getattr(value, "id", value)))
    return _cut(str(value))


def _in_order(values: Iterable[object]) -> list[object]:
    return sorted(values, key=str) if isinstance(values, frozenset) else list(values)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _lines(changed: Changed) -> Iterator[str]:
    subject = f"{changed.kind} {changed.id}".strip()
    for change in changed.changes:
        place = f"{subject}: {change.field}" if change.field else subject
        yield f"~ {place}: {change.before} → {change.after}"
