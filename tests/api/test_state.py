"""What everything is now, as the journal says and the configuration in force names it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.checks.observation import LoggedResult
from monitor.results.log.result_log import open_log
from monitor.roles.console import last_results
from tests.api.service import Service
from tests.results.samples import some_results


def by_id(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in found}


async def test_the_state_has_components_checks_and_what_is_open(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    fell = made.fall("dns")
    made.publish_log()
    found = await made.ask("GET", "/state", key=key)
    assert found.status == 200, found.text
    state = found.json
    assert (state["revision"], list(by_id(state["services"]))) == (1, ["hosting", "mail"])
    dns, web = (by_id(state["components"])[name] for name in ("dns", "web"))
    assert (dns["status"], dns["cause"], dns["incidents"]) == ("down", "conn_refused", [fell])
    assert (web["status"], web["cause"], web["incidents"]) == ("up", "first_look", [])
    assert dns["since"] > web["since"]
    checks = by_id(state["checks"])
    (last,) = checks["dns-check"]["last"]
    assert (last["status"], last["outcome"], last["failure"]) == ("down", "down", "conn_refused")
    (last,) = checks["web-check"]["last"]
    assert (last["status"], last["outcome"], last["failure"]) == ("up", "up", None)
    assert last["at"] < state["read_at"]
    assert (checks["web-check"]["kind"], checks["web-check"]["interval_s"]) == ("tcp", 60)


async def test_what_is_silent_is_unknown_and_what_was_down_stays_so(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.fall("dns")
    made.world.clock.advance(3_600)
    components = by_id((await made.ask("GET", "/state", key=key)).json["components"])
    assert {n: c["status"] for n, c in components.items()} == {
        "web": "unknown", "dns": "down", "mail": "unknown",
    }  # fmt: skip


async def test_without_a_log_a_check_shows_what_its_fold_knows(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.fall("dns")
    checks = by_id((await made.ask("GET", "/state", key=key)).json["checks"])
    (last,) = checks["dns-check"]["last"]
    assert (last["status"], last["outcome"], last["message"]) == ("down", None, "")
    assert last["at"] is not None


async def test_a_log_is_followed_as_it_grows(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.world.live(web="+", dns="+", mail="+")
    made.publish_log()
    await made.ask("GET", "/state", key=key)
    made.world.live(web="-", dns="+", mail="+")
    log = open_log(made.log_file)
    log.append([row.result for row in made.world.log.read(3, 10)], {})
    log.close()
    checks = by_id((await made.ask("GET", "/state", key=key)).json["checks"])
    (last,) = checks["web-check"]["last"]
    assert (last["status"], last["outcome"]) == ("up", "down"), "one failure confirms nothing"


async def test_a_result_that_the_fold_is_ahead_of_is_not_the_last_one(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    made.world.live(web="-", dns="+", mail="+")
    made.publish_log()
    made.world.live(web="+", dns="+", mail="+")
    checks = by_id((await made.ask("GET", "/state", key=key)).json["checks"])
    (last,) = checks["web-check"]["last"]
    assert (last["status"], last["outcome"], last["failure"]) == ("up", None, None)


def test_the_log_is_read_to_its_end_and_each_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_results, "_BATCH", 4)
    log = open_log(tmp_path / "results.db")
    results = some_results(0, 15)
    log.append(results, {})
    tail = last_results.LogTail(tmp_path / "results.db")
    newest = {(r.check, r.location): r for r in results}
    assert tail.through(15) == newest
    read = tail._reader.read
    seen: list[int] = []

    def spied(after: int, limit: int) -> Sequence[LoggedResult]:
        seen.append(after)
        return read(after, limit)

    monkeypatch.setattr(tail._reader, "read", spied)
    log.append(some_results(15, 1), {})
    assert tail.through(16) != newest
    assert seen == [15]
    tail._reader.close()
    log.close()


async def test_before_any_result_everything_is_unknown(made: Service) -> None:
    key = made.key_of(AccountRole.VIEWER)
    state = (await made.ask("GET", "/state", key=key)).json
    assert {c["status"] for c in state["components"]} == {"unknown"}
    assert {c["since"] for c in state["components"]} == {None}
    assert {last["at"] for c in state["checks"] for last in c["last"]} == {None}


async def test_an_account_sees_its_own_services_alone(made: Service) -> None:
    fell = made.fall("dns", "mail")
    key = made.key_of(AccountRole.VIEWER, services=("mail",))
    state = (await made.ask("GET", "/state", key=key)).json
    assert list(by_id(state["services"])) == ["mail"]
    assert [c["id"] for c in state["components"]] == ["mail"]
    assert [c["id"] for c in state["checks"]] == ["mail-check"]
    assert state["components"][0]["incidents"] == [fell]
