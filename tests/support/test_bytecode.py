"""A run compiles each file of the product once, whatever the machine's habit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import monitor.roles.supervisor as of_the_product


def test_what_a_run_starts_keeps_what_it_compiles(tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text("")
    subprocess.run([sys.executable, "-c", "import told"], cwd=tmp_path, check=True)
    assert Path(cache_from_source(str(tmp_path / "told.py"))).is_file()


def test_a_run_finds_the_product_compiled() -> None:
    assert not sys.dont_write_bytecode
    assert os.access(cache_from_source(of_the_product.__file__), os.R_OK)
