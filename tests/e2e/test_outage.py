"""One outage through everything: log, journal, page, API, metrics, alerts, report."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import open_journal
from tests.e2e.flapping import wall
from tests.e2e.pictures import LANGS, SCHEMES, WIDTHS, Pictures, camera
from tests.e2e.product import HOST, Product, free_port, helper, product, until
from tests.support.require import require_server

pytestmark = pytest.mark.timeout(400)
_UP = 'estado_component_90d_seconds{bucket="up",component="flaky"}'
_HOME = {"es": "/es/", "en": "/en/"}
_SAID = {
    "open": ("flaky: sin respuesta", "flaky: not responding"),
    "incident": ("Investigando", "Investigating"),
    "resolved": ("Resuelto", "Resolved"),
    "maintenance": ("steady: cambio de disco", "steady: new disk"),
    "no-data": ("Ahora no podemos comprobar los servicios.", "We cannot check the services now."),
}
"""What each scene shows, in both languages."""


@dataclass(frozen=True, slots=True)
class Story:
    made: Product
    inbox: Path
    pictures: Pictures
    fell: float
    rose: float

    def incident(self) -> dict[str, object]:
        (found,) = self.made.api("incidents")["incidents"]
        return dict(found)


def alerts(port: int) -> str:
    return f"""alerts:
  group_wait: 2s
  observe: 3s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://{HOST}:{port}/"}}
    - id: post
      via:
        - id: mail
          kind: email
          settings:
            host: {HOST}
            port: {port + 1}
            security: none
            sender: estado@example.test
            recipients: [ops@example.test]
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A target falls and rises while the product watches; the story is over when it is told."""
    folder = tmp_path_factory.mktemp("outage")
    flaky, steady, sink = free_port(), free_port(), random.SystemRandom().randrange(20000, 29000, 2)
    checks = {"flaky": f"{HOST}:{flaky}", "steady": f"{HOST}:{steady}"}
    inbox = folder / "inbox"
    with (
        product(folder, checks, extra=alerts(sink)) as made,
        camera() as pictures,
        helper(
            "monitor.demo.mailbox", "--folder", str(inbox),
            "--http-port", str(sink), "--smtp-port", str(sink + 1),
        ),
        listening(steady),
    ):  # fmt: skip
        with listening(flaky):
            made.start_all()
            made.wait_ready()
            until(lambda: made.metric(_UP), within=30, what=f"flaky up {made.tail()}")
        fell = wall()
        see_it_fall(made, pictures)
        with listening(flaky):
            rose = wall()
            see_it_resolved(made, pictures)
            until(lambda: len(list(inbox.glob("*"))) >= 4, within=15, what="four messages")
            see_maintenance(made, pictures)
            see_no_data(made, pictures)
            yield Story(made, inbox, pictures, fell, rose)


def listening(port: int) -> socket.socket:
    """A target that is up while it is open. The system takes connections by itself: nobody needs
    to accept them."""
    return socket.create_server((HOST, port), backlog=4_096)


def see_it_fall(made: Product, pictures: Pictures) -> None:
    (incident,) = until(
        lambda: made.api("incidents")["incidents"], within=45, what=f"an incident {made.tail()}"
    )
    pictures.take("open", made.url, _HOME)
    path = incident["id"]
    pages = {"es": f"/incidente/{path}", "en": f"/en/incident/{path}"}
    pictures.take("incident", made.url, pages)


def see_it_resolved(made: Product, pictures: Pictures) -> None:
    until(
        lambda: [i for i in made.api("incidents")["incidents"] if i["resolved_at"]],
        within=45,
        what=f"a resolved incident {made.tail()}",
    )
    pictures.take("resolved", made.url, _HOME)


def see_maintenance(made: Product, pictures: Pictures) -> None:
    """A window that is on, then taken back."""
    places = ("--config", str(made.config), "--data-dir", str(made.data))
    hour = datetime.fromtimestamp(wall() + 3_600, tz=UTC)
    added = made.command(
        "maintenance", "add", "--component", "steady", "--start", "now",
        "--end", hour.isoformat(timespec="minutes"),
        "--title", "steady: cambio de disco", "--title-en", "steady: new disk",
        "--impact", "Unos minutos sin servicio.", "--impact-en", "A few minutes without service.",
        "--reason", "prueba", *places,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    until_shown(made, "under_maintenance")
    pictures.take("maintenance", made.url, _HOME)
    cancelled = made.command("maintenance", "cancel", added.stdout.split(":")[0], *places)
    assert cancelled.returncode == 0, cancelled.stderr


def see_no_data(made: Product, pictures: Pictures) -> None:
    """Nobody looks for a while; afterwards somebody does again. Silence is no event: it is told by
    the rendering of each minute."""
    made.kill("prober")
    until(
        lambda: _SAID["no-data"][0] in made.page("/es/")[1],
        within=90,
        what=f"no data {made.tail()}",
    )
    pictures.take("no-data", made.url, _HOME)
    made.start("prober")
    until(
        lambda: "Todos los servicios están estables." in made.page("/es/")[1],
        within=90,
        what=f"all well again {made.tail()}",
    )


def until_shown(made: Product, status: str) -> None:
    until(
        lambda: [c for c in made.api("components")["components"] if c["status"] == status],
        within=30,
        what=f"{status} {made.tail()}",
    )


def seconds(stamp: object) -> float:
    return datetime.fromisoformat(str(stamp)).timestamp()


def test_the_incident_starts_and_recovers_within_one_interval_of_the_target(story: Story) -> None:
    incident = story.incident()
    assert story.fell <= seconds(incident["started_at"]) + 1 <= story.fell + 2
    assert story.rose <= seconds(incident["monitoring_at"]) + 1 <= story.rose + 2


def test_journal_api_metrics_and_report_agree_to_the_second(story: Story) -> None:
    incident = story.incident()
    started, ended = seconds(incident["started_at"]), seconds(incident["monitoring_at"])
    with (
        open_journal(f"sqlite:///{story.made.data / 'journal.db'}") as journal,
        journal.transaction() as tx,
    ):
        drawn = tx.transitions.drawing(Interval(Second(0), Second(int(wall()) + 1)))
    flaky = next(found for (check, _), found in drawn.items() if check == "flaky-check")
    down = [t.effective_at for t in flaky if t.to is Outcome.DOWN]
    up = [t.effective_at for t in flaky if t.source is Outcome.DOWN]
    assert (down, up) == ([started], [ended])
    spent = story.made.metric('estado_component_90d_seconds{bucket="down",component="flaky"}')
    assert spent == ended - started
    assert report_down(story, "flaky") == ended - started
    assert report_down(story, "steady") == 0


def report_down(story: Story, component: str) -> float:
    month = time.strftime("%Y-%m", time.gmtime(story.fell - 3 * 3600))
    done = story.made.command(
        "report", month, "--provisional", "--format", "json",
        "--config", str(story.made.config), "--data-dir", str(story.made.data),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["components"]
    return float(next(r for r in rows if r["id"] == component)["down_s"])


def test_each_target_was_told_once_of_the_opening_and_once_of_the_end(story: Story) -> None:
    mails = sorted(p.read_text() for p in story.inbox.glob("*.eml"))
    hooks = [json.loads(p.read_text()) for p in story.inbox.glob("*.json")]
    assert len(mails) == 2
    keys = [hook["headers"]["idempotency-key"] for hook in hooks]
    assert len(keys) == len(set(keys)) == 2


def test_the_page_says_it_in_spanish(story: Story) -> None:
    _, page = story.made.page("/", **{"Accept-Language": "es"})
    assert "flaky" in page
    assert "Todos los servicios están estables." in page


def test_a_month_that_is_not_over_is_refused_and_the_way_out_named(story: Story) -> None:
    month = time.strftime("%Y-%m", time.gmtime(story.fell - 3 * 3600))
    done = story.made.command(
        "report", month,
        "--config", str(story.made.config), "--data-dir", str(story.made.data),
    )  # fmt: skip
    assert done.returncode == 2
    assert "--provisional" in done.stderr


@pytest.mark.parametrize("scene", _SAID)
def test_the_page_shows_it_to_everybody_and_nothing_is_wrong_with_it(
    story: Story, scene: str
) -> None:
    require_server("chromium", "the living product's page in a browser")
    taken = {n: s for n, s in story.pictures.seen.items() if n.startswith(f"live-{scene}-")}
    assert len(taken) == len(LANGS) * len(WIDTHS) * len(SCHEMES)
    assert {name: seen.troubles for name, seen in taken.items() if seen.troubles} == {}
    spanish, english = _SAID[scene]
    for name, seen in taken.items():
        said = spanish if f"-{scene}-es-" in name else english
        assert said in seen.words, name
