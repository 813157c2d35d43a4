"""Maintenance windows over HTTP: announced, shown, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import Service

HOUR = 3_600


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


def moment(made: Service, seconds: int) -> str:
    return datetime.fromtimestamp(made.world.clock.now() + seconds, tz=UTC).isoformat()


def window(made: Service, *components: str, **more: Any) -> dict[str, Any]:
    return {
        "title": {"es": "Servidor: actualización", "en": "Server: upgrade"},
        "impact": {"es": "Sitios sin servicio unos minutos."},
        "start": moment(made, HOUR),
        "end": moment(made, 2 * HOUR),
        "components": list(components or ("web",)),
        **more,
    }


async def test_a_window_is_announced_shown_and_taken_back(made: Service, key: str) -> None:
    added = await made.ask("POST", "/maintenance", key=key, body=window(made))
    assert added.status == 201, added.text
    assert (added.json["phase"], added.json["components"]) == ("scheduled", ["web"])
    assert (added.json["created_by"], added.json["published_at"]) == ("operator", None)
    assert datetime.fromisoformat(added.json["start"]) == datetime.fromisoformat(moment(made, HOUR))
    path = f"/maintenance/{added.json['id']}"
    shown = await made.ask("GET", path, key=key)
    assert (shown.json, shown.headers["ETag"]) == (added.json, added.headers["ETag"])
    listed = await made.ask("GET", "/maintenance", key=key)
    assert listed.json == {"windows": [added.json]}
    gone = await made.ask("DELETE", f"{path}?reason=later", key=key, If_Match=shown.headers["ETag"])
    assert (gone.status, gone.json["phase"]) == (200, "cancelled")
    assert (await made.ask("GET", "/maintenance", key=key)).json == {"windows": []}
    past = await made.ask("GET", "/maintenance?past=true", key=key)
    assert [w["id"] for w in past.json["windows"]] == [added.json["id"]]
    assert [c.kind for c in made.changes()][-2:] == ["maintenance.added", "maintenance.cancelled"]
    again = await made.ask("DELETE", path, key=key)
    assert (again.status, again.code) == (409, "maintenance.over")


async def test_a_windows_end_is_put_off(made: Service, key: str) -> None:
    added = await made.ask("POST", "/maintenance", key=key, body=window(made))
    path = f"/maintenance/{added.json['id']}/extension"
    later = {"end": moment(made, 3 * HOUR), "reason": "Falta."}
    stale = await made.ask("POST", path, key=key, body=later, If_Match='"99"')
    assert (stale.status, stale.code) == (412, "revision.stale")
    done = await made.ask("POST", path, key=key, body=later, If_Match=added.headers["ETag"])
    assert (done.status, done.json["end"] > added.json["end"]) == (200, True)
    assert done.json["extensions"] == [
        {"start": added.json["end"], "end": done.json["end"], "published_at": None}
    ]
    again = await made.ask("POST", path, key=key, body=later)
    assert (again.status, again.code) == (422, "maintenance.ends_no_later")


async def test_a_stale_revision_takes_nothing_back(made: Service, key: str) -> None:
    added = (await made.ask("POST", "/maintenance", key=key, body=window(made))).json
    late = await made.ask("DELETE", f"/maintenance/{added['id']}", key=key, If_Match='"99"')
    assert (late.status, late.code, late.json["current"]) == (412, "revision.stale", added)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"start": "2026-10-01T00:00:00"}, 422, "request.invalid"),
        ({"start": 1_790_003_640}, 422, "request.invalid"),
        ({"start": "2026-10-01T00:00:00.5Z"}, 422, "request.invalid"),
        ({"end": "0001-01-01T00:00:00+14:00"}, 422, "maintenance.ends_before_start"),
        ({"end": "9999-12-31T23:59:59-14:00"}, 422, "maintenance.too_long"),
        ({"components": []}, 422, "maintenance.no_components"),
        ({"components": ["webb"]}, 404, "name.unknown"),
        ({"components": ["web\x00"]}, 422, "request.invalid"),
        ({"title": {"es": " \u200b "}}, 422, "text.empty"),
        ({"reason": "a\x00b"}, 422, "request.invalid"),
    ],
)
async def test_what_makes_no_window_is_refused(
    made: Service, key: str, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await made.ask("POST", "/maintenance", key=key, body=window(made, **change))
    assert (answer.status, answer.code) == (status, code)
    assert (await made.ask("GET", "/maintenance", key=key)).json == {"windows": []}


async def test_an_account_plans_for_its_own_services_alone(made: Service, key: str) -> None:
    mail = made.key_of(AccountRole.OPERATOR, services=("mail",))
    for components in (["web"], ["web", "mail"]):
        answer = await made.ask("POST", "/maintenance", key=mail, body=window(made, *components))
        assert (answer.status, answer.code) == (404, "name.unknown")
    of_others, of_nobody = [
        await made.ask("POST", "/maintenance", key=mail, body=window(made, name))
        for name in ("web", "wec")
    ]
    assert of_others.text.replace("web", "wec") == of_nobody.text
    assert of_nobody.json["fields"]["known"] == ["mail"]
    own = await made.ask("POST", "/maintenance", key=mail, body=window(made, "mail"))
    assert own.status == 201
    foreign = (await made.ask("POST", "/maintenance", key=key, body=window(made, "web"))).json
    both = (await made.ask("POST", "/maintenance", key=key, body=window(made, "web", "mail"))).json
    listed = (await made.ask("GET", "/maintenance", key=mail)).json["windows"]
    assert {w["id"] for w in listed} == {own.json["id"], both["id"]}
    for method in ("GET", "DELETE"):
        answer = await made.ask(method, f"/maintenance/{foreign['id']}", key=mail)
        assert (answer.status, answer.code) == (404, "name.unknown")
    assert (await made.ask("GET", f"/maintenance/{both['id']}", key=mail)).status == 200
    refused = await made.ask("DELETE", f"/maintenance/{both['id']}", key=mail)
    assert (refused.status, refused.code) == (403, "scope.service")
