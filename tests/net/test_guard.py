"""What a target leads to never lies deeper inside than the target."""

from __future__ import annotations

import pytest

from monitor.net.address_guard import Guard, stated_address
from monitor.net.errors import ADDRESS_REFUSED, LEADS_NOWHERE, ProbeFailure

PUBLIC = "203.0.113.5"
INSIDE = [
    "10.1.2.3",
    "100.64.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fd00::1",
    "fe80::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:a00:1::1",
    # Teredo keeps the client's address with every bit flipped: this is 10.0.0.1.
    "2001:0:cb00:7101::f5ff:fffe",
]


@pytest.mark.parametrize("address", INSIDE)
def test_it_refuses_the_way_from_public_to_private(address: str) -> None:
    with pytest.raises(ProbeFailure) as refused:
        Guard().check(address, led_from=PUBLIC)
    assert refused.value.failure == ADDRESS_REFUSED


@pytest.mark.parametrize("address", INSIDE)
def test_what_stands_in_the_uri_is_the_targets_fault(address: str) -> None:
    with pytest.raises(ProbeFailure) as refused:
        Guard().check(address, led_from=PUBLIC, host=address)
    assert refused.value.failure == LEADS_NOWHERE


def test_a_name_is_no_fault_of_the_targets() -> None:
    with pytest.raises(ProbeFailure) as refused:
        Guard().check("10.1.2.3", led_from=PUBLIC, host="inside.test")
    assert refused.value.failure == ADDRESS_REFUSED


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.1", "1..2", "0x", "09.1", "4294967296", "", "."]
)
def test_what_no_browser_reads_as_an_address_is_a_name(host: str) -> None:
    assert stated_address(host) in (None, "0.0.0.0")  # noqa: S104 - "0x" is a zero


@pytest.mark.parametrize("address", [*INSIDE, PUBLIC])
def test_it_lets_a_person_name_any_address(address: str) -> None:
    Guard().check(address, led_from=None)


@pytest.mark.parametrize("address", ["198.51.100.7", "8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_it_lets_public_lead_to_public(address: str) -> None:
    Guard().check(address, led_from=PUBLIC)


@pytest.mark.parametrize(
    ("led_from", "address"),
    [("10.0.0.1", "10.9.9.9"), ("10.0.0.1", PUBLIC), ("127.0.0.1", "127.0.0.2")],
)
def test_it_lets_private_lead_sideways_and_out(led_from: str, address: str) -> None:
    Guard().check(address, led_from=led_from)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_it_keeps_a_private_target_out_of_this_machine(address: str) -> None:
    with pytest.raises(ProbeFailure):
        Guard().check(address, led_from="10.0.0.1")


def test_it_lets_in_what_the_configuration_allows_and_nothing_beside() -> None:
    guard = Guard(["10.1.0.0/16"])
    guard.check("10.1.2.3", led_from=PUBLIC)
    guard.check("::ffff:10.1.2.3", led_from=PUBLIC)
    with pytest.raises(ProbeFailure):
        guard.check("10.2.0.1", led_from=PUBLIC)


def test_it_refuses_a_network_that_is_none() -> None:
    with pytest.raises(ValueError, match="10/33"):
        Guard(["10/33"])
