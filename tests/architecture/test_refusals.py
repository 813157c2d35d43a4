"""Use cases refuse by code; each has a sentence, and none of them names a command or a flag."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

from monitor.cli.refusals import _INSTEAD
from monitor.i18n.refusals import SENTENCES
from tests.architecture.tree import ROOT, sources

EDGE = ("monitor/cli/", "monitor/client/", "monitor/demo/", "monitor/roles/", "monitor/config/")
ADAPTERS = ("monitor/journal/", "monitor/results/stores/")
"""What an operator has to do to a database or a store is theirs to say."""
COMMAND = re.compile(r"\bestado (?!-)[a-z]+ [a-z]|(?<!\S)--[a-z]")
_RAISED = {"Refused", "NotFound", "Stale", "RowNotFound", "RowStale"}


def raised() -> Iterator[tuple[Path, str, set[str]]]:
    """File, code and fields of each refusal in the product."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _RAISED:
                if not node.args:
                    continue
                code = node.args[0]
                assert isinstance(code, ast.Constant), f"{path}: {ast.unparse(node)}"
                yield path, str(code.value), {k.arg or "**" for k in node.keywords}


def test_each_code_has_a_sentence_and_each_sentence_a_code() -> None:
    codes = {code for _, code, _ in raised()}
    assert len(codes) > 20
    assert codes == SENTENCES.keys()
    assert codes >= _INSTEAD.keys()


def test_each_sentence_names_fields_that_are_given() -> None:
    for path, code, given in raised():
        said = SENTENCES[code]
        if isinstance(said, str) and "**" not in given:
            wanted = {name for _, name, _, _ in string.Formatter().parse(said) if name}
            assert wanted <= given, f"{path}: {code}"


def test_no_use_case_names_a_command_or_a_flag() -> None:
    """Whoever asks may be a program. (Alerts do name commands: they go to people alone.)"""
    named = []
    for path in sources():
        place = str(path.relative_to(ROOT))
        if place.startswith((*EDGE, *ADAPTERS)):
            continue
        raises = (
            n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Raise)
        )
        said = (n.value for r in raises for n in ast.walk(r) if isinstance(n, ast.Constant))
        named += [f"{place}: {s}" for s in said if isinstance(s, str) and COMMAND.search(s)]
    assert named == []
