"""The file that people carry to the billing panel, and the one that they confirm it by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.domain.refusals import Refused
from monitor.domain.untrusted_text import comma_cell, text_cell, visible

COLUMNS = (
    "credit_id", "client_id", "service_id", "invoice_ids", "amount", "currency", "description",
    "handed_out_at", "reference",
)  # fmt: skip
_NUMBERS = frozenset({"amount"})
_ID, _REFERENCE = "credit_id", "reference"
LARGEST = 1024 * 1024


def carried_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Semicolons and decimal commas, as Spanish spreadsheets want them; the byte order mark belongs
    to the encoding (`utf-8-sig`). `reference` is left for people to fill in."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = ((name, row[name]) for name in COLUMNS)
        writer.writerow(
            comma_cell(cell) if name in _NUMBERS else visible(text_cell(cell))
            for name, cell in cells
        )
    return out.getvalue()


def confirmed_references(text: str) -> Mapping[str, str]:
    """The references that people have filled in, by credit; rows without one are left out. Raises
    Refused where it is no such file, or names a credit twice."""
    if len(text) > LARGEST:
        raise Refused("applying.file", wanted=f"at most {LARGEST} characters")
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused("applying.file", wanted=f"CSV ({error})") from error
    found: dict[str, str] = {}
    for row in rows:
        credit, reference = row.get(_ID), row.get(_REFERENCE)
        if credit is None or reference is None:
            raise Refused("applying.file", wanted=f"the columns {_ID} and {_REFERENCE}")
        if not reference.strip():
            continue
        if found.setdefault(credit.strip(), reference.strip()) != reference.strip():
            raise Refused("applying.file", wanted=f"{credit} once")
    return found
