"""The published cases, computed by the product's own fold and arithmetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from credits.cases.compute import differences, figures
from credits.cases.read import read_cases
from monitor.cli.credits.command import register

CASES = Path(__file__).parents[1] / "fixtures" / "credit_cases.json"
DOCUMENT: dict[str, Any] = json.loads(CASES.read_text("utf-8"))
NAMES = [case["id"] for case in DOCUMENT["cases"]]
READ = {case.id: case for case in read_cases(CASES.read_text("utf-8")).cases}


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


def only(**changes: Any) -> dict[str, Any]:
    """The file with its first case alone, some of whose parts are changed."""
    case = {**DOCUMENT["cases"][0], **changes}
    return {**DOCUMENT, "cases": [case]}


def run(app: typer.Typer, tmp_path: Path, document: object, *options: str) -> tuple[int, str, str]:
    file = tmp_path / "cases.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    done = CliRunner().invoke(app, ["credits", "recompute", str(file), *options])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_it_computes_the_case_exactly(name: str) -> None:
    wanted = READ[name].expected
    assert wanted is not None
    found = figures(READ[name])
    assert {k: v for k, v in found.items() if k != "id"} == wanted


def test_it_reads_all_thirty_one() -> None:
    assert len(READ) == len(set(NAMES)) == 31


def test_recompute_prints_one_array_and_agrees(app: typer.Typer, tmp_path: Path) -> None:
    code, out, err = run(app, tmp_path, DOCUMENT, "--json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert rows == [{"id": c["id"], **c["expected"]} for c in DOCUMENT["cases"]]


def test_recompute_tells_each_figure_that_differs(app: typer.Typer, tmp_path: Path) -> None:
    expected = {**DOCUMENT["cases"][0]["expected"], "credit": "9.99"}
    code, _, err = run(app, tmp_path, only(expected=expected))
    assert code == 1
    assert err == "B30-ok: expected.credit: wanted '9.99', got '0.00'\n"


def test_recompute_needs_no_expectation(app: typer.Typer, tmp_path: Path) -> None:
    document = only()
    del document["cases"][0]["expected"]
    code, out, err = run(app, tmp_path, document)
    assert (code, err) == (0, "")
    assert "allowed_downtime_s  2851.2" in out
    assert out.endswith("1 computed\n")


def test_a_bad_case_takes_none_of_the_others_with_it(app: typer.Typer, tmp_path: Path) -> None:
    broken = {"id": "broken", "input": {"window": {"start": "yesterday", "end": 5}}}
    document = {**DOCUMENT, "cases": [*DOCUMENT["cases"][:2], broken]}
    code, out, err = run(app, tmp_path, document, "--json")
    assert code == 2
    assert [row["id"] for row in json.loads(out)] == ["B30-ok", "B30-breach"]
    assert err.splitlines() == [
        "broken: input.window.start: wanted a time such as 2026-04-01T00:00:00, whole seconds,"
        " got 'yesterday'",
        "broken: input.window.end: wanted a time such as 2026-04-01T00:00:00, whole seconds, got 5",
    ]


def given(**changes: Any) -> dict[str, Any]:
    return only(input={**DOCUMENT["cases"][0]["input"], **changes})


INVOICE = DOCUMENT["cases"][0]["input"]["invoices"][0]
WEB = DOCUMENT["cases"][0]["input"]["components"][0]

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "a float that is no share": (
        only(policy={"guarantee": 99.89}),
        "policy.guarantee: wanted a decimal number of at least 0 and at most 1, got 99.89",
    ),
    "a mistyped term": (
        only(policy={"garantee": "0.99"}),
        "policy.garantee: wanted a known field, perhaps 'guarantee', got 'garantee'",
    ),
    "an unknown policy": (
        only(policy={"policy": "flat"}),
        "policy.policy: wanted one of prorata, tiers, got 'flat'",
    ),
    "tiers without tiers": (
        only(policy={"policy": "tiers"}),
        "policy.tiers: wanted at least one tier, got nothing",
    ),
    "an unknown zone": (
        only(policy={"tz": "America/Cordobesia"}),
        "policy.tz: wanted a time zone such as America/Argentina/Buenos_Aires,"
        " got 'America/Cordobesia'",
    ),
    "a gap shorter than the interval": (
        only(policy={"probe": {"max_gap_s": 30}}),
        "policy.probe.max_gap_s: wanted at least interval_s (60), got 30",
    ),
    "a fraction of a second": (
        given(window={"start": "2026-04-01T00:00:00.5", "end": "2026-05-01T00:00:00"}),
        "input.window.start: wanted a time such as 2026-04-01T00:00:00, whole seconds,"
        " got '2026-04-01T00:00:00.5'",
    ),
    "a window that ends before it starts": (
        given(window={"start": "2026-05-01T00:00:00", "end": "2026-04-01T00:00:00"}),
        "input.window.end: wanted a time after start ('2026-05-01T00:00:00'),"
        " got '2026-04-01T00:00:00'",
    ),
    "an outage that ends before it starts": (
        given(components=[{**WEB, "down": [["2026-04-02T00:00:00", "2026-04-01T00:00:00"]]}]),
        "input.components[0].down[0][1]: wanted a time not before '2026-04-02T00:00:00',"
        " got '2026-04-01T00:00:00'",
    ),
    "an exclusion of nobody": (
        given(
            exclusions=[
                {
                    "start": "2026-04-02T00:00:00", "end": "2026-04-03T00:00:00",
                    "components": ["wbe"], "cause": "customer", "approved": True,
                }
            ]
        ),
        "input.exclusions[0].components[0]: wanted a component of this case, got 'wbe'",
    ),
    "two components under one id": (
        given(components=[WEB, {**WEB, "down": []}]),
        "input.components[1].id: wanted an id of its own, got 'web'",
    ),
    "probes and outages of one component": (
        given(components=[{**WEB, "probes": []}]),
        "input.components[0].probes: wanted either probes, or down and degraded, got []",
    ),
    "two currencies in one case": (
        given(invoices=[INVOICE, {**INVOICE, "id": "F-2", "currency": "ARS"}]),
        "input.invoices[1].currency: wanted 'USD', as in the case's first invoice, got 'ARS'",
    ),
    "an amount that is text": (
        given(invoices=[{**INVOICE, "net_amount": "12,50"}]),
        "input.invoices[0].net_amount: wanted a decimal number of at least 0, got '12,50'",
    ),
    "an id used twice": (
        {**DOCUMENT, "cases": DOCUMENT["cases"][:1] * 2},
        "id: wanted an id of its own, got 'B30-ok'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_names_case_path_wanted_and_got(app: typer.Typer, tmp_path: Path, mistake: str) -> None:
    document, message = MISTAKES[mistake]
    code, _, err = run(app, tmp_path, document)
    assert (code, err) == (2, f"B30-ok: {message}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "the file: wanted an object, got []"),
        ("{}", "cases: wanted a list, got nothing"),
        ("{", "the file: wanted JSON, got Expecting property name"),
        ('{"cases": [], "cases": []}', "the file: wanted JSON, got the key 'cases' twice"),
        ('{"cases": [3]}', "cases[0]: wanted a mapping, got 3"),
    ],
)
def test_it_says_what_is_no_file_of_cases(
    app: typer.Typer, tmp_path: Path, text: str, said: str
) -> None:
    code, _, err = run(app, tmp_path, text)
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_difference_names_the_line_it_is_in() -> None:
    wanted = {"lines": [{"amount": "1.00"}], "status": "eligible", "gone": 1}
    found = {"lines": [{"amount": "1.01"}], "status": "eligible"}
    assert [str(d) for d in differences(wanted, found)] == [
        "expected.lines[0].amount: wanted '1.00', got '1.01'",
        "expected.gone: wanted 1, got None",
    ]
