"""A prober that was stopped for 7 s judges what lay in its sockets, and believes no time-out."""

from __future__ import annotations

import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from monitor.catalogues.file import write_catalogues
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import CheckId, Result
from monitor.results.log.result_log import open_reader
from monitor.scheduling.timer_wheel import TICKS_PER_SECOND, phase_of
from probes.http import HttpSpec
from probes.mail.imap import ImapSpec
from probes.mail.pop3 import Pop3Spec
from probes.mail.smtp import SmtpSpec
from probes.tcp import TcpSpec
from tests.faults.prober_process import logged, running_prober
from tests.support.catalogues import a_check, a_revision

STOPPED_S = 7.0
INTERVAL = 10
"""Hence a time limit of 5 s."""
RST = struct.pack("ii", 1, 0)
Answers = Mapping[bytes, bytes]
HTTP = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Mute:
    """A server that takes connections and says its first word when it is told to."""

    def __init__(self, listener: socket.socket, speak: Callable[[socket.socket], None]) -> None:
        self._listener = listener
        self._speak = speak
        self.port: int = listener.getsockname()[1]
        self.is_asked = threading.Event()
        self.may_speak = threading.Event()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            self.is_asked.set()
            self.may_speak.wait()
            with suppress(OSError):
                self._speak(connection)


@contextmanager
def mute(speak: Callable[[socket.socket], None]) -> Iterator[Mute]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Mute(listener, speak)
        threading.Thread(target=server.serve, daemon=True).start()
        yield server
        server.may_speak.set()
        listener.shutdown(socket.SHUT_RDWR)


def dialogue(greeting: bytes, answers: Answers) -> Callable[[socket.socket], None]:
    """Greets, and answers each line by its first word, by the last one, or by `b""`."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                said = next((answers[word] for word in answers if word in line), b"")
                connection.sendall(said.replace(b"TAG", line.split()[0]))

    return speak


def answering_http(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(HTTP)


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)


def silent(connection: socket.socket) -> None:
    connection.recv(65536)
    threading.Event().wait()


SMTP = dialogue(
    b"220 mail.test ESMTP\r\n", {b"EHLO": b"250 mail.test\r\n", b"QUIT": b"221 bye\r\n"}
)
POP3 = dialogue(b"+OK ready\r\n", {b"CAPA": b"+OK\r\nUSER\r\n.\r\n", b"QUIT": b"+OK\r\n"})
IMAP = dialogue(
    b"* OK ready\r\n",
    {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
        b"LOGOUT": b"* BYE\r\nTAG OK done\r\n",
    },
)


def named(prefix: str) -> str:
    """A name whose looks begin within the same second as those of all other names from here."""
    names = (f"{prefix}-{n}" for n in count())
    return next(n for n in names if phase_of(CheckId(n), INTERVAL) < TICKS_PER_SECOND)


def look_at(prefix: str, kind: str, spec: object) -> Check:
    return a_check(named(prefix), interval=INTERVAL, kind=kind, spec=spec)


def first_looks(data_dir: Path) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for result in logged(data_dir):
        found.setdefault(result.check.rpartition("-")[0], result)
    return found


def stalls(data_dir: Path) -> tuple[float, int]:
    """How many the prober tells of in all, and lately."""
    reader = open_reader(data_dir / "results.db")
    try:
        figures = reader.metrics()
    finally:
        reader.close()
    return (figures.extra["stalls"], figures.recent_stalls) if figures else (0, 0)


def seen_by_a_stopped_prober(data_dir: Path) -> dict[str, Result]:
    host = "127.0.0.1"
    with ExitStack() as stack:
        smtp, pop3, imap, http, hung, reset = servers = [
            stack.enter_context(mute(speak))
            for speak in (SMTP, POP3, IMAP, answering_http, silent, resetting)
        ]
        checks = [
            look_at("smtp", "smtp", SmtpSpec(host=host, port=smtp.port)),
            look_at("pop3", "pop3", Pop3Spec(host=host, port=pop3.port)),
            look_at("imap", "imap", ImapSpec(host=host, port=imap.port)),
            look_at("http", "http", HttpSpec(url=f"http://{host}:{http.port}/")),
            look_at("hung", "tcp", TcpSpec(host=host, port=hung.port, expect="ready")),
            look_at("reset", "http", HttpSpec(url=f"http://{host}:{reset.port}/")),
        ]
        data_dir.mkdir()
        write_catalogues(data_dir / "catalogue.json", [a_revision(checks)])
        prober = stack.enter_context(running_prober(data_dir))
        for server in servers:
            assert server.is_asked.wait(20), prober.stderr
        prober.process.send_signal(signal.SIGSTOP)
        for server in servers:
            server.may_speak.set()
        threading.Event().wait(STOPPED_S)
        prober.process.send_signal(signal.SIGCONT)
        prober.wait_until(lambda: len(first_looks(data_dir)) == len(checks), "six results")
        prober.wait_until(lambda: stalls(data_dir) == (1, 1), "the stall in the figures")
        return first_looks(data_dir)


def test_it_judges_what_lay_in_its_sockets_and_believes_no_time_out(tmp_path: Path) -> None:
    seen = seen_by_a_stopped_prober(tmp_path / "data")
    assert {name: (r.outcome.value, r.failure) for name, r in seen.items()} == {
        "smtp": ("up", None),
        "pop3": ("up", None),
        "imap": ("up", None),
        "http": ("up", None),
        "hung": ("unknown", "stalled_monitor"),
        "reset": ("unknown", "stalled_monitor"),
    }
    assert all(not r.phases_ms for r in seen.values()), "a pause of ours is nobody's latency"
    assert seen["hung"].evidence["held"] == "greeting_timeout"
