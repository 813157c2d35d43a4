"""The files of deploy/, as the tests of them read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.architecture.tree import ROOT

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def alert_rules() -> list[dict[str, Any]]:
    """Every alert of the rules, in their order."""
    return [rule for group in read_yaml(RULES)["groups"] for rule in group["rules"]]
