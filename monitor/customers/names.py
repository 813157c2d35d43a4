"""Which components serve which domain: imported as a list, joined with what contracts say."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from typing import TextIO

from monitor.customers.ports import CustomersTransaction
from monitor.domain.change import Actor
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.names import BadName, read_name
from monitor.domain.time.interval import Second

ENCODING = "utf-8-sig"
COLUMNS = ("name", "components")
MOST_PROBLEMS = 1_000
"""After so many mistakes the rest of a file is not read."""
_LONGEST_LINE = 100_000


@dataclass(slots=True)
class NameList:
    """A file as it was read. It must not be used where it has problems: (line, what is wrong)."""

    names: dict[str, set[ComponentId]] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def complain(self, line: int, wanted: str, got: str) -> None:
        self.problems.append((line, f"wanted {wanted}, got {got[:80]!r}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What an import does to the list."""

    total: int
    added: int
    changed: int
    removed: int

    @property
    def is_change(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def read_names(text: TextIO, components: Collection[ComponentId]) -> NameList:
    """The names of a CSV file with the columns `name` and `components`, whose ids are separated by
    spaces. A name of several rows has the components of all of them. Every mistake is reported."""
    found = NameList()
    header = text.readline(_LONGEST_LINE)
    delimiter = ";" if header.count(";") > header.count(",") else ","
    columns = [cell.strip() for cell in header.rstrip("\r\n").split(delimiter)]
    if sorted(columns) != sorted(COLUMNS):
        found.complain(1, f"the columns {' and '.join(COLUMNS)}", ", ".join(columns))
        return found
    for line, cells in _rows(text, delimiter, found):
        if len(found.problems) >= MOST_PROBLEMS:
            found.complain(line, f"at most {MOST_PROBLEMS} mistakes", "more")
            break
        _take(line, dict(zip(columns, cells, strict=False)), components, found)
    return found


def _rows(text: TextIO, delimiter: str, found: NameList) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            line = reader.line_num + 1
            if len(cells) == len(COLUMNS):
                yield line, cells
            elif cells:
                found.complain(line, f"{len(COLUMNS)} cells", str(len(cells)))
    except csv.Error as error:
        found.complain(reader.line_num + 1, "CSV", str(error))


def _take(
    line: int, row: Mapping[str, str], components: Collection[ComponentId], found: NameList
) -> None:
    try:
        name = read_name(row["name"]).ascii
    except BadName:
        found.complain(line, "a domain such as example.com", row["name"])
        return
    wanted = [ComponentId(id_) for id_ in row["components"].split()]
    if not wanted:
        found.complain(line, "at least one component", "none")
    for id_ in wanted:
        if id_ not in components:
            near = get_close_matches(id_, components, n=1)
            found.complain(line, f"a component{f' ({near[0]}?)' if near else ''}", id_)
    found.names.setdefault(name, set()).update(wanted)


def compared(tx: CustomersTransaction, names: Mapping[str, Collection[ComponentId]]) -> Replaced:
    """What would change if these were the list."""
    before = {name: set(found) for name, found in tx.customer_names.listed().items()}
    return Replaced(
        total=len(names),
        added=len(names.keys() - before.keys()),
        changed=sum(before[n] != set(names[n]) for n in names.keys() & before.keys()),
        removed=len(before.keys() - names.keys()),
    )


def replace_names(
    tx: CustomersTransaction,
    names: Mapping[str, Collection[ComponentId]],
    actor: Actor,
    now: Second,
) -> Replaced:
    """Make these the list. The record says how many, and names none. Equal ones change nothing."""
    replaced = compared(tx, names)
    if replaced.is_change:
        tx.customer_names.replace(names)
        told = {
            "total": replaced.total,
            "added": replaced.added,
            "changed": replaced.changed,
            "removed": replaced.removed,
        }
        tx.changes.append([actor.change(now, "names.imported", "names", after=told)])
    return replaced


def served_names(
    tx: CustomersTransaction, shown: Collection[ComponentId], now: Second
) -> Mapping[str, Sequence[ComponentId]]:
    """Every name that a component serves which a page shows, with those components alone."""
    joined: dict[str, set[ComponentId]] = {}
    listed = tx.customer_names.listed().items()
    for name, components in chain(listed, tx.customer_names.of_contracts(now)):
        if found := {id_ for id_ in components if id_ in shown}:
            joined.setdefault(name, set()).update(found)
    return {name: sorted(found) for name, found in joined.items()}
