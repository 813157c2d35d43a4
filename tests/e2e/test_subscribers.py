"""From the form to the mail and back to the erased address, through the roles as they run."""

from __future__ import annotations

import os
import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.e2e.product import HOST, Product, free_port, helper, product, until

pytestmark = pytest.mark.timeout(240)
ADDRESS = "canary7@secret.example"
_EXTRA = """subscribers:
  sender: Estado <estado@example.com>
  server: {{host: {host}, port: {port}, security: none}}
  connections: 2
"""


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    port = free_port()
    folder = tmp_path / "mails"
    args = ("--folder", str(folder), "--smtp-port", str(port), "--http-port", str(free_port()))
    with helper("monitor.demo.mailbox", *args):
        yield folder, port


def post(url: str, **fields: str) -> tuple[int, str]:
    body = urllib.parse.urlencode(fields).encode()
    try:
        with urllib.request.urlopen(url, body, timeout=10) as answer:  # noqa: S310 - our own loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def mails(folder: Path) -> list[str]:
    """The plain text of each, by arrival."""
    found = []
    for file in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        body = mail.get_body(("plain",))
        assert body is not None
        found.append(f"To: {mail['To']}\n{mail['Subject']}\n{body.get_content()}")
    return found


def link(text: str, kind: str) -> str:
    found = re.search(rf"(http://\S+/suscripcion/{kind}/\S+)", text)
    assert found is not None, text
    return found[1]


def traces(made: Product, of: str) -> list[str]:
    """The files of the data folder, logs of writes included, that hold these bytes."""
    found = []
    # Publications come and go meanwhile.
    for folder, _, names in os.walk(made.data):
        for file in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                if of.encode() in file.read_bytes():
                    found.append(file.name)
    return found


def test_from_the_form_to_the_mail_and_back_to_the_erased_address(
    tmp_path: Path, mailbox: tuple[Path, int]
) -> None:
    folder, port = mailbox
    target = socket.create_server((HOST, 0))
    checks = {"web": f"{HOST}:{target.getsockname()[1]}"}
    extra = _EXTRA.format(host=HOST, port=port)
    with product(tmp_path, checks, extra=extra) as made:
        for role in ("core", "prober", "page", "subscribers"):
            made.start(role)
        made.wait_ready()
        until(lambda: made.page("/suscripcion")[0] == 200, within=20, what=made.tail())
        status, page = post(f"{made.url}/suscripcion", email=ADDRESS)
        assert status == 200
        assert "Revise su correo" in page
        until(lambda: mails(folder), within=20, what=made.tail())
        status, _ = post(link(mails(folder)[0], "confirmar"))
        assert status == 200
        until(lambda: "1 confirmed" in _states(made), within=20, what=made.tail())

        target.close()
        until(lambda: len(mails(folder)) == 2, within=40, what=made.tail())
        told = mails(folder)[1]
        assert told.startswith(f"To: {ADDRESS}\nInvestigando: ")
        assert traces(made, "canary7")

        made.kill("subscribers")
        made.start("subscribers")
        assert post(link(told, "baja"), **{"List-Unsubscribe": "One-Click"})[0] == 200
        until(lambda: "1 ended" in _states(made), within=20, what=made.tail())
        # The page prunes its inbox when it starts, and each minute.
        made.kill("page")
        made.start("page")
        until(lambda: not traces(made, "canary7"), within=30, what=f"{traces(made, 'canary7')}")
        assert not [log for log in tmp_path.glob("*.log") if b"canary7" in log.read_bytes()]
        assert len(mails(folder)) == 2


def _states(made: Product) -> str:
    return made.command(
        "subscriber", "list", "-c", str(made.config), "-d", str(made.data), "--ended"
    ).stdout
