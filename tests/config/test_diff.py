"""What a new configuration changes, by id."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.config import compile_catalogue, describe_difference, difference
from monitor.domain.catalogue import Catalogue
from tests.config.specimens import SPECIMENS

GOOD = (Path(__file__).parent / "good.yaml").read_text("utf-8")


def edited(*edits: tuple[str, str]) -> Catalogue:
    text = GOOD
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return compile_catalogue(text, filename="good.yaml", registries=SPECIMENS)


def test_it_sees_no_difference_in_equal_configurations() -> None:
    assert difference(edited(), edited(("services:\n", "# a remark\nservices:\n"))).is_empty
    assert describe_difference(edited(), edited()) == "nothing changes"


def test_it_names_what_comes_goes_and_changes() -> None:
    after = edited(
        ("- id: web-https", "- id: web-page"),
        ("affects: degraded", "affects: nothing"),
        ("timeout: 5s", "timeout: 4s"),
    )
    assert describe_difference(edited(), after).splitlines() == [
        "- check web-https (its history stays)",
        "+ check web-page",
        "~ check web-tcp: timeout_s: 5.0 → 4.0",
        "~ check web-tcp: affects: degraded → nothing",
    ]


def test_it_looks_into_settings_and_keeps_secrets_closed() -> None:
    after = edited(("family: 4", "family: 6"), ("{file: /etc/p}", "{file: /etc/another}"))
    said = describe_difference(edited(), after)
    assert said.splitlines() == [
        "~ check web-https: spec.family: 4 → 6",
        "~ check web-https: spec.password: *** → ***",
    ]


def test_it_sees_another_recipient_of_a_route() -> None:
    after = edited(("recipients: [a@b.example]", "recipients: [c@b.example]"))
    assert describe_difference(edited(), after) == (
        "~ target correo: spec.recipients: a@b.example → c@b.example"
    )


def test_it_takes_another_order_for_no_difference() -> None:
    before, after = edited(), edited()
    turned = replace(after, checks=after.checks[::-1], components=after.components[::-1])
    assert difference(before, turned).is_empty


def test_it_says_what_the_page_and_the_terms_change() -> None:
    after = edited(("company: Example", "company: Another"), ("99.89 %\n", "99.9 %\n"))
    assert describe_difference(edited(), after).splitlines() == [
        "~ page: company: Example → Another",
        "~ terms default: fields.guarantee: 0.9989 → 0.999",
    ]
