"""Whether a report's CSV opens in LibreOffice in Spanish with the numbers, times and letters that
its JSON has: `estado report 2026-10 --format json > r.json`, then
`python -m scripts.spreadsheet_proof r.json`.

It is no test: LibreOffice with what it needs is hundreds of megabytes, for which each run of the
pipeline would wait. Whoever changes what stands in a cell runs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from credits.report.csv import SPANISH, csv_text

LANGUAGES = {"es-AR": 11274, "es-ES": 3082}
"""As Windows numbers them, and with it the filter."""
HARD = {
    "product": '=HYPERLINK("http://x";"Ñandú")', "client_id": "@Ñandú & Cía",
    "amount": "-1.660", "net_base": "1234.560", "exact_amount": "5/3",
    "uptime_fraction": "1/2", "allowed_s": "2946.24",
    "window_start_local": "2026-10-12T10:00:00-03:00", "invoice_start": "2026-10-01",
}  # fmt: skip
"""A row of what a spreadsheet takes for something else."""
_SECONDS = len("2026-10-12T10:00:00")
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_NUMBERS = ("amount", "net_base", "uptime_display", "downtime_s", "contracted_s", "allowed_s")
_REST = 200
"""More empty cells than that are what is left of the sheet."""
Cell = tuple[str, str]
"""What LibreOffice took it for, and its value."""


def main() -> int:
    document: dict[str, Any] = json.loads(Path(sys.argv[1]).read_bytes())
    document["credits"] = [*document["credits"], {**document["credits"][0], **HARD}]
    wrong = 0
    for (language, number), is_keen in product(LANGUAGES.items(), (False, True)):
        rows = list(opened(csv_text(document, SPANISH), number, is_keen=is_keen))
        pairs = zip(document["credits"], rows, strict=True)
        found = [fault for pair in pairs for fault in faults(*pair)]
        wrong += len(found)
        keen = "with" if is_keen else "without"
        print(f"{language} {keen} special numbers: {len(rows)} rows, {len(found)} wrong", *found)
    return 1 if wrong else 0


def faults(row: dict[str, Any], cells: dict[str, Cell]) -> Iterator[str]:
    """What was read otherwise than the JSON says."""
    for name in _NUMBERS:
        value = row.get(name)
        if value is None or "/" in str(value):
            continue
        kind, read = cells[name]
        if kind != "float" or Decimal(read) != Decimal(str(value)):
            yield f"{name}: {value!r} as {kind} {read!r}"
    local = row["window_start_local"][:_SECONDS]
    # Which it is, is set where the file is opened; neither is another time.
    if cells["window_start_local"] not in _as_times(local):
        yield f"window_start_local: {local} as {cells['window_start_local']}"
    for name in ("product", "client_id", "exact_amount", "uptime_fraction"):
        kind, read = cells.get(name, ("string", ""))
        if kind in ("date", "formula") or (name == "product" and row[name].lstrip("=") not in read):
            yield f"{name}: {row.get(name)!r} as {kind} {read!r}"


def _as_times(local: str) -> tuple[Cell, ...]:
    """A midnight is written without its time."""
    day, shown = local.removesuffix("T00:00:00"), local.replace("T", " ")
    return (("date", local), ("date", day), ("string", shown))


def opened(text: str, language: int, *, is_keen: bool) -> Iterator[dict[str, Cell]]:
    """The rows as LibreOffice has them; `is_keen` to see dates in anything."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.csv"
        path.write_text(text, "utf-8-sig", newline="")
        options = f"CSV:59,34,76,1,,{language},false,{str(is_keen).lower()}"
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
             "--convert-to", "fods", f"--infilter={options}", "--outdir", folder, str(path)],
            check=True, capture_output=True,
        )  # fmt: skip
        sheet = ET.parse(Path(folder) / "report.fods")  # noqa: S314 - written here
    head, *rows = (list(_cells(row)) for row in sheet.iter(f"{_TABLE}table-row"))
    names = [name for _, name in head]
    for row in rows:
        if row:
            yield dict(zip(names, row, strict=False))


def _cells(row: ET.Element) -> Iterator[Cell]:
    """Equal neighbours are written once."""
    for cell in row.iter(f"{_TABLE}table-cell"):
        kind = cell.get(f"{_OFFICE}value-type", "")
        said = "".join("".join(p.itertext()) for p in cell.iter(f"{_TEXT}p"))
        value = cell.get(f"{_OFFICE}value") or cell.get(f"{_OFFICE}date-value") or said
        found = ("formula" if cell.get(f"{_TABLE}formula") else kind, value)
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if kind or times < _REST:
            yield from [found] * times


if __name__ == "__main__":
    sys.exit(main())
