"""Whom a public update concerns, how often a mailbox is asked, and what a link opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Impact, IncidentId
from monitor.domain.subscriptions.links import BadLink, LinkExpired, Links, Purpose
from monitor.domain.subscriptions.subscription import (
    CONFIRM_WITHIN_S,
    News,
    Severity,
    SubscriptionId,
    Wanted,
    concerns,
    may_ask_to_confirm,
)
from monitor.domain.time.interval import Second

WEB, MAIL = ComponentId("web"), ComponentId("mail")
FALL = News(subject="k3f9a2", components=[WEB], impact=Impact.MAJOR)
NOW = Second(1_800_000_000)
LINKS = Links(bytes(range(32)))
ANA = SubscriptionId("a2b3c4d5e6f7g8h9")


@pytest.mark.parametrize(
    ("wanted", "is_told"),
    [
        (Wanted(), True),
        (Wanted(components=(WEB,)), True),
        (Wanted(components=(MAIL,)), False),
        (Wanted(components=(MAIL, WEB)), True),
        (Wanted(incident=IncidentId("k3f9a2")), True),
        (Wanted(incident=IncidentId("other1")), False),
        (Wanted(severity=Severity.SERIOUS), True),
        (Wanted(components=(MAIL,), severity=Severity.SERIOUS), False),
    ],
)
def test_an_update_concerns_whoever_asked_for_its_component(wanted: Wanted, is_told: bool) -> None:
    assert concerns(wanted, FALL) is is_told


@pytest.mark.parametrize("impact", [Impact.NONE, Impact.MINOR, None])
def test_who_wants_serious_news_alone_hears_of_no_other(impact: Impact | None) -> None:
    slight = replace(FALL, impact=impact)
    assert not concerns(Wanted(severity=Severity.SERIOUS), slight)
    assert concerns(Wanted(), slight)


def test_what_names_no_component_concerns_all() -> None:
    assert concerns(Wanted(components=(MAIL,)), replace(FALL, components=(), is_about_all=True))


def test_one_confirmation_a_day_goes_to_a_mailbox() -> None:
    assert may_ask_to_confirm([], NOW)
    assert not may_ask_to_confirm([NOW], NOW)
    assert not may_ask_to_confirm([Second(NOW - CONFIRM_WITHIN_S + 1)], NOW)
    assert may_ask_to_confirm([Second(NOW - CONFIRM_WITHIN_S)], NOW)


def test_a_clock_set_back_asks_nobody_twice() -> None:
    assert not may_ask_to_confirm([Second(NOW + 3_600)], NOW)


def test_a_link_opens_what_it_is_for_until_its_time() -> None:
    until = Second(NOW + CONFIRM_WITHIN_S)
    token = LINKS.token(Purpose.CONFIRM, ANA, until)
    assert LINKS.read(Purpose.CONFIRM, token, Second(until - 1)) == ANA
    with pytest.raises(LinkExpired):
        LINKS.read(Purpose.CONFIRM, token, until)
    with pytest.raises(BadLink):
        LINKS.read(Purpose.MANAGE, token, NOW)


def test_a_link_without_end_never_expires() -> None:
    token = LINKS.token(Purpose.MANAGE, ANA, Second(0))
    assert LINKS.read(Purpose.MANAGE, token, Second(NOW * 10)) == ANA


def test_no_changed_character_of_a_link_opens_anything() -> None:
    token = LINKS.token(Purpose.MANAGE, ANA, Second(0))
    for place, was in enumerate(token):
        changed = token[:place] + ("b" if was != "b" else "c") + token[place + 1 :]
        if place == len(token) - 1:
            # Of the last character two bits say nothing: another one of these is another text.
            assert changed != token
        with pytest.raises(BadLink):
            LINKS.read(Purpose.MANAGE, changed, NOW)
    for guess in (
        "",
        "a",
        f"{ANA}.0.{'A' * 43}",
        token + "A",
        f"{ANA}.0.",
        token.upper(),
        "é" * 60,
    ):
        with pytest.raises(BadLink):
            LINKS.read(Purpose.MANAGE, guess, NOW)


def test_a_link_of_another_key_opens_nothing() -> None:
    token = Links(b"x" * 32).token(Purpose.MANAGE, ANA, Second(0))
    with pytest.raises(BadLink):
        LINKS.read(Purpose.MANAGE, token, NOW)
