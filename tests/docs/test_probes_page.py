"""docs/probes.md says what the registry says."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.cli.probe.settings import describe
from probes._kind import ProbeKind
from probes.registry import PROBES, all_failures
from scripts.probes_page import PAGE, page

FAILURES = all_failures()
WRITTEN = PAGE.read_text("utf-8")
KINDS = [pytest.param(kind, id=name) for name, kind in PROBES.items()]


def test_it_is_what_the_registry_gives_now() -> None:
    fresh = page(PROBES, FAILURES)
    assert fresh == WRITTEN, "out of date; run: make docs"


@pytest.mark.parametrize("kind", KINDS)
def test_it_documents_each_kind_with_an_example_phases_and_settings(kind: ProbeKind) -> None:
    section = WRITTEN.split(f"\n## {kind.name}\n")[1].split("\n## ")[0]
    assert kind.example in section
    assert f"Phases: {', '.join(kind.phases)}." in section
    wanted: list[Any] = [name for name, _, _ in describe(kind)]
    assert [name for name in wanted if f"| `{name}` |" not in section] == []
    assert [one.id for one in kind.failures if f"(#{one.id})" not in section] == []


@pytest.mark.parametrize("ident", sorted(FAILURES))
def test_it_says_of_each_failure_its_cause_its_remedy_and_what_customers_read(ident: str) -> None:
    failure = all_failures()[ident]
    section = WRITTEN.split(f"\n### {ident}\n")[1].split("\n### ")[0]
    texts = (failure.summary, failure.cause, failure.remedy)
    told = (failure.outcome.value, *(text.in_locale("en") for text in texts))
    public = f"wording.md#{failure.symptom.value}"
    assert [words for words in (*told, public) if words not in section] == []
