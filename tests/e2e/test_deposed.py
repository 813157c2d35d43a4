"""A core that was cut off and does not know it writes nothing once another has the journal."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from monitor.journal.access import migrate
from monitor.journal.tables import METADATA
from tests.e2e.flapping import Outage, wall, write_script
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.journal.postgres import PostgresServer

pytestmark = pytest.mark.timeout(150)
_SETTINGS = """  journal: ${{ESTADO_JOURNAL}}
alerts:
  group_wait: 1s
  observe: 2s
  flap_changes: 1000
  routes:
    - id: ops
      via:
        - {{id: hook, kind: webhook, settings: {{url: "http://{host}:{port}/"}}}}
"""
_NOTED: tuple[LiteralString, ...] = (
    "CREATE ROLE one SUPERUSER LOGIN",
    "CREATE ROLE two SUPERUSER LOGIN",
    "CREATE TABLE noted (who text, epoch bigint)",
    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO noted SELECT session_user, epoch FROM core_epoch; RETURN NULL; END $$",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """A journal whose every write is noted with the account that wrote it, and its epoch."""

    server: PostgresServer

    @property
    def url(self) -> str:
        return self.server.url("postgres")

    def url_of(self, who: str) -> str:
        return self.url.replace("//postgres@", f"//{who}@")

    def prepare(self) -> None:
        migrate(self.url)
        with psycopg.connect(self.url) as session:
            for statement in _NOTED:
                session.execute(statement)
            for name in METADATA.tables:
                noting = sql.SQL(
                    "CREATE TRIGGER noting AFTER INSERT OR UPDATE OR DELETE ON {} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION note()"
                )
                session.execute(noting.format(sql.Identifier(name)))

    def written(self) -> Mapping[tuple[str, int], int]:
        rows = self._ask("SELECT who, epoch, count(*) FROM noted GROUP BY who, epoch")
        return {(str(who), int(epoch)): int(times) for who, epoch, times in rows}

    def is_in_a_transaction(self, who: str) -> bool:
        busy = (
            "SELECT pid FROM pg_stat_activity "
            "WHERE state <> 'idle' AND application_name = 'estado' AND usename = %s"
        )
        return bool(self._ask(busy, who))

    def cut_lock(self, who: str) -> None:
        end = (
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE starts_with(application_name, 'on ') AND usename = %s"
        )
        assert self._ask(end, who) == [(True,)]

    def _ask(self, statement: LiteralString, *given: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as session:
            return session.execute(statement, given).fetchall()


@pytest.fixture
def watched() -> Iterator[Watched]:
    server = PostgresServer.start()
    journal = Watched(server)
    journal.prepare()
    yield journal
    server.stop()


def stop_between_transactions(made: Product, watched: Watched) -> None:
    """Another could not begin while a stopped one holds a transaction open."""
    made.signal("core", signal.SIGSTOP)
    while watched.is_in_a_transaction("one"):
        made.signal("core", signal.SIGCONT)
        made.signal("core", signal.SIGSTOP)


def sent(folder: Path) -> Counter[str]:
    hooks = [json.loads(p.read_text()) for p in (folder / "inbox").glob("*.json")]
    return Counter(hook["headers"]["idempotency-key"] for hook in hooks)


def test_a_core_that_lost_its_lock_writes_nothing_after_another_took_it(
    tmp_path: Path, watched: Watched
) -> None:
    target, sink = free_port(), free_port()
    extra = _SETTINGS.format(host=HOST, port=sink)
    script = tmp_path / "script.json"
    with (
        product(tmp_path, {"t": f"{HOST}:{target}"}, extra=extra, max_gap="30s") as made,
        helper(
            "monitor.demo.mailbox", "--folder", str(tmp_path / "inbox"),
            "--http-port", str(sink), "--smtp-port", str(free_port()),
        ),
    ):  # fmt: skip
        write_script(script, wall() + 4, {target: [Outage(2, 14)]})
        with helper("tests.e2e.flapping", str(script)):
            made.start("core", ESTADO_JOURNAL=watched.url_of("one"))
            first = made.roles["core"]
            made.start("prober")
            made.start("page")
            until(lambda: sent(tmp_path), within=60, what=f"an opening {made.tail()}")
            stop_between_transactions(made, watched)
            watched.cut_lock("one")
            made.start("core", ESTADO_JOURNAL=watched.url_of("two"))
            until(
                lambda: watched.written().get(("two", 2), 0) > 20,
                within=60,
                what=f"another core at work {made.tail()}",
            )
            first.send_signal(signal.SIGCONT)
            assert first.wait(30) == 1
            until(
                lambda: [i for i in made.api("incidents")["incidents"] if i["resolved_at"]],
                within=60,
                what=f"the end of the outage {made.tail()}",
            )
            until(lambda: len(sent(tmp_path)) == 2, within=30, what=f"a resolution {made.tail()}")
        assert '"core.deposed"' in (tmp_path / "core.log").read_text()
        (only,) = made.api("incidents")["incidents"]
        assert only["resolved_at"]
        assert max(sent(tmp_path).values()) <= 2
        wrote = watched.written()
        assert wrote[("one", 1)] > 0
        assert {who for who, epoch in wrote if epoch == 2} == {"two"}
