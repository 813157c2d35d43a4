"""`make docs` writes what is made from the code: schema and manual of settings, the probes' page.

Tests fail where they are not what the code says.
"""

from __future__ import annotations

import json
from pathlib import Path

from monitor.config import json_schema, reference
from monitor.roles.registries import registries
from scripts import probes_page, wording_page

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "config" / "services.schema.json"
MANUAL = ROOT / "docs" / "configuration.md"
_FROM = "## Every setting\n"


def main() -> None:
    kinds = registries()
    schema = json.dumps(json_schema(kinds), indent=2, ensure_ascii=False)
    SCHEMA.write_text(f"{schema}\n", encoding="utf-8")
    written = MANUAL.read_text(encoding="utf-8")
    by_hand = written[: written.index(_FROM)]
    MANUAL.write_text(by_hand + reference(kinds), encoding="utf-8")
    probes_page.write()
    wording_page.write()


if __name__ == "__main__":
    main()
