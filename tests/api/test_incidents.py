"""Incidents over HTTP: read, written, corrected, resolved; by who may, and as they were seen."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Via
from tests.api.service import Service

DISK = {"text": {"es": "Un disco falló.", "en": "A disk failed."}, "phase": "identified"}


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


async def test_an_incident_is_read_with_its_record(made: Service, key: str) -> None:
    fell = made.fall("web")
    found = await made.ask("GET", f"/incidents/{fell}", key=key)
    assert (found.status, found.headers["ETag"]) == (200, f'"{found.json["revision"]}"')
    assert (found.json["phase"], found.json["components"]) == ("investigating", ["web"])
    (part,), (update,) = found.json["parts"], found.json["updates"]
    assert (part["status"], part["cause"], part["end"]) == ("down", "conn_refused", None)
    assert (update["number"], update["event"], update["actor"]) == (1, "opened", "estado")
    assert part["start"].endswith("-03:00")


async def test_incidents_are_listed_open_or_of_so_many_days(made: Service, key: str) -> None:
    fell = made.fall("web")
    await made.ask("POST", f"/incidents/{fell}/resolution", key=key,
                   body={"text": {"es": "Ya está."}, "although_down": True})  # fmt: skip
    again = made.fall("mail")

    async def listed(query: str) -> list[str]:
        found = await made.ask("GET", f"/incidents{query}", key=key)
        assert found.status == 200, found.text
        return [one["id"] for one in found.json["incidents"]]

    assert await listed("?open=true") == await listed("?open=true&days=7") == [again]
    assert set(await listed("")) == set(await listed("?days=1")) == {fell, again}
    made.world.clock.advance(3 * 86_400)
    assert await listed("?days=1") == [again], "what goes on is of today"


async def test_a_journal_that_is_put_back_says_its_own_words_under_the_same_revision(
    made: Service, key: str
) -> None:
    fell, file = made.fall("web"), made.world.folder / "journal.db"

    async def corrected(words: str) -> None:
        made.world.clock.advance(60)
        await made.ask("PATCH", f"/incidents/{fell}/updates/1", key=key,
                       body={"text": {"es": words}})  # fmt: skip

    async def written() -> tuple[int, str]:
        (one,) = (await made.ask("GET", "/incidents?record=true", key=key)).json["incidents"]
        return one["revision"], one["updates"][0]["text"]["es"]

    with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(":memory:")) as copy:
        live.backup(copy)
        await corrected("Antes.")
        revision, words = await written()
        assert words == "Antes."
        copy.backup(live)
    await corrected("Ahora.")
    assert await written() == (revision, "Ahora.")


async def test_an_update_is_published_in_the_name_of_who_wrote_it(made: Service, key: str) -> None:
    fell = made.fall("web")
    told = await made.ask("POST", f"/incidents/{fell}/updates", key=key, body=DISK)
    assert told.status == 201, told.text
    update = told.json["updates"][-1]
    assert (update["text"], update["actor"]) == (DISK["text"], "operator")
    assert (told.json["phase"], update["event"]) == ("identified", "person")
    done = made.changes()[-1]
    assert (done.kind, done.actor, done.via, done.address) == (
        "incident.updated", "operator", Via.API, "127.0.0.1",
    )  # fmt: skip
    assert key.startswith(f"estado_{done.token}_")


async def test_a_correction_of_one_language_keeps_the_other(made: Service, key: str) -> None:
    fell = made.fall("web")
    await made.ask("POST", f"/incidents/{fell}/updates", key=key, body=DISK)
    path = f"/incidents/{fell}/updates/2"
    corrected = await made.ask("PATCH", path, key=key, body={"text": {"en": "Two disks."}})
    assert corrected.status == 200, corrected.text
    update = corrected.json["updates"][1]
    assert update["text"] == {"es": "Un disco falló.", "en": "Two disks."}
    assert update["former"] == [DISK["text"]]
    again = await made.ask("PATCH", path, key=key, body={"text": {"en": "Two disks."}})
    assert (again.status, again.code) == (409, "update.unchanged")


@pytest.mark.parametrize("number", ["9", "x", "²", "-1", "1e9", "99999999999999999999"])
async def test_an_update_that_is_not_there_is_not_found(
    made: Service, key: str, number: str
) -> None:
    fell = made.fall("web")
    answer = await made.ask(
        "PATCH", f"/incidents/{fell}/updates/{number}", key=key, body={"text": {"es": "a"}}
    )
    assert (answer.status, answer.code) == (404, "update.unknown")


async def test_what_is_down_resolves_only_if_one_says_so(made: Service, key: str) -> None:
    fell, path = made.fall("web"), ""
    path = f"/incidents/{fell}/resolution"
    refused = await made.ask("POST", path, key=key, body={"text": {"es": "Ya está."}})
    assert (refused.status, refused.code) == (409, "incident.still_down")
    assert "although_down: true" in refused.json["detail"]
    done = await made.ask(
        "POST", path, key=key, body={"text": {"es": "Ya está."}, "although_down": True}
    )
    assert (done.status, done.json["phase"]) == (201, "resolved")
    again = await made.ask("POST", path, key=key, body={"text": {"es": "Ya está."}})
    assert (again.status, again.code) == (409, "incident.resolved")


async def test_a_stale_revision_changes_nothing_and_brings_what_is_there_now(
    made: Service, key: str
) -> None:
    fell = made.fall("web")
    path = f"/incidents/{fell}/updates"
    seen = (await made.ask("GET", f"/incidents/{fell}", key=key)).headers["ETag"]
    first = await made.ask("POST", path, key=key, body=DISK, If_Match=seen)
    assert first.status == 201
    other = {"text": {"es": "Otra cosa."}}
    late = await made.ask("POST", path, key=key, body=other, If_Match=seen)
    assert (late.status, late.code) == (412, "revision.stale")
    assert late.headers["ETag"] == first.headers["ETag"] != seen
    assert late.json["current"] == first.json
    assert late.json["fields"]["current"] == first.json["revision"]
    anyway = await made.ask("POST", path, key=key, body=other, If_Match="*")
    assert anyway.status == 201


async def test_an_unknown_incident_is_told_with_the_nearest(made: Service, key: str) -> None:
    fell = made.fall("web")
    near = fell[:-1] + ("a" if fell[-1] != "a" else "b")
    answer = await made.ask("GET", f"/incidents/{near}", key=key)
    assert (answer.status, answer.code) == (404, "name.unknown")
    assert answer.json["fields"]["near"] == fell


async def test_an_account_of_other_services_sees_no_such_incident(made: Service) -> None:
    fell = made.fall("mail")
    hosting = made.key_of(AccountRole.OPERATOR, services=("hosting",))
    for path in (f"/incidents/{fell}", "/incidents/zzzzzz"):
        answer = await made.ask("GET", path, key=hosting)
        assert (answer.status, answer.code) == (404, "name.unknown")
        assert (answer.json["fields"]["near"], answer.json["fields"]["known"]) == ("", [])
    told = await made.ask("POST", f"/incidents/{fell}/updates", key=hosting, body=DISK)
    assert told.status == 404
    listed = await made.ask("GET", "/incidents", key=hosting)
    assert listed.json == {"incidents": []}


async def test_an_account_reads_what_is_partly_its_own_and_does_not_write_it(
    made: Service,
) -> None:
    # Mail depends on DNS: one incident of two services.
    fell = made.fall("dns", "mail")
    mail = made.key_of(AccountRole.OPERATOR, services=("mail",))
    assert (await made.ask("GET", f"/incidents/{fell}", key=mail)).status == 200
    for method, path in (
        ("POST", f"/incidents/{fell}/updates"),
        ("PATCH", f"/incidents/{fell}/updates/1"),
        ("POST", f"/incidents/{fell}/resolution"),
    ):
        answer = await made.ask(method, path, key=mail, body={"text": {"es": "Nada."}})
        assert (answer.status, answer.code) == (403, "scope.service")
        assert answer.json["fields"]["names"] == "dns"
    both = made.key_of(AccountRole.OPERATOR, services=("mail", "hosting"))
    told = await made.ask("POST", f"/incidents/{fell}/updates", key=both, body=DISK)
    assert told.status == 201


async def test_of_a_shared_incident_an_account_sees_its_own_components_alone(made: Service) -> None:
    fell = made.fall("dns", "mail")
    whole = made.key_of(AccountRole.VIEWER)
    mail = made.key_of(AccountRole.VIEWER, services=("mail",))
    # What was written for others is not handed to those who may see less, nor the other way round.
    for key, seen in ((whole, ["dns", "mail"]), (mail, ["mail"]), (whole, ["dns", "mail"])):
        for path in ("/incidents", "/incidents?open=true", "/incidents?record=true"):
            (listed,) = (await made.ask("GET", path, key=key)).json["incidents"]
            assert sorted(listed["components"]) == seen, path
        shown = (await made.ask("GET", f"/incidents/{fell}", key=key)).json
        assert sorted(shown["components"]) == seen
        assert sorted(part["component"] for part in shown["parts"]) == seen
        recorded = (await made.ask("GET", "/incidents?record=true", key=key)).json
        parts = recorded["incidents"][0]["parts"]
        assert sorted(part["component"] for part in parts) == seen
