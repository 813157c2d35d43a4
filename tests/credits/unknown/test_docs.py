"""The night that the billing pages decide, command by command, says what they print."""

from __future__ import annotations

import pytest

from tests.credits.test_exclusion_docs import type_all
from tests.credits.unknown.conftest import Night

DARK = {
    "billing.md": "Deciding what unknown time was",
    "es/facturacion.md": "Decidir qué fue el tiempo desconocido",
}


@pytest.mark.parametrize(("page", "heading"), DARK.items())
async def test_the_night_is_decided_as_the_page_shows(
    night: Night, page: str, heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.close("2026-11-02T12:00:00Z")
    typed = type_all(night, page, heading, monkeypatch)
    assert typed == ["waiting", "propose", "show", "approve"]
