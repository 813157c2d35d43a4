"""docs/wording.md is what the code says."""

from __future__ import annotations

from probes.registry import all_failures
from scripts.wording_page import PATH, page


def test_it_is_what_make_docs_writes() -> None:
    assert PATH.read_text(encoding="utf-8") == page(all_failures())


def test_it_claims_no_native_review() -> None:
    assert "No native speaker" in " ".join(PATH.read_text(encoding="utf-8").split()).replace(
        "**No\nnative", "No native"
    )
