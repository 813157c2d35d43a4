"""What customers say that fails, over HTTP: who answers and since when, and that it is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import SupportLevel
from monitor.domain.text import Text
from monitor.domain.time.calendar import Hours, at_zone
from monitor.domain.time.interval import Second
from tests.api.service import Service
from tests.support.reported import WORDS, report

OPERATOR = AccountRole.OPERATOR


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(OPERATOR)


def staffed(made: Service, *, is_holiday: bool) -> None:
    """SLA 1 answers all day, every day but today if that is a holiday."""
    text, zone, now = (
        Text({"es": "Asesoramiento"}),
        made.world.core.state.catalogue.zone,
        now_of(made),
    )
    today = at_zone(now, zone).date()
    hours = Hours(zone=zone, opens=time(0, 1), holidays=frozenset({today} if is_holiday else ()))
    level = SupportLevel(id="sla-1", name=text, hours=hours, channels=text, purpose=text)
    (revision,) = made.world.catalogues.revisions
    staffed = replace(revision, catalogue=replace(revision.catalogue, support=(level,)))
    made.world.catalogues = Catalogues([staffed])


def now_of(made: Service) -> Second:
    return made.world.clock.now()


async def test_it_is_listed_shown_and_closed_once(made: Service, key: str) -> None:
    now = now_of(made)
    report(made.world.journal, "AAAA2222", Second(now - 60))
    report(made.world.journal, "BBBB2222", now, component=None, incident="k3f9a2")
    listed = await made.ask("GET", "/problems", key=key)
    assert [one["ref"] for one in listed.json["problems"]] == ["BBBB2222", "AAAA2222"]
    shown = await made.ask("GET", "/problems/aaaa2222", key=key)
    assert shown.json == listed.json["problems"][1]
    assert (shown.json["text"], shown.json["component"], shown.json["seen"]) == (
        WORDS, "web", "web-check: up",
    )  # fmt: skip
    assert datetime.fromisoformat(shown.json["at"]) == datetime.fromtimestamp(now - 60, tz=UTC)
    done = await made.ask(
        "POST", "/problems/AAAA2222/closing", key=key, body={"note": "Era su DNS"}
    )
    assert (done.json["state"], done.json["closed_by"], done.json["note"], done.json["turn"]) == (
        "closed", "operator", "Era su DNS", None,
    )  # fmt: skip
    again = await made.ask("POST", "/problems/AAAA2222/closing", key=key, body={})
    assert (again.status, again.code) == (409, "problem.closed")
    listed = await made.ask("GET", "/problems", key=key)
    assert [one["incident_id"] for one in listed.json["problems"]] == ["k3f9a2"]
    every = await made.ask("GET", "/problems?closed=true", key=key)
    assert len(every.json["problems"]) == 2
    assert made.changes()[-1].kind == "problem.closed"


@pytest.mark.parametrize("is_holiday", [False, True])
async def test_whose_turn_it_is_goes_by_hours_and_holidays(
    made: Service, key: str, is_holiday: bool
) -> None:
    staffed(made, is_holiday=is_holiday)
    now = now_of(made)
    report(made.world.journal, "AAAA2222", now, answer_by=Second(now - 1))
    report(made.world.journal, "BBBB2222", Second(now - 1), level="sla-9")
    gone, turn = [
        one["turn"] for one in (await made.ask("GET", "/problems", key=key)).json["problems"]
    ][::-1]
    assert (turn["level"], turn["name"], turn["is_late"]) == (
        "sla-1", {"es": "Asesoramiento"}, True,
    )  # fmt: skip
    assert (turn["is_open"], turn["opens_at"] is None) == (not is_holiday, not is_holiday)
    assert (gone["level"], gone["name"], gone["is_open"]) == ("sla-9", None, False)


async def test_who_may_not_read_them_reads_none(made: Service, key: str) -> None:
    report(made.world.journal, "AAAA2222", now_of(made))
    for role in (AccountRole.VIEWER, AccountRole.BILLING):
        refused = await made.ask("GET", "/problems", key=made.key_of(role))
        assert (refused.status, refused.code) == (403, "scope.missing")
    nothing = await made.ask("GET", "/problems/CCCC2222", key=key)
    assert (nothing.status, nothing.code) == (404, "problem.unknown")


async def test_an_account_of_some_services_reads_what_is_said_of_them_alone(made: Service) -> None:
    bounded = made.key_of(OPERATOR, services=("mail",))
    now = now_of(made)
    for ref, component in (("AAAA2222", "web"), ("BBBB2222", "mail"), ("CCCC2222", None)):
        report(made.world.journal, ref, now, component=component)
    listed = await made.ask("GET", "/problems", key=bounded)
    assert [one["ref"] for one in listed.json["problems"]] == ["BBBB2222"]
    for ref in ("AAAA2222", "CCCC2222"):
        assert (await made.ask("GET", f"/problems/{ref}", key=bounded)).status == 404
        closing = await made.ask("POST", f"/problems/{ref}/closing", key=bounded, body={})
        assert closing.status == 404
