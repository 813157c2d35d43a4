"""A real Icecast with sources that play: one for everybody, one to freeze, one nobody may hear."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require, require_server
from tests.support.streams import Encoder, running_encoder, wait_until

RADIO_KBPS = 64
"""The rate at which `/radio.mp3` plays."""
BURST_BYTES = 16_384
"""What the server sends at once to a new listener."""
_UNTESTED = "radio streams against a real Icecast"
_ATTEMPTS = 3
_SHARE = Path("/usr/share/icecast2")
_RATES = {
    "radio.mp3": RADIO_KBPS,
    "frozen.mp3": 320,
    "limited.mp3": RADIO_KBPS,
    "radio.ogg": RADIO_KBPS,
}
_FORMATS = {
    "mp3": ("libmp3lame", "mp3", "audio/mpeg"),
    "ogg": ("libopus", "ogg", "application/ogg"),
}
_CONFIG = """
<icecast>
  <location>test</location><admin>radio@radio.test</admin><hostname>localhost</hostname>
  <limits>
    <clients>50</clients><sources>10</sources><queue-size>524288</queue-size>
    <client-timeout>30</client-timeout><header-timeout>15</header-timeout>
    <source-timeout>60</source-timeout><burst-size>{burst}</burst-size>
  </limits>
  <authentication>
    <source-password>hackme</source-password><relay-password>hackme</relay-password>
    <admin-user>admin</admin-user><admin-password>hackme</admin-password>
  </authentication>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <mount type="normal">
    <mount-name>/limited.mp3</mount-name><max-listeners>0</max-listeners>
  </mount>
  <paths>
    <basedir>{share}</basedir><logdir>{folder}</logdir>
    <webroot>{share}/web</webroot><adminroot>{share}/admin</adminroot>
  </paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog></logging>
  <security><chroot>0</chroot>{owner}</security>
</icecast>
"""
_OWNER = "<changeowner><user>icecast2</user><group>icecast</group></changeowner>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Icecast:
    """Mounts: `/radio.mp3` and `/radio.ogg` play, `/frozen.mp3` is fed by `frozen`, `/limited.mp3`
    is full."""

    port: int
    frozen: Encoder

    def url(self, mount: str, port: int | None = None) -> str:
        return f"http://127.0.0.1:{port or self.port}/{mount}"


@contextmanager
def running_icecast() -> Iterator[Icecast]:
    """A server with its sources connected and a burst kept, ended on leaving."""
    binary = require_server("icecast2", _UNTESTED)
    require_server("ffmpeg", _UNTESTED)
    require(_SHARE.is_dir(), str(_SHARE), _UNTESTED)
    with ExitStack() as held:
        # Not a folder of the test's own: the server gives up root and must still pass through.
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="icecast-")))
        folder.chmod(0o755)
        port = held.enter_context(_server(binary, folder))
        encoders = {
            mount: held.enter_context(_source(folder, port, mount, kbps))
            for mount, kbps in _RATES.items()
        }
        for mount in ("radio.mp3", "frozen.mp3", "radio.ogg"):
            wait_until(lambda mount=mount: _burst(port, mount) >= BURST_BYTES // 2, mount)  # type: ignore[misc]
        wait_until(lambda: _answer(port, "limited.mp3").startswith(b"HTTP/1.0 403"), "limited.mp3")
        yield Icecast(port=port, frozen=encoders["frozen.mp3"])


@contextmanager
def _server(binary: Path, folder: Path) -> Iterator[int]:
    for _ in range(_ATTEMPTS):
        (port,) = free_ports(1)
        process = subprocess.Popen(
            [binary, "-c", _write_config(folder, port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: process.poll() is not None or is_open(port), "icecast2")  # noqa: B023
        if process.poll() is None:
            break
    else:
        raise RuntimeError("icecast2 did not start")
    try:
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _write_config(folder: Path, port: int) -> Path:
    is_root = os.geteuid() == 0
    text = _CONFIG.format(
        burst=BURST_BYTES, port=port, share=_SHARE, folder=folder, owner=_OWNER if is_root else ""
    )
    config = folder / "icecast.xml"
    config.write_text(text, "utf-8")
    if is_root:
        require("icecast2" in {u.pw_name for u in pwd.getpwall()}, "user icecast2", _UNTESTED)
        shutil.chown(folder, "icecast2", "icecast")
    return config


@contextmanager
def _source(folder: Path, port: int, mount: str, kbps: int) -> Iterator[Encoder]:
    codec, form, kind = _FORMATS[mount.rpartition(".")[2]]
    output = ["-c:a", codec, "-b:a", f"{kbps}k", "-f", form, "-content_type", kind]
    output.append(f"icecast://source:hackme@127.0.0.1:{port}/{mount}")
    with running_encoder(output, folder / f"{mount}.log", _UNTESTED) as encoder:
        yield encoder


def _answer(port: int, mount: str, size: int = 256) -> bytes:
    """The first bytes that a listener gets within half a second."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.settimeout(0.5)
        sock.sendall(f"GET /{mount} HTTP/1.0\r\n\r\n".encode())
        try:
            while len(got) < size and (piece := sock.recv(65536)):
                got += piece
        except TimeoutError:
            pass
    return got


def _burst(port: int, mount: str) -> int:
    got = _answer(port, mount, BURST_BYTES)
    return len(got) if got.startswith(b"HTTP/1.0 200") else 0
