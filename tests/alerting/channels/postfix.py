"""A real postfix on loopback that delivers into maildirs: what an operator would open is read."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.support.certificates import Authority
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require, require_server

DOMAIN = "fix.test"
_UNTESTED = "alerts by e-mail against a real mail server"
_DAEMONS = Path("/usr/lib/postfix/sbin")
_NOBODY = 65534
_ATTEMPTS = 3

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
multi_instance_enable = no
myhostname = mx.{domain}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ @{domain}=all/ }}
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_minimum_uid = 100
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_recipient_restrictions =
  check_recipient_access inline:{{
    {{ gone@{domain} = 550 5.1.1 no such user }},
    {{ later@{domain} = 451 4.3.0 come back later }} }},
  permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
disable_dns_lookups = yes
default_transport = discard:nothing leaves loopback
alias_maps =
smtputf8_enable = no
"""
_MASTER = """
127.0.0.1:{starttls} inet n - n - - smtpd
127.0.0.1:{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """Three ports of one server: STARTTLS on offer, TLS from the first byte, neither."""

    starttls: int
    tls: int
    plain: int
    ca_file: Path
    folder: Path

    def delivered(self, count: int) -> list[EmailMessage]:
        """So many mails, oldest first, as they lie in the maildir; waits for them."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            files = sorted(
                (self.folder / "mail/all/new").glob("*"), key=lambda f: f.stat().st_mtime_ns
            )
            if len(files) >= count:
                return [_read(file) for file in files]
            time.sleep(0.02)
        log = (self.folder / "mail.log").read_text("utf-8", "replace")
        raise AssertionError(f"{count} mails wanted; the server says:\n{log}")

    def forget(self) -> None:
        """Empty the maildir."""
        for file in (self.folder / "mail/all/new").glob("*"):
            file.unlink()


@contextmanager
def running_postfix() -> Iterator[Postfix]:
    """A postfix of its own, ended on leaving."""
    binary = require_server("postfix", _UNTESTED)
    require(os.geteuid() == 0, "root, which postfix starts as", _UNTESTED)
    # Not under pytest's own folder: the daemons, who are not root, have to get in.
    folder = Path(tempfile.mkdtemp(prefix="estado-postfix-"))
    folder.chmod(0o755)
    try:
        server, process = _started(binary, folder)
        try:
            yield server
        finally:
            _end_master(folder)
            process.terminate()
            process.wait(PATIENCE_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end_master(folder: Path) -> None:
    """The master leaves the session of what started it: it has to be told itself."""
    noted = folder / "queue/pid/master.pid"
    if noted.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(noted.read_text()), signal.SIGTERM)


def _started(binary: Path, folder: Path) -> tuple[Postfix, subprocess.Popen[bytes]]:
    for name in ("queue", "data", "conf", "mail/all"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.chown(folder / "data", "postfix")
    for path in (folder / "mail", folder / "mail/all"):
        os.chown(path, _NOBODY, _NOBODY)
    for known in ("postfix-files", "dynamicmaps.cf"):
        if (Path("/etc/postfix") / known).exists():
            shutil.copy(Path("/etc/postfix") / known, folder / "conf" / known)
    authority = Authority()
    (folder / "ca.pem").write_bytes(authority.ca_pem())
    certificate, key = authority.good().write(folder, "good")
    text = _MAIN.format(
        folder=folder, daemons=_DAEMONS, domain=DOMAIN, nobody=_NOBODY,
        certificate=certificate, key=key,
    )  # fmt: skip
    (folder / "conf/main.cf").write_text(text, "utf-8")
    for _ in range(_ATTEMPTS):
        starttls, tls, plain = free_ports(3)
        master = _MASTER.format(starttls=starttls, tls=tls, plain=plain)
        (folder / "conf/master.cf").write_text(master, "utf-8")
        process = _run(binary, folder)
        if _is_up(process, (starttls, tls, plain)):
            server = Postfix(
                starttls=starttls, tls=tls, plain=plain, ca_file=folder / "ca.pem", folder=folder
            )
            return server, process
    raise RuntimeError(f"postfix did not start: {(folder / 'start.log').read_text('utf-8')}")


def _run(binary: Path, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "start.log").open("wb") as out:
        return subprocess.Popen([binary, "-c", folder / "conf", "start-fg"], stdout=out, stderr=out)


def _is_up(process: subprocess.Popen[bytes], ports: tuple[int, ...]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if all(map(is_open, ports)):
            return True
        time.sleep(0.05)
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE_S)
    return False


def _read(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail
