"""Settings of a credit policy, of one that only these tests have: from a file to a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.cases.read import read_cases
from credits.fields import Fields, InvalidFields
from credits.money import exact_text
from credits.policies import POLICIES, problems_of_terms
from credits.policies._policy import AmountDue, Line, PolicyKind
from credits.terms import Terms, terms_of, terms_of_text
from credits.verdict import Judgement
from monitor.config import compile_catalogue
from monitor.domain.time.interval import Second
from monitor.roles.registries import registries
from tests.config.specimens import HEAD, with_services
from tests.credits.desk import BEGAN, CONFIG, Desk
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.credits.test_report import FELL, ROSE, lived, november, told

__all__ = ["november"]

DEFAULT = Fraction(1, 10)
GUARANTEE = 'guarantee: "0.9989"'


def portion(line: Line, judgement: Judgement, terms: Terms) -> AmountDue:
    """A fixed part of the price, however long the outage."""
    part = terms.setting("part", DEFAULT) if line.downtime else Fraction(0)
    return AmountDue(exact=line.price * part, arithmetic=f"{exact_text(part)} of the price")


def _check(fields: Fields, terms: Terms) -> None:
    if terms.setting("part", DEFAULT) > 1:
        fields.inner("settings").complain("part", "at most 1")
    if terms.setting("part", DEFAULT) == 0:
        raise ZeroDivisionError("a plugin's\nmistake")


KIND = PolicyKind(
    policy="portion", version=1, amount_due=portion, check=_check, settings=frozenset({"part"})
)


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program has the policy, for as long as one test."""
    kinds = {**POLICIES._ours, KIND.name: f"{__name__}:KIND"}
    monkeypatch.setattr(POLICIES, "_ours", kinds)
    monkeypatch.setattr(POLICIES, "_loaded", {})
    registries.cache_clear()
    yield
    registries.cache_clear()


def promised(policy: str = "portion", /, **settings: object) -> dict[str, object]:
    return {"guarantee": "0.9989", "policy": policy, "settings": settings}


def configured(policy: str, settings: str) -> str:
    return CONFIG.replace(
        GUARANTEE, f"{GUARANTEE}\n    policy: {policy}\n    settings: {{{settings}}}"
    )


def refused(desk: Desk, policy: str, settings: str) -> list[str]:
    """What `config check` says of a file with these terms; their settings are in line 11."""
    file = desk.write(configured(policy, settings), "terms.yaml")
    ran = desk.type("config", "check", file)
    assert ran.code == 2
    return [line for line in ran.err.replace(file, "F").splitlines() if line.startswith("F:")]


def test_a_setting_reaches_its_policy_exactly() -> None:
    head = HEAD + "terms:\n" + "".join(
        f"  - {{id: t{i}, guarantee: 99.89 %, policy: portion, settings: {{part: {written}}}}}\n"
        for i, written in enumerate(("1/30", "0.05", "5 %", "2/60", '"0.1"'))
    )  # fmt: skip
    text = with_services("  []\n", head)
    found = compile_catalogue(text, filename="services.yaml", registries=registries()).terms
    assert [terms_of(terms.fields).setting("part", DEFAULT) for terms in found] == [
        Fraction(1, 30), Fraction(1, 20), Fraction(1, 20), Fraction(1, 30), Fraction(1, 10),
    ]  # fmt: skip


def test_terms_without_settings_are_stored_without_such_a_field() -> None:
    head = HEAD + "terms:\n  - {id: a, guarantee: 99.89 %, policy: portion}\n"
    text = with_services("  []\n", head)
    (found,) = compile_catalogue(text, filename="a.yaml", registries=registries()).terms
    assert "settings" not in found.fields
    assert terms_of(found.fields).setting("part", DEFAULT) == DEFAULT


