"""The worked examples of docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, module_name, sources

WITH_EXAMPLES = [
    path
    for path in (*sources(), *sorted((ROOT / "tests").rglob("*.py")))
    if ">>> " in path.read_text("utf-8") and path != Path(__file__)
]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=module_name)
def test_it_holds_as_written(path: Path) -> None:
    result = doctest.testmod(importlib.import_module(module_name(path)))
    assert result.attempted > 0
    assert result.failed == 0
