"""Addresses of webhooks: public https by name, and nothing else that a stranger may type."""

from __future__ import annotations

import pytest

from monitor.domain.subscriptions.contact import Contact, read_contact
from monitor.domain.subscriptions.mail_address import BadAddress


@pytest.mark.parametrize(
    "typed",
    [
        "http://example.com/hook", "https://user:pw@example.com/", "https://10.0.0.1/hook",
        "https://[::1]/", "https://localhost/x", "https://example.com:22/", "https://2130706433/",
        "https://0x7f.1/", "ftp://example.com", "example.com/hook", "https://",
        "https://example.com/a b", "https://example.com/\r\nX: y", "https://example.com/é",
        "https://hooks.slack.com/services/T0/B0/x", "https://example.com:99999/",
        "https://example.com/" + "a" * 500, "https://exa mple.com/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_it_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress):
        read_contact("webhook", typed)


def test_a_name_beyond_ascii_is_asked_as_it_is_looked_up() -> None:
    found = read_contact("webhook", "https://Español.example:8443/hook")
    assert found.address == "https://xn--espaol-zwa.example:8443/hook"


def test_a_query_that_varies_is_the_same_receiver() -> None:
    typed = [f"https://example.com/hook?n={n}" for n in range(9)]
    assert len({read_contact("webhook", one).mailbox for one in typed}) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "https://hooks.slack.com.evil.example/services/T0/B0/x", "https://hooks.slack.com/",
        "https://hooks.slack.com/services/T0/B0/x?to=y", "https://example.com/services/T0/B0/x",
        "https://hooks.slack.com:8443/services/T0/B0/x",
    ],
)  # fmt: skip
def test_only_slacks_own_hooks_are_slacks(typed: str) -> None:
    with pytest.raises(BadAddress):
        read_contact("slack", typed)


@pytest.mark.parametrize("typed", ["", "-", "abc", "1" * 30, "4 2", "٤٢"])
def test_a_chat_is_a_number(typed: str) -> None:
    with pytest.raises(BadAddress):
        read_contact("telegram", typed)


def test_an_address_does_not_print_itself() -> None:
    assert "example" not in repr(Contact("webhook", "https://example.com/", "https://example.com/"))