@pytest.mark.parametrize(
    ("policy", "settings", "said"),
    [
        ("portion", "part: 31/30", ["F:11: terms[0].settings.part: must be at most 1"]),
        (
            "portion",
            "prat: 1/30",
            ["F:11: terms[0].settings.prat: must be a known field, perhaps 'part'"],
        ),
        ("prorata", "part: 1/30", ["F:11: terms[0].settings.part: must be a known field"]),
        (
            "portion",
            "part: a thirtieth",
            [
                "F:11: terms[0].settings.part: must be a number such as 0.05, 5 % or 1/30,"
                ' got "a thirtieth"'
            ],
        ),
        (
            "portion",
            "part: 0",
            [
                "F:10: terms[0].policy: must be another: the credit policy portion-1 cannot be"
                " used: ZeroDivisionError: a plugin's mistake"
            ],
        ),
    ],
)
def test_config_check_says_where_a_setting_is_wrong(
    desk: Desk, policy: str, settings: str, said: list[str]
) -> None:
    assert refused(desk, policy, settings) == said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"part": "31/30"}, "terms standard.settings.part: wanted at most 1, got '31/30'"),
        (
            {"prat": "1/30"},
            "terms standard.settings.prat: wanted a known field, perhaps 'part', got 'prat'",
        ),
        (
            {"part": "1/0"},
            "terms standard.settings.part: wanted a number of at least 0, such as 0.05 or 1/30,"
            " got '1/0'",
        ),
    ],
)
def test_contracts_are_not_imported_under_such_terms(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], said: str
) -> None:
    """As a configuration of an earlier version of the policy may have them: its check is newer."""
    monkeypatch.setattr(
        "monitor.config.compiling.build.terms_fields", lambda terms, shape: promised(**settings)
    )
    desk.publish(CONFIG, Second(BEGAN + 60))
    file = desk.write(HEADER + OCTOBER)
    ran = desk.type("contracts", "import", file)
    assert (ran.code, ran.err) == (2, f"{file}:2: {said}\nNothing was kept.\n")


@pytest.mark.usefixtures("november")
def test_a_report_says_the_settings_in_its_evidence(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    desk.publish(configured("portion", "part: 1/30"), Second(BEGAN + 60))
    assert desk.type("contracts", "import", desk.write(HEADER + OCTOBER)).code == 0
    document = told(desk, "2026-10")
    (row,) = document["credits"]
    assert Fraction(row["exact_amount"]) == Fraction("1234.56") / 30
    assert (row["amount"], row["arithmetic"]) == ("41.15", "1/30 of the price")
    assert document["evidence"][row["evidence_hash"]]["terms"]["settings"] == {"part": "1/30"}


def test_a_case_has_settings_too_and_a_wrong_one_is_bad() -> None:
    cases = [{"id": name, "policy": promised(part=name), "input": {}} for name in ("31/30", "x")]
    told_of = [str(problem) for bad in read_cases(json.dumps({"cases": cases})).bad
               for problem in bad.problems]  # fmt: skip
    assert [line for line in told_of if "settings" in line] == [
        "policy.settings.part: wanted at most 1, got '31/30'",
        "policy.settings.part: wanted a number of at least 0, such as 0.05 or 1/30, got 'x'",
    ]


def test_settings_are_part_of_the_terms_however_they_are_written() -> None:
    terms = terms_of(promised(part="1/30"))
    assert terms_of_text(terms.text) == terms
    assert terms_of(promised(part="2/60")).hash == terms.hash
    assert terms_of(promised(part="1/7")).hash != terms.hash


@given(st.fractions(0, 999_999_999, max_denominator=999_999_999).filter(
    lambda number: number.numerator < 10**9
))  # fmt: skip
def test_every_number_comes_back_from_its_text(number: Fraction) -> None:
    terms = Terms(guarantee=Decimal(1), settings=(("part", number),))
    assert terms_of_text(terms.text).setting("part", DEFAULT) == number


def test_terms_that_have_none_keep_the_hash_that_is_stored() -> None:
    stored = "57317e2c04cf788d48b894d367658e65d109987e620b65795502d9816a5ca511"
    assert terms_of({"guarantee": "0.9989"}).hash == stored
    assert terms_of({"guarantee": "0.9989", "settings": {}}).hash == stored


@pytest.mark.parametrize("wrong", ["-1", "1/0", "1/x", "", None, 0.05, "1/1000000000"])
def test_what_is_no_number_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidFields, match=r"terms\.settings\.part: wanted a number"):
        terms_of(promised(part=wrong))


def test_good_settings_are_no_problem() -> None:
    assert problems_of_terms(promised()) == []
    assert problems_of_terms(promised(part="1")) == []
