"""A few rows of a report are found in its text: the same as whoever reads all of it finds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credits.report.looking_up import IssuedBody
from credits.report.rows import canonical

ODD = '"credits":[{"adjusts_credit_id":"client_id":"77"'


def row(client: str, number: int, **others: Any) -> dict[str, Any]:
    return {
        "adjusts_credit_id": None, "base": {"net": 1}, "client_id": client,
        "contract_id": f"C-{number}", "evidence_hash": f"{number:064x}", "product": "Ñandú",
        "unwatched": [{"component": "web"}], **others,
    }  # fmt: skip


def body(*rows: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "assessed": {}, "components": [{"id": "web", "name": ODD, "outages": []}],
        "credits": list(rows), "default_terms": {"client_id": "77"},
        "evidence": {
            one["evidence_hash"]: {"client_id": "77", "n": n} for n, one in enumerate(rows)
        },
        "period": "2026-10", "totals": [], "window": {"start": "a", "end": "b"}, "zone": "UTC",
        **others,
    }  # fmt: skip


MONTH = body(
    row("77", 1), row("7", 2), row("77", 3, product=ODD), row(ODD, 4), row("ñ 77", 5), row("77", 6)
)  # fmt: skip


@pytest.mark.parametrize("client", ["77", "7", ODD, "ñ 77", "nobody"])
def test_what_is_found_is_what_is_there(client: str) -> None:
    read = IssuedBody(canonical(MONTH))
    found = read.about("client_id", client)
    wanted = [one for one in MONTH["credits"] if one["client_id"] == client]
    assert found["credits"] == wanted
    assert found["evidence"] == {
        one["evidence_hash"]: MONTH["evidence"][one["evidence_hash"]] for one in wanted
    }
    assert found["components"] == MONTH["components"]
    assert (found["period"], found["zone"], read.window) == ("2026-10", "UTC", MONTH["window"])
    assert read.has_evidence(f"{3:064x}")
    assert not read.has_evidence(f"{9:064x}")
    assert "_whole" not in vars(read), "all of it was read"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(MONTH),
        canonical({**MONTH, "credits": [row("77", 1), {"aaa": 1, **row("77", 3)}]}),
        canonical({**MONTH, "credits": [row("77", 1, unwatched=[{"client_id": "77"}])]}),
        canonical({name: value for name, value in MONTH.items() if name != "default_terms"}),
        canonical({**MONTH, "credits": []}),
    ],
    ids=["spaces", "rows unlike", "nested", "older", "none"],
)  # fmt: skip
def test_what_is_written_otherwise_is_read_whole_and_says_the_same(text: str) -> None:
    whole = json.loads(text)
    found = IssuedBody(text).about("client_id", "77")
    assert found["credits"] == [one for one in whole["credits"] if one["client_id"] == "77"]
    assert found["window"] == whole["window"]
    assert found["components"] == whole["components"]
