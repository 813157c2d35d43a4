"""Names that may not be said, looked for in texts of people."""

from __future__ import annotations

import pytest

from monitor.catalogues.known_names import KnownNames
from monitor.domain.text import Text
from statuspage.view.mentions import Mentions


def mentions(unsayable: list[str], sayable: tuple[str, ...] = ()) -> Mentions:
    names = [*(("inner", name) for name in unsayable), *(("public", name) for name in sayable)]
    return Mentions(
        KnownNames.of(names), {"inner"}, lambda owner: sayable if owner == "public" else ()
    )


def is_found(said: str, *, unsayable: list[str], sayable: tuple[str, ...] = ()) -> bool:
    return mentions(unsayable, sayable).are_in(Text({"es": said}))


@pytest.mark.parametrize(
    "said",
    [
        "Panel Zafiro",
        "Cambiamos el PANEL  ZAFIRO.",
        "panel-zafiro: sin respuesta",
        "(Panel Zafiro)",
        "Panel\nZafiro",
        "El panel Panel Zafiro falla",
    ],
)
def test_it_finds_a_name_however_it_is_written(said: str) -> None:
    assert is_found(said, unsayable=["Panel Zafiro"])


@pytest.mark.parametrize("said", ["Panel", "Panel de Zafiro", "Subpanel Zafiro", ""])
def test_it_finds_nothing_but_the_whole_name(said: str) -> None:
    assert not is_found(said, unsayable=["Panel Zafiro"])


def test_a_public_name_hides_those_within_it() -> None:
    known = ("Hosting Web Linux",)
    assert not is_found("Hosting Web Linux no responde", unsayable=["Web"], sayable=known)
    assert is_found("Hosting Web Linux y Web", unsayable=["Web"], sayable=known)


def test_a_name_that_is_public_as_well_may_be_said() -> None:
    assert not is_found("La Web", unsayable=["Web"], sayable=("web",))


def test_it_reads_each_language() -> None:
    found = mentions(["Sapphire"])
    assert found.are_in(Text({"es": "Zafiro", "en": "Sapphire"}))


def test_a_former_name_of_what_is_public_neither_hides_nor_is_hidden() -> None:
    names = KnownNames.of([("inner", "Web"), ("public", "Web Hosting"), ("public", "Sites")])
    found = Mentions(names, {"inner"}, lambda owner: ("Sites",) if owner == "public" else ())
    said = ("Web Hosting", "Hosting", "Sites")
    assert [found.are_in(Text({"es": one})) for one in said] == [True, False, False]


def test_without_names_it_finds_nothing() -> None:
    assert not is_found("Web", unsayable=[], sayable=("Web",))
