"""Our resolver is ill where it fails what is known to be well as it failed what was looked for."""

from __future__ import annotations

import pytest

from monitor.domain.checks.connectivity import Control, DnsResponse, is_ill

A, B = "192.0.2.53", "192.0.2.54"


def control(uncached: str, plain: str = "answer") -> Control:
    return Control(uncached=DnsResponse(uncached), plain=DnsResponse(plain))


WELL = (control("nxdomain"), control("answer"))


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        ("silent", "silent"),
        ("silent", "servfail"),
        ("servfail", "silent"),
        ("servfail", "servfail"),
        ("servfail", "garbled"),
        ("refused", "refused"),
    ],
)
def test_it_is_ill_where_control_names_fare_no_better(failed: str, said: str) -> None:
    assert is_ill({A: failed}, {A: (control(said), control(said))})


def test_it_is_well_where_one_control_name_is_seen() -> None:
    """The other one's own servers may be what fails."""
    assert not is_ill({A: "silent"}, {A: (control("silent"), control("nxdomain"))})


def test_it_is_well_where_one_of_two_servers_works() -> None:
    assert not is_ill({A: "silent", B: "servfail"}, {A: (control("silent"),), B: WELL})


def test_it_is_ill_where_each_of_two_servers_fails_in_its_own_way() -> None:
    controls = {A: (control("silent"),), B: (control("refused"),)}
    assert is_ill({A: "silent", B: "refused"}, controls)


@pytest.mark.parametrize("failed", ["silent", "servfail"])
def test_a_server_that_refuses_the_world_alone_says_nothing_of_itself(failed: str) -> None:
    """One for names inside: it does ask on for the name that failed."""
    assert not is_ill({A: failed}, {A: (control("refused"), control("refused"))})


def test_a_server_that_was_not_asked_before_the_deadline_is_ill_where_it_sees_nothing() -> None:
    controls = {A: (control("silent"),), B: (control("refused"),)}
    assert is_ill({A: "silent"}, controls)
    assert is_ill(None, controls)


def test_a_cache_that_answers_for_the_plain_name_is_no_proof() -> None:
    assert is_ill({A: "servfail"}, {A: (control("servfail", "answer"),)})


def test_who_denies_the_control_name_itself_denies_everything() -> None:
    lies = (control("nxdomain", "nxdomain"),)
    assert is_ill({A: "nxdomain"}, {A: lies})
    assert not is_ill({A: "nxdomain"}, {A: WELL})
    assert not is_ill({A: "servfail"}, {A: lies})


def test_nobody_is_accused_where_nothing_was_asked() -> None:
    assert not is_ill({A: "silent"}, {})
    assert not is_ill({A: "silent"}, {A: ()})
