"""A core that is killed on the way to the billing panel pays once, as processes."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from credits.billing.requests import ApplyingRequests, PassState, Task
from credits.life.states import CreditState
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.runtime.system_clock import SystemClock
from tests.billing.desk import ANA, BON, Desk
from tests.e2e.product import HOST, Product, product, until
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.tokens import token_file
from tests.support.whmcs import IDENTIFIER, SECRET, Whmcs, whmcs

pytestmark = [pytest.mark.kills, pytest.mark.timeout(400)]
BILLING = """\
credits:
  billing:
    kind: whmcs
    apply_settle: 1s
    settings:
      url: {url}
      identifier: {{file: {folder}/identifier}}
      secret: {{file: {folder}/secret}}
      dry_run: false
"""


@contextmanager
def standing_by() -> Iterator[Whmcs]:
    """A panel that outlives the cores, on a thread of its own."""
    loop = asyncio.new_event_loop()
    opened, closing = threading.Event(), asyncio.Event()
    found: list[Whmcs] = []

    async def serve() -> None:
        async with whmcs() as there:
            found.append(there)
            opened.set()
            await closing.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    opened.wait()
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()
        loop.close()


def ask(made: Product, task: Task) -> int:
    with open_journal(f"sqlite:///{made.data / 'journal.db'}") as journal:
        requests = ApplyingRequests(journal=journal, clock=SystemClock(), actor=ANA)
        return requests.ask(task).id


def is_answered(made: Product, wanted: int) -> Callable[[], bool]:
    def look() -> bool:
        with open_journal(f"sqlite:///{made.data / 'journal.db'}") as journal:
            requests = ApplyingRequests(journal=journal, clock=SystemClock(), actor=ANA)
            return requests.show(wanted).state is PassState.DONE

    return look


@contextmanager
def desk_of(made: Product) -> Iterator[Desk]:
    """The product's journal, by a clock that is near the machine's."""
    with open_journal(f"sqlite:///{made.data / 'journal.db'}") as journal:
        yield Desk(journal, FakeClock(Second(SystemClock().now())), made.folder)


def state_of(made: Product) -> CreditState:
    with desk_of(made) as desk:
        return desk.state()


@pytest.mark.parametrize(
    "point", ["billing.claim.before", "billing.send.before", "billing.answer.before"]
)
def test_a_core_killed_on_the_way_to_the_panel_pays_once(tmp_path: Path, point: str) -> None:
    for name, secret in (("identifier", IDENTIFIER), ("secret", SECRET)):
        token_file(tmp_path, secret, name)
    with standing_by() as there:
        extra = BILLING.format(url=there.url, folder=tmp_path)
        with product(tmp_path, {"c": f"{HOST}:1"}, extra=extra) as made:
            made.data.mkdir()
            new_journal(made.data / "journal.db")
            with desk_of(made) as desk:
                desk.keep()
            asked = ask(made, Task.APPLY)
            made.start("core", ESTADO_KILL_AT=f"{point}:1")
            assert made.roles.pop("core").wait(120) == -signal.SIGKILL, made.tail()
            made.start("core")
            until(is_answered(made, asked), within=60, what=f"answered {made.tail()}")
            if point == "billing.send.before":
                # It was said that the panel is asked, and it never was: nobody can know.
                assert state_of(made) is CreditState.APPLY_UNKNOWN
                searched = ask(made, Task.RECONCILE)
                until(is_answered(made, searched), within=60, what="searched")
                with desk_of(made) as desk:
                    desk.hands().release(BON, reason="Miré el saldo: no está")
                again = ask(made, Task.APPLY)
                until(is_answered(made, again), within=60, what="applied again")
            until(lambda: state_of(made) is CreditState.APPLIED, within=60, what="applied")
            with desk_of(made) as desk:
                assert desk.books_agree()
        assert [line["amount"] for line in there.log] == ["6.86"]
        assert len(there.calls("AddCredit")) == 1
