"""A missing server is a visible skip, and a failure where everything is asked for."""

from __future__ import annotations

import pytest

from tests.support.require import require_server

ABSENT = "no-such-server-anywhere"


def test_it_finds_a_binary_that_is_there() -> None:
    assert require_server("sh", "shells").name == "sh"


def test_it_skips_naming_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESTADO_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"missing: {ABSENT}; untested: gophers"):
        require_server(ABSENT, "gophers")


def test_it_fails_where_everything_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTADO_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match=ABSENT):
        require_server(ABSENT, "gophers")
