"""Whatever cannot be answered says why, and what to ask instead."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.domain.checks.observation import Result
from monitor.domain.time.interval import Interval
from monitor.history.queries import OpenStore
from monitor.history.span import WANTED
from monitor.results.log.ports import FoldKey
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable
from monitor.roles.store.history_journal import HistoryJournal
from monitor.roles.store.history_server import HistoryServer
from tests.history.archive import Archive, every


@pytest.fixture
def archive(embedded: Archive) -> Archive:
    return embedded


TIME = "RFC 3339 with an offset, a day of the catalogue's zone, unix seconds, a time back from now "
TIME += "(-90s, -30m, -24h, -7d, -2w), or now"
assert TIME == WANTED


def problem(kind: str, title: str, status: int, detail: str, **members: object) -> dict[str, Any]:
    told = {"type": f"urn:estado:problem:{kind}", "title": title, "status": status}
    return {**told, "detail": detail, **members}


def bad_time(name: str, got: str) -> dict[str, Any]:
    return problem(
        "bad-time", "A time that is not understood", 400,
        f"{name} is no time; wanted {TIME}, such as 2026-11-01T00:00:00-03:00",
        parameter=name, got=got, wanted=TIME, example="2026-11-01T00:00:00-03:00",
    )  # fmt: skip


def bad(name: str, got: str, wanted: str) -> dict[str, Any]:
    return problem(
        "bad-parameter", "A parameter that is not understood", 400,
        f"{name} has to be {wanted}", parameter=name, got=got, wanted=wanted,
    )  # fmt: skip


def too_long(detail: str) -> dict[str, Any]:
    return problem("span-too-long", "The span is too long", 400, detail)


@pytest.mark.parametrize(
    ("path", "query", "wanted"),
    [
        (
            "/web-http/results", {},
            problem("unknown-check", "No such check", 404,
                    "no check web-http; did you mean web-https?"),
        ),
        (
            "/zzzz/latency", {},
            problem("unknown-check", "No such check", 404,
                    "no check zzzz; there are web-https, mail-smtp, dns-a"),
        ),
        (
            "/dns-a/latency", {"location": "nort"},
            problem("unknown-location", "No such location", 404,
                    "no location nort; did you mean north?"),
        ),
        (
            "/web-https/latency", {"since": "-2h"},
            problem("unknown-parameter", "A parameter that is not known", 400,
                    "no parameter since; there are from, to, resolution, location, format",
                    parameter="since",
                    known=["from", "to", "resolution", "location", "format"]),
        ),
        ("/web-https/results", {"from_": "yesterday"}, bad_time("from", "yesterday")),
        ("/web-https/results", {"to": "2026-11-01T00:00"}, bad_time("to", "2026-11-01T00:00")),
        ("/web-https/latency", {"from_": "2026-02-30"}, bad_time("from", "2026-02-30")),
        ("/web-https/latency", {"from_": "999999999999"}, bad_time("from", "999999999999")),
        ("/web-https/latency", {"from_": "-999999999w"}, bad_time("from", "-999999999w")),
        ("/web-https/latency", {"from_": "0001-01-01"}, bad_time("from", "0001-01-01")),
        (
            "/web-https/results", {"from_": "-1h", "to": "-2h"},
            problem("bad-time", "A time that is not understood", 400,
                    "from has to lie before to, and before now; to is exclusive",
                    parameter="from", got="-1h", wanted=TIME, example="2026-11-01T00:00:00-03:00"),
        ),
        ("/web-https/latency", {"resolution": "week"}, bad("resolution", "week", "raw, hour, day")),
        *(
            ("/web-https/results", {"limit": limit},
             bad("limit", limit, "a number from 1 to 2000"))
            for limit in ("0", "2001", "-1", "²", "")
        ),
        ("/web-https/results", {"format": "xml"}, bad("format", "xml", "json or csv")),
        (
            "/web-https/results", {"format": "csv", "limit": "5"},
            bad("limit", "5", "left out: CSV is the whole span"),
        ),
        *(
            ("/web-https/results", {"cursor": cursor},
             bad("cursor", cursor, "what next_cursor of the page before says"))
            for cursor in ("", "x", "AAAA", "MSAyIDMgbG9jYWw", "MSA5OTk5OTk5OTk5OTk5OTk5OTk5IDUgYQ")
        ),
        (
            "/web-https/latency", {"resolution": "raw", "from_": "-30d"},
            too_long("129600 points of resolution raw are too many; at most 10000. Choose a "
                     "span of 2 days or less, or resolution=hour"),
        ),
        (
            "/web-https/latency", {"resolution": "hour", "from_": "-500d"},
            too_long("12000 points of resolution hour are too many; at most 10000. Choose a "
                     "span of 416 days or less, or resolution=day"),
        ),
        (
            "/web-https/latency", {"from_": "1970-01-01"},
            too_long("20783 points of resolution day are too many; at most 10000. Choose a span of "
                     "10000 days or less"),
        ),
        (
            "/web-https/results", {"from_": "-500d"},
            too_long("500 days of raw results are too many; choose a span of 400 days or less"),
        ),
        (
            "/web-https/secrets", {},
            problem("unknown-path", "No such address", 404,
                    "there are /api/v1/checks and, for each check, /api/v1/checks/ID/results, "
                    "/api/v1/checks/ID/latency, /api/v1/checks/ID/uptime"),
        ),
    ],
)  # fmt: skip
async def test_it_says_exactly_what_is_wrong(
    archive: Archive, path: str, query: dict[str, str], wanted: dict[str, Any]
) -> None:
    answer = await archive.ask(path, **query)
    assert (answer.status, answer.body) == (wanted["status"], wanted)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_only_reading_is_possible(archive: Archive) -> None:
    answer = await archive.ask("/web-https/results", method="POST")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
    assert answer.body["detail"] == "the history is read: ask with GET"


async def test_a_parameter_is_given_once(archive: Archive) -> None:
    async with archive.session.get(f"{archive.url}/api/v1/checks?format=csv&format=json") as said:
        assert (await said.json(content_type=None))["detail"] == "format has to be given once"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9091", 200), ("[::1]:9091", 200), ("localhost", 200), ("estado:9091", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example:9091", 421),
    ],
)  # fmt: skip
async def test_it_answers_by_no_name_of_others(archive: Archive, host: str, status: int) -> None:
    assert (await archive.ask("", host=host)).status == status


async def test_what_was_asked_comes_back_as_text_alone(archive: Archive) -> None:
    answer = await archive.ask("/%3Cscript%3Ealert(1)%3C%2Fscript%3E/results")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_what_was_asked_comes_back_shortened(archive: Archive) -> None:
    answer = await archive.ask(f"/{'x' * 3000}/results")
    assert answer.status == 404
    assert len(answer.text) < 400


async def test_the_checks_are_named_without_what_they_look_at(archive: Archive) -> None:
    answer = await archive.ask("")
    assert answer.body["checks"][0] == {
        "id": "web-https", "component": "hosting", "kind": "scripted", "interval_s": 20,
        "locations": ["local"],
    }  # fmt: skip
    assert "secret" not in answer.text
    table = await archive.ask("", format="csv")
    assert table.text.splitlines()[3] == "dns-a,hosting,scripted,20,north south"


@pytest.mark.parametrize("question", ["results", "latency"])
async def test_without_a_store_it_says_why(archive: Archive, question: str) -> None:
    archive.server.close_on("the store cannot be opened: no such bucket: estado_raw")
    answer = await archive.ask(f"/web-https/{question}")
    assert answer.headers["Retry-After"] == "10"
    assert answer.body == problem(
        "store-away", "The store cannot be asked now", 503,
        "the store cannot be opened: no such bucket: estado_raw",
    )  # fmt: skip
    assert (await archive.ask("")).status == 200


class FailingStore:
    """Answers `good` times, then fails as it is told."""

    def __init__(self, archive: Archive, error: Exception, good: int = 0) -> None:
        self._store = archive.server.store().store
        self._error = error
        self.good = good

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Any:
        if not self.good:
            raise self._error
        self.good -= 1
        found: list[Result] = list(await self._store.results(key, span, limit))
        return found


def fail(archive: Archive, error: Exception, good: int = 0) -> None:
    store: Any = FailingStore(archive, error, good)
    now = archive.clock.now
    archive.server.open_on(
        OpenStore(kind="failing", store=store, results_until=now, buckets_until=now)
    )


@pytest.mark.parametrize(
    ("error", "retry_after"),
    [
        (StoreUnavailable("connection refused", 42.4), "42"),
        (StoreUnavailable("connection refused"), "10"),
        (StoreMisconfigured("connection refused"), "10"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "csv"])
async def test_a_store_that_does_not_answer_is_told(
    archive: Archive, kind: str, error: Exception, retry_after: str
) -> None:
    fail(archive, error)
    answer = await archive.ask("/web-https/results", format=kind)
    assert (answer.status, answer.headers["Retry-After"]) == (503, retry_after)
    assert answer.body["detail"] == "connection refused"


async def test_a_table_that_breaks_off_cannot_be_taken_for_whole(archive: Archive) -> None:
    await archive.log(*every(1, 5_000))
    fail(archive, StoreUnavailable("gone"), good=2)
    with pytest.raises(Exception, match=r"payload|Connection|disconnected"):
        await archive.ask("/web-https/results", format="csv", from_="-24h")


async def test_a_port_that_is_taken_is_told_and_tried_again(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = archive.server.addresses[0]
    other = HistoryServer(
        lambda: archive.catalogues, archive.clock, HistoryJournal(archive.folder, lambda: None)
    )
    await other.listen(*taken)
    await other.listen(*taken)
    assert capsys.readouterr().out.count("history.cannot_listen") == 1
    assert other.addresses == []
    await archive.server.close()
    await other.listen(*taken)
    assert other.addresses == [taken]
    await other.close()
