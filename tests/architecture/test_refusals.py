"""Use cases refuse by code; each has a sentence, and none of them names a command or a flag."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

from monitor.cli.refusals import _INSTEAD
from monitor.domain.refusals import Refused, no_such
from monitor.i18n.es.refusals import KINDS, NAMES
from monitor.i18n.refusals import SENTENCES, SPANISH, sentence_in
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
            assert _named(said) <= given, f"{path}: {code}"


def test_each_sentence_is_in_spanish_too_and_names_no_more() -> None:
    """Whoever chose Spanish reads no English, at whatever door."""
    assert SPANISH.keys() == SENTENCES.keys()
    for code, said in SPANISH.items():
        english = SENTENCES[code]
        if isinstance(said, str) and isinstance(english, str):
            assert _named(said) <= _named(english), code


def test_what_a_sentence_names_has_a_spanish_name() -> None:
    """Kinds of things, fields of forms and texts: whatever a use case or a form names."""
    kinds, names = set(), set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if called == "no_such":
                kinds |= _constants(node.args[:1])
            if called in ("number", "moment") and path.is_relative_to(ROOT / "monitor/console"):
                names |= _constants(node.args[:1])
            if called in ("required_words", "public_text", "plain_label", "plain_words"):
                names |= _constants(node.args[1:2])
            if called in _RAISED:
                names |= _constants(k.value for k in node.keywords if k.arg in ("field", "what"))
    assert {"incident", "check"} <= kinds
    assert {"start", "title", "days", "phase"} <= names
    assert kinds <= KINDS.keys()
    assert names <= NAMES.keys()


def test_a_refusal_in_spanish_says_what_the_english_one_says() -> None:
    def said(refused: Refused) -> str:
        words, lang = sentence_in(refused, "es")
        assert lang == "es"
        return words

    assert said(no_such("public component", "wbe", ["web"])) == (
        "no hay ningún componente público wbe; ¿quiso decir web?"
    )
    assert said(no_such("check", "x", [])) == "no hay ningún control x; todavía no hay nada"
    assert said(Refused("maintenance.short_notice", wanted_s=172_800, given_s=5_400)) == (
        "se anuncia 48 h 0 min antes del comienzo, y faltan 1 h 30 min"
    )
    assert said(Refused("form.time", field="began", got="x")) == (
        "comienzo: se esperan un día y una hora, y dice 'x'"
    )
    assert said(Refused("text.empty", what="title")) == "falta el título"
    assert said(Refused("contracts.invalid", count=1, errors=[])) == (
        "hay 1 error en el archivo y no se guardó nada: están en errors"
    )


def _named(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


def _constants(nodes: Iterable[ast.expr]) -> set[str]:
    return {str(n.value) for n in nodes if isinstance(n, ast.Constant) and n.value}


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
