"""The light codec agrees with dnspython and never runs away on bytes from outside."""

from __future__ import annotations

from contextlib import suppress

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.net.resolve.wire import (
    AddressType,
    Malformed,
    answers,
    decode_answer,
    encode_name,
    encode_query,
)

QUERY = encode_query(4242, encode_name("www.example.test"), AddressType.A)
LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=63)


@given(st.lists(LABELS, min_size=1, max_size=3).map(".".join), st.integers(0, 65535))
def test_it_writes_questions_that_dnspython_reads(name: str, ident: int) -> None:
    wire = encode_query(ident, encode_name(name), AddressType.AAAA)
    read = dns.message.from_wire(wire)
    assert (read.id, read.question[0].to_text()) == (ident, f"{name}. IN AAAA")


@given(st.lists(st.ip_addresses(v=4).map(str), unique=True, max_size=20))
def test_it_reads_answers_that_dnspython_writes(addresses: list[str]) -> None:
    response = dns.message.make_response(dns.message.from_wire(QUERY))
    if addresses:
        rrset = dns.rrset.from_text("www.example.test.", 60, "IN", "A", *addresses)
        response.answer.append(rrset)
    wire = response.to_wire()
    assert answers(wire, QUERY)
    assert set(decode_answer(wire, QUERY).addresses) == set(addresses)


def test_it_leaves_out_records_of_other_names() -> None:
    response = dns.message.make_response(dns.message.from_wire(QUERY))
    response.answer.append(dns.rrset.from_text("evil.test.", 60, "IN", "A", "127.6.6.6"))
    assert decode_answer(response.to_wire(), QUERY).addresses == ()


@given(st.binary(max_size=200))
def test_it_ends_on_any_bytes(junk: bytes) -> None:
    with suppress(Malformed):
        decode_answer(QUERY[:4] + b"\0\1\0\5" + QUERY[8:] + junk, QUERY)


def test_it_ends_on_a_name_that_points_at_itself() -> None:
    loop = QUERY[:4] + b"\0\1\0\1" + QUERY[8:] + bytes((0xC0, len(QUERY))) * 8
    with pytest.raises(Malformed, match="never ends"):
        decode_answer(loop, QUERY)


def test_it_writes_international_names_as_idna() -> None:
    assert encode_name("español.test") == b"\x0exn--espaol-zwa\x04test\0"
