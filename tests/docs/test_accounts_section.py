"""Both manuals give each role the scopes that it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import SCOPES_OF, AccountRole, Scope

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("manual", ["operating.md", "es/operacion.md"])
def test_a_manual_gives_each_role_its_scopes(manual: str) -> None:
    text = (DOCS / manual).read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    told = {role: set(re.findall(r"`([\w:]+)`", scopes)) for role, scopes in rows}
    assert told.pop("admin") == set()
    assert dict(rows)["admin"] in {"all", "todos"}
    assert SCOPES_OF[AccountRole.ADMIN] == set(Scope)
    assert told == {
        role: set(scopes) for role, scopes in SCOPES_OF.items() if role is not AccountRole.ADMIN
    }
