"""A way of telling subscribers of another distribution: an entry point, and nothing else is
changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.architecture.test_plugins import CONFIG, run

PAGER = """
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.i18n.forms.subscribers import WayWords
from monitor.i18n.languages import Lang
from monitor.i18n.ways import Way
from monitor.subscribers.channels.kind import Route, SubscriberChannel

SENT = []

class Writer:
    def confirmation(self, asked, address, now):
        return b"confirm"

    def update(self, update, to, address):
        return update.said_in(Lang.ES).subject.encode()

class Connection:
    async def send(self, address, written):
        SENT.append([address, written.decode()])

    def close(self):
        pass

def read(typed):
    if not typed.isdigit():
        raise BadAddress("no pager")
    return typed, f"pager:{typed}"

def open_route(given):
    return Route(writer=Writer(), connections=[Connection()])

WORDS = WayWords(title="Mensáfono", lead="Un mensaje corto.", label="Su número")
KIND = SubscriberChannel(
    name="pager", open=open_route, summary="a pager", way=Way(read=read, words={Lang.ES: WORDS})
)
"""
PROGRAM = """
import asyncio, json, sys
from dataclasses import replace
from pathlib import Path
from monitor.config import compile_catalogue
from monitor.domain.rollup import Shown
from monitor.roles.registries import registries, unusable_plugins
from monitor.roles.subscribers.role import SubscribersRole
from monitor.subscribers.channels.registry import SUBSCRIBER_CHANNELS
from statuspage.publish.render import render
from statuspage.serve.subscribing.form_reading import read_filled, request_of
from tests.statuspage.builders import showing
from tests.subscribers.world import SubscribersWorld
from tests.support.worlds import catalogue

settings = compile_catalogue(sys.argv[1], filename="c.yaml", registries=registries()).subscribers
view = replace(
    showing(Shown.OPERATIONAL), takes_subscribers=True, subscriber_channels=settings.channels
)
page = render(view)["/suscripcion"].fresh.content.decode()

def request(sent):
    filled = read_filled(sent, is_json=False, is_statuspages=False)
    return request_of(filled, "es")

def refusal(sent):
    try:
        request(sent)
    except ValueError as error:
        return type(error).__name__

world = SubscribersWorld(Path(sys.argv[2]), replace(catalogue(), subscribers=settings))
role = SubscribersRole(Path(sys.argv[2]), world.catalogues)
routes = role._routes(("pager", "broken"), None)
asked = request(b"kind=pager&address=77")

def press():
    world.confirm(world.listed()[0].id)

async def tell():
    dispatcher = world.dispatcher(0, kind="pager", route=routes["pager"])
    recording = asyncio.create_task(dispatcher._recorder.run())
    for work in (lambda: None, lambda: world.request("77", kind="pager"), press, world.fall):
        work()
        while dispatcher.look() or await dispatcher._send_due():
            pass
    recording.cancel()

asyncio.run(tell())
print(json.dumps({
    "form": ["Mensáfono" in page, 'name="address" autocomplete' in page, "broken" in page],
    "asked": [asked.contact.kind, asked.contact.address],
    "refused": [refusal(b"kind=pager&address=x"), refusal(b"kind=gopher&address=77")],
    "routes": list(routes),
    "listed": list(SUBSCRIBER_CHANNELS)[-2:],
    "sent": sys.modules["pager_plugin"].SENT,
    "unusable": list(unusable_plugins()),
}))
"""
SUBSCRIBERS = """
subscribers:
  sender: estado@example.com
  server: {host: 127.0.0.1, security: none}
  channels: [pager, broken]
"""


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A folder in which a pager is installed, and a way that cannot be loaded."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "pager_plugin.py").write_text(PAGER)
    (site / "broken_plugin.py").write_text("import no_such_library_at_all\n")
    info = site / "pager-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pager\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[estado.subscriber_channels]\npager = pager_plugin:KIND\nbroken = broken_plugin:KIND\n"
    )
    return site


def test_an_entry_point_alone_adds_a_way_of_telling_subscribers(
    pager: Path, tmp_path: Path
) -> None:
    config = CONFIG.replace("PROBE", "tcp") + SUBSCRIBERS
    done = run(PROGRAM, pager, config, str(tmp_path))
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()
    told = json.loads(last)
    assert told == {
        "form": [True, True, False],
        "asked": ["pager", "77"],
        "refused": ["ValueError", "ValueError"],
        "routes": ["pager"],
        "listed": ["broken", "pager"],
        "sent": [["77", "confirm"], ["77", "Investigando: Correo: sin respuesta"]],
        "unusable": [
            "the subscriber channel broken cannot be used: broken_plugin:KIND: "
            "ModuleNotFoundError: No module named 'no_such_library_at_all'"
        ],
    }
