"""One outage through everything: log, journal, page, API, metrics, alerts, report."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from monitor.adapters.journal import open_journal
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import Outcome
from tests.e2e.flapping import Outage, wall, write_script
from tests.e2e.product import HOST, Product, free_port, helper, product, until

pytestmark = [pytest.mark.timeout(150), pytest.mark.xdist_group("e2e")]
_FALL, _RISE = 8.0, 16.0


@dataclass(frozen=True, slots=True)
class Story:
    made: Product
    inbox: Path
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
    script = folder / "script.json"
    checks = {"flaky": f"{HOST}:{flaky}", "steady": f"{HOST}:{steady}"}
    with product(folder, checks, extra=alerts(sink)) as made:
        t0 = wall()
        write_script(script, t0, {flaky: [Outage(_FALL, _RISE)], steady: []})
        inbox = folder / "inbox"
        with (
            helper("tests.e2e.flapping", str(script)),
            helper(
                "monitor.demo.sink", "--folder", str(inbox),
                "--http-port", str(sink), "--smtp-port", str(sink + 1),
            ),
        ):  # fmt: skip
            made.start_all()
            made.wait_ready()
            until(
                lambda: [i for i in made.api("incidents")["incidents"] if i["resolved_at"]],
                within=45,
                what=f"a resolved incident {made.tail()}",
            )
            until(lambda: len(list(inbox.glob("*"))) >= 4, within=15, what="four messages")
            yield Story(made, inbox, t0 + _FALL, t0 + _RISE)


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
