"""docs/deployment.md and the operators' guide name every alert, and files and units that exist."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import ROOT
from tests.deploy.tree import alert_rules

PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "es" / "operacion.md").read_text("utf-8")
ALERTS = [str(rule["alert"]) for rule in alert_rules()]


def test_it_lists_every_alert_and_no_other() -> None:
    assert set(re.findall(r"`(Estado[A-Z]\w+)`", PAGE)) == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS)
def test_it_says_in_spanish_what_to_do_about_each(alert: str) -> None:
    named = re.findall(r"`(Estado\w+)(…?)`", GUIDE)
    assert any(alert == name or (rest and alert.startswith(name)) for name, rest in named)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"\b(?:deploy|requirements|config)/[\w./-]+\w", PAGE)))
)
def test_it_names_files_that_are_there(path: str) -> None:
    is_made = path.startswith("deploy/secrets/")
    assert is_made or (ROOT / path).exists()
