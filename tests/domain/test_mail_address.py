"""Addresses as strangers type them: what is taken, what is refused, and which are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.mail_address import LONGEST, BadAddress, read_address

KEY = bytes(32)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  ana@Example.COM ", "ana@example.com"),
        ("Ana.Paz+estado@example.com", "Ana.Paz+estado@example.com"),
        ("o'higgins@correo.example", "o'higgins@correo.example"),
        ("ana@español.example", "ana@xn--espaol-zwa.example"),
        ("ana@EspañoL.example", "ana@xn--espaol-zwa.example"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_it_takes_addresses_that_mail_servers_take(typed: str, read: str) -> None:
    assert str(read_address(typed)) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ana@localhost",
        "ana@127.0.0.1",
        "ana@[127.0.0.1]",
        "ana@example..com",
        "ana@-example.com",
        ".ana@example.com",
        "ana.@example.com",
        "an a@example.com",
        "ana@example.com,eva@example.com",
        "Ana <ana@example.com>",
        '"ana paz"@example.com',
        "josé@example.com",
        "ana@exam\u200bple.com\n",
        f"{'a' * 65}@example.com",
        f"ana@{'.'.join(['a' * 60] * 5)}.example",
        "ana@" + "ñ" * 5_000 + ".example",
    ],
)
def test_it_refuses_what_is_no_address_of_one_mailbox(typed: str) -> None:
    with pytest.raises(BadAddress):
        read_address(typed)


@pytest.mark.parametrize("forged", ["\r\nBcc: eva@example.com", "\n.\n", "\x00", "\x85", "\u2028"])
@pytest.mark.parametrize("where", ["{}ana@example.com", "ana{}@example.com", "ana@example.com{}"])
def test_an_address_forges_no_header(forged: str, where: str) -> None:
    with pytest.raises(BadAddress):
        read_address(where.format(forged))


@given(st.text(max_size=300))
def test_whatever_is_taken_is_one_line_of_ascii_within_the_limits(typed: str) -> None:
    try:
        read = str(read_address(typed))
    except BadAddress:
        return
    assert read.isascii()
    assert read.isprintable()
    assert " " not in read
    assert read.count("@") == 1
    assert len(read) <= LONGEST


def test_tags_and_capitals_are_the_same_mailbox() -> None:
    typed = ["ana@example.com", "ANA@example.com", "ana+1@example.com", "Ana+2+3@EXAMPLE.com"]
    assert {read_address(one).mailbox for one in typed} == {"ana@example.com"}
    assert len({read_contact("email", one).keyed_hash(KEY) for one in typed}) == 1


def test_a_hash_with_another_key_is_another_one() -> None:
    ana = read_contact("email", "ana@example.com")
    assert ana.keyed_hash(KEY) != ana.keyed_hash(b"1" * 32)
    assert "ana" not in ana.keyed_hash(KEY)
