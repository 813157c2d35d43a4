"""The wall clock is set back an hour under running roles: what is old is said to be, what is due
comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.rollup import Shown
from monitor.domain.time.clock import read_clock
from monitor.roles.settings import published_dir
from monitor.runtime.system_clock import SystemClock
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.statuspage.builders import showing
from tests.support.faketime import faked_environment, set_wall

pytestmark = pytest.mark.timeout(300)
HOUR = 3_600
_ALERTS = """alerts:
  group_wait: 10m
  routes:
    - id: ops
      via:
        - {{id: hook, kind: webhook, settings: {{url: "http://{host}:{port}/"}}}}
"""


@pytest.fixture
def faked(tmp_path: Path) -> dict[str, str]:
    return faked_environment(tmp_path, "a wall clock that is set under the whole product")


def health(made: Product) -> dict[str, object]:
    status, body = made.page("/healthz")
    found: dict[str, object] = json.loads(body) if status == 200 else {}
    return found


def data_at(made: Product) -> int:
    return int(str(health(made).get("data_at") or 0))


def start_with_page(made: Product) -> None:
    """The page once there is a catalogue: it sleeps for one, which it cannot do under faketime."""
    made.start("core")
    until((made.data / "catalogue.json").exists, within=60, what=made.tail())
    made.start("page")


def set_back_to_ten_before_a_minute(folder: Path) -> int:
    """An hour and less than a minute; the wall clock's second then."""
    now = SystemClock().now()
    offset = -HOUR - (now + 10) % 60
    set_wall(folder, offset)
    return now + offset


@pytest.fixture
def failing(tmp_path: Path, faked: dict[str, str]) -> Iterator[Product]:
    """One component of which nobody answers, and a sink for its alert."""
    port = free_port()
    extra = _ALERTS.format(host=HOST, port=port)
    sink = ("--http-port", str(port), "--smtp-port", str(free_port()))
    with (
        product(tmp_path, {"silent": f"{HOST}:{free_port()}"}, extra=extra) as made,
        helper("monitor.demo.mailbox", "--folder", str(tmp_path / "inbox"), *sink),
    ):
        made.env.update(faked)
        start_with_page(made)
        made.start("prober")
        until(
            lambda: data_at(made) and made.metric("estado_incidents_unresolved"),
            within=120,
            what="an incident",
        )
        yield made


def test_messages_leave_and_pages_are_rendered_though_the_clock_is_set_back(
    failing: Product, tmp_path: Path
) -> None:
    assert list((tmp_path / "inbox").iterdir()) == []
    back = set_back_to_ten_before_a_minute(tmp_path)
    until(
        lambda: list((tmp_path / "inbox").glob("*.json")),
        within=20,
        what=f"the opening that waited {failing.tail()}",
    )
    until(
        lambda: back <= data_at(failing) < back + HOUR // 2,
        within=60,
        what=f"a page of the hour that it is {health(failing)} {failing.tail()}",
    )
    until(
        lambda: back + 10 <= data_at(failing) < back + HOUR // 2,
        within=90,
        what=f"the page of the next minute {health(failing)} {failing.tail()}",
    )
    assert health(failing)["stale"] is False


def test_a_page_whose_core_is_gone_goes_stale_though_the_clock_is_set_back(
    tmp_path: Path, faked: dict[str, str]
) -> None:
    with product(tmp_path, {"any": f"{HOST}:{free_port()}"}) as made:
        made.env.update(faked)
        start_with_page(made)
        until(lambda: data_at(made), within=60, what=made.tail())
        made.kill("core")
        at = publish_as_a_core_does(made, stale_after=20)
        until(lambda: data_at(made) == at, within=10, what=f"{health(made)}")
        set_wall(tmp_path, -HOUR)
        assert health(made)["stale"] is False
        until(lambda: health(made)["stale"], within=40, what=f"{health(made)}")


def publish_as_a_core_does(made: Product, stale_after: int) -> int:
    """But for how soon it is old; the second of its data."""
    now = read_clock(SystemClock())
    publish(
        published_dir(made.data), render(showing(Shown.OPERATIONAL, now=now.at)), now.at,
        stale_after, boottime=now.boottime, boot_id=now.boot_id,
    )  # fmt: skip
    return now.at
