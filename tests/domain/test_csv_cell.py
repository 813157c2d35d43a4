"""Cells that no spreadsheet runs."""

from __future__ import annotations

import pytest

from monitor.domain.untrusted_text import text_cell


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff20"])
def test_text_that_a_spreadsheet_would_run_is_quoted(first: str) -> None:
    assert text_cell(f"{first}1+1") == f"'{first}1+1"
