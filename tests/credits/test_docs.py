"""What the billing pages show works as shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from credits.cases.compute import differences, figures
from credits.cases.read import read_cases
from credits.contracts.rows import COLUMNS
from credits.terms import KNOWN
from monitor.domain.time.interval import Second
from tests.credits.desk import BEGAN, Desk

DOCS = Path(__file__).parents[2] / "docs"
BILLING = (DOCS / "billing.md").read_text("utf-8")


def block(text: str, language: str) -> str:
    """The first fenced block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_case_that_the_page_shows_is_as_it_says() -> None:
    (case,) = read_cases(json.dumps(json.loads(block(BILLING, "json")))).cases
    assert case.expected is not None
    assert differences(case.expected, figures(case)) == []


@pytest.mark.parametrize("page", ["billing.md", "es/facturacion.md"])
def test_the_contracts_that_the_pages_show_can_be_imported(desk: Desk, page: str) -> None:
    shipped = DOCS.parent / "config" / "services.yaml"
    desk.publish(shipped.read_text("utf-8"), Second(BEGAN + 3600))
    rows = block((DOCS / page).read_text("utf-8"), "csv")
    ran = desk.type("contracts", "import", desk.write(rows), "--dry-run")
    assert (ran.code, ran.err) == (0, "")


def test_the_page_names_every_column_and_every_term_of_a_case() -> None:
    for name in COLUMNS:
        assert f"`{name}`" in BILLING
    beside = {"policy_version", "required", "groups", "management", "exclusions_allowed"}
    for name in KNOWN - beside:
        assert f"`{name}`" in BILLING
