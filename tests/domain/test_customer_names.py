"""What customers type for their domain, and the table in which it is looked up."""

from __future__ import annotations

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.name_table import BadTable, decode_table, encode_table
from monitor.domain.customers.names import LONGEST_TYPED, BadName, read_name

KEY = bytes(range(32))
WEB, MAIL, DNS = map(ComponentId, ("web", "mail", "dns"))


@pytest.mark.parametrize(
    "typed",
    [
        "ejemplo.com",
        "EJEMPLO.COM",
        " ejemplo.com. ",
        "www.ejemplo.com",
        "WWW.Ejemplo.com.",
        "http://ejemplo.com",
        "https://www.ejemplo.com:8443/carrito?x=1#pago",
        "https:/ejemplo.com/",
        "//ejemplo.com/a@b.example",
        "ejemplo.com:2083",
        "ejemplo.com/wp-admin",
        "ana@ejemplo.com",
        "mailto:ana@ejemplo.com",
        "Ana García <ana@Ejemplo.com>",
        "https://ana:clave@ejemplo.com/",
        "\u200bejemplo.com\u00a0",
        "«ejemplo.com»,",
        "ejemplo\u3002com",
    ],
)
def test_one_domain_however_it_is_typed(typed: str) -> None:
    assert read_name(typed).ascii == "ejemplo.com"


def test_a_name_in_letters_of_its_own_is_the_one_in_ascii() -> None:
    found = read_name("https://WWW.PEÑA.example/")
    assert (found.shown, found.ascii) == ("peña.example", "xn--pea-8ma.example")
    assert read_name("xn--pea-8ma.example").ascii == found.ascii


def test_a_domain_that_begins_with_www_alone_keeps_it() -> None:
    assert read_name("www.com").ascii == "www.com"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ejemplo",
        "localhost",
        "192.0.2.7",
        "no me anda la web",
        "ejemplo..com",
        "-ejemplo.com",
        "ejemplo.com" + "x" * LONGEST_TYPED,
        "a." * 200 + "com",
        "<script>alert(1)</script>",
        "\x00.com",
        "\ud800.com",
        "xn--\u00f1.com",
    ],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(BadName):
        read_name(typed)


def test_a_shop_below_a_domain_leads_to_the_domain() -> None:
    table = decode_table(encode_table({"ejemplo.com.ar": [WEB]}, KEY), KEY)
    assert table.find(read_name("tienda.norte.ejemplo.com.ar").lookups) == (WEB,)
    assert table.find(read_name("ejemplo.com").lookups) == ()


def test_the_longest_name_decides() -> None:
    table = decode_table(encode_table({"a.example": [WEB], "mx.a.example": [MAIL]}, KEY), KEY)
    assert table.find(read_name("mx.a.example").lookups) == (MAIL,)
    assert table.find(read_name("shop.a.example").lookups) == (WEB,)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 1_000])
def test_every_name_is_found_and_no_other(count: int) -> None:
    names = {f"n{number}.example": [WEB, MAIL] if number % 2 else [DNS] for number in range(count)}
    table = decode_table(encode_table(names, KEY), KEY)
    assert len(table) == count
    for name, components in names.items():
        assert table.find([name]) == tuple(sorted(components))
    assert all(table.find([f"m{number}.example"]) == () for number in range(count))


def test_a_table_shows_no_name_to_who_lacks_the_key() -> None:
    written = encode_table({"secreto.example": [WEB]}, KEY)
    assert b"secreto" not in written
    assert b"example" not in written
    with pytest.raises(BadTable, match="by this key"):
        decode_table(written, bytes(32))


@pytest.mark.parametrize("spoil", [b"", b"x", b"estado-names-1\n"])
def test_what_is_no_table_is_refused(spoil: bytes) -> None:
    with pytest.raises(BadTable):
        decode_table(spoil, KEY)


def test_a_table_that_ends_too_early_is_refused() -> None:
    written = encode_table({"a.example": [WEB]}, KEY)
    with pytest.raises(BadTable, match="too early"):
        decode_table(written[:-1], KEY)
