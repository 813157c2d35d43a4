"""Every module stands in a layer, and each import contract bites."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT, module_name, pyproject, sources

CONTRACTS = {c["id"]: c for c in pyproject()["tool"]["importlinter"]["contracts"]}
LAYERS = re.findall(r"[\w.]+", " ".join(CONTRACTS["layers"]["layers"]))

# One forbidden import a contract: where it is planted, what, and who must object.
PLANTED = {
    "layers": ("monitor/domain/planted.py", "import monitor.evaluation"),
    "page": ("statuspage/view/planted.py", "import statuspage.serve"),
    "pure": ("credits/planted.py", "import asyncio"),
    "ports": ("monitor/evaluation/planted.py", "import monitor.journal.database"),
    "one-apscheduler": ("monitor/roles/planted.py", "import apscheduler"),
    "one-influxdb-client": ("statuspage/planted.py", "import influxdb_client"),
    "one-reportlab": ("credits/report/planted.py", "import reportlab"),
    "one-sqlalchemy": ("monitor/results/planted.py", "import sqlalchemy.orm"),
}


def stands_in_a_layer(module: str) -> bool:
    return any(module == layer or module.startswith(f"{layer}.") for layer in LAYERS)


def test_it_finds_every_module_in_a_layer() -> None:
    strays = sorted(m for m in map(module_name, sources()) if not stands_in_a_layer(m))
    assert strays == ["credits", "monitor"]


def test_it_keeps_the_packages_above_all_layers_empty() -> None:
    for package in ("credits", "monitor"):
        tree = ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))
        assert [type(node) for node in tree.body] == [ast.Expr]


def test_it_breaks_each_contract_by_one_planted_import(tmp_path: Path) -> None:
    assert PLANTED.keys() == CONTRACTS.keys()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_all_but_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, line in PLANTED.values():
        (tmp_path / path).write_text(f'"""Planted."""\n\n{line}\n', "utf-8")
    verdicts = _lint(tmp_path)
    missed = [c["name"] for c in CONTRACTS.values() if f"{c['name']} BROKEN" not in verdicts]
    assert missed == []


def _lint(tree: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return done.stdout


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if not n.endswith(".py") and not (Path(folder) / n).is_dir()]
