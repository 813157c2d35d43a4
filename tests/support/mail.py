"""A real mail server: Postfix with Dovecot behind it, on ports of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.support.certificates import Authority, Issued, self_signed
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require, require_server

QUALITIES = ("good", "expired", "self_signed", "wrong_host", "incomplete_chain", "expiring")
USER, PASSWORD = "probe@radio.test", "corr3ct-horse"
_UNTESTED = "SMTP, IMAP and POP3 against real servers"
_ATTEMPTS = 3
_PLAIN = ("smtp", "smtp_login", "smtp_bare", "imap", "pop3", "imap_bare", "pop3_bare")

# Login processes give up their rights, so the folder must be open to others' passing through;
# the socket in it must be short enough for a socket's name.
_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = {tls}
ssl_cert = <{chain}
ssl_key = <{key}
auth_mechanisms = plain login
# A refused login is delayed and counted by default: the next look would seem slow.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = {tls}
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = {tls}
  }}
}}
service auth {{
  unix_listener {folder}/sasl {{
    mode = 0666
  }}
}}
mail_location = maildir:{folder}/boxes/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/boxes/%u
}}
"""
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
multi_instance_enable = no
myhostname = mx.radio.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/sasl
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
disable_dns_lookups = yes
default_transport = error:nothing leaves this machine
alias_maps =
"""
_SERVICES = """
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Where it listens.

    `ports` by name: `smtp` and `imap`, `pop3` offer STARTTLS (`smtp_login` an account, too);
    those with `_bare` know no TLS. `smtps`, `imaps` and `pop3s` map a quality of certificate to
    a port. `password_file` holds the password of `USER`.
    """

    ports: MappingProxyType[str, int]
    smtps: MappingProxyType[str, int]
    imaps: MappingProxyType[str, int]
    pop3s: MappingProxyType[str, int]
    ca_file: Path
    password_file: Path


@contextmanager
def running_mail() -> Iterator[Mail]:
    """Servers of their own in a folder of their own, ended and removed on leaving."""
    postfix = require_server("postfix", _UNTESTED)
    dovecot = require_server("dovecot", _UNTESTED)
    require(os.geteuid() == 0, "root, which starts postfix and dovecot", _UNTESTED)
    folder = Path(tempfile.mkdtemp(prefix="estado-mail-"))
    try:
        folder.chmod(0o755)
        with ExitStack() as held:
            yield _started(held, folder, postfix, dovecot)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(held: ExitStack, folder: Path, postfix: Path, dovecot: Path) -> Mail:
    certificates = _write_certificates(folder)
    (folder / "password").write_text(PASSWORD, "utf-8")
    log = ""
    for attempt in range(_ATTEMPTS):
        room = folder / str(attempt)
        mail = _mail(folder)
        _write_dovecots(room, mail, certificates)
        _write_postfix(room, mail, certificates)
        with ExitStack() as trial:
            commands = _commands(room, postfix, dovecot)
            running = [trial.enter_context(_process(*c, room / "start.log")) for c in commands]
            # All are told before the first is waited for.
            for process, (_, pid_file) in zip(running, commands, strict=True):
                trial.callback(_tell_to_end, process, pid_file)
            if _are_up(running, mail):
                held.push(trial.pop_all())
                return mail
        log = "".join(p.read_text("utf-8", "replace") for p in room.rglob("*.log"))
    raise RuntimeError(f"postfix and dovecot did not start: {log}")


def _commands(room: Path, postfix: Path, dovecot: Path) -> list[tuple[list[str | Path], Path]]:
    """Each with the file into which what goes on writes its number."""
    found: list[tuple[list[str | Path], Path]] = [
        ([dovecot, "-F", "-c", room / name / "dovecot.conf"], room / name / "run/master.pid")
        for name in ("bare", *QUALITIES)
    ]
    start: list[str | Path] = [postfix, "-c", room / "postfix", "start-fg"]
    return [*found, (start, room / "postfix/queue/pid/master.pid")]


def _mail(folder: Path) -> Mail:
    ports = iter(free_ports(len(_PLAIN) + 3 * len(QUALITIES)))
    plain = {name: next(ports) for name in _PLAIN}
    smtps, imaps, pop3s = ({quality: next(ports) for quality in QUALITIES} for _ in range(3))
    return Mail(
        ports=MappingProxyType(plain),
        smtps=MappingProxyType(smtps),
        imaps=MappingProxyType(imaps),
        pop3s=MappingProxyType(pop3s),
        ca_file=folder / "ca.pem",
        password_file=folder / "password",
    )


def _write_certificates(folder: Path) -> dict[str, tuple[Path, Path]]:
    authority = Authority()
    made: dict[str, Issued] = {
        "good": authority.good(),
        "expired": authority.expired(),
        "self_signed": self_signed(),
        "wrong_host": authority.wrong_host(),
        "incomplete_chain": authority.incomplete_chain(),
        "expiring": authority.good(days=3),
    }
    (folder / "ca.pem").write_bytes(authority.ca_pem())
    return {name: issued.write(folder, name) for name, issued in made.items()}


def _write_dovecots(room: Path, mail: Mail, certificates: dict[str, tuple[Path, Path]]) -> None:
    """One for each certificate, for it has one a process; and one that knows no TLS."""
    for name in ("bare", *QUALITIES):
        folder = room / name
        (folder / "boxes").mkdir(parents=True)
        shutil.chown(folder / "boxes", "mail", "mail")
        (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n", "utf-8")
        chain, key = certificates["good" if name == "bare" else name]
        suffix = {"bare": "_bare", "good": ""}.get(name)
        ports = {
            "imap": mail.ports[f"imap{suffix}"] if suffix is not None else 0,
            "pop3": mail.ports[f"pop3{suffix}"] if suffix is not None else 0,
            "imaps": mail.imaps.get(name, 0),
            "pop3s": mail.pop3s.get(name, 0),
        }
        tls = "no" if name == "bare" else "yes"
        text = _DOVECOT.format(folder=folder, tls=tls, chain=chain, key=key, **ports)
        (folder / "dovecot.conf").write_text(text, "utf-8")


def _write_postfix(room: Path, mail: Mail, certificates: dict[str, tuple[Path, Path]]) -> None:
    """Listeners with a login ask the Dovecot of the good certificate."""
    folder = room / "postfix"
    for name in ("queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    main = _MAIN.format(folder=folder).replace(f"{folder}/sasl", f"{room}/good/sasl")
    (folder / "main.cf").write_text(main, "utf-8")
    login = "smtpd_sasl_auth_enable=yes"
    lines = [
        _listener(mail.ports["smtp"], _tls(certificates["good"])),
        _listener(mail.ports["smtp_login"], _tls(certificates["good"]), login),
        _listener(mail.ports["smtp_bare"], ["smtpd_tls_security_level=none"], login),
    ]
    for quality, port in mail.smtps.items():
        wrapped = [*_tls(certificates[quality]), "smtpd_tls_wrappermode=yes"]
        lines.append(_listener(port, wrapped, login))
    (folder / "master.cf").write_text("\n".join(lines) + _SERVICES, "utf-8")


def _tls(files: tuple[Path, Path]) -> list[str]:
    chain, key = files
    return ["smtpd_tls_security_level=may", f"smtpd_tls_chain_files={key},{chain}"]


def _listener(port: int, settings: list[str], *more: str) -> str:
    options = " ".join(f"-o {option}" for option in (*settings, *more))
    return f"127.0.0.1:{port} inet n - n - - smtpd {options}"


@contextmanager
def _process(
    command: list[str | Path], pid_file: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield process
    finally:
        _tell_to_end(process, pid_file)
        process.wait(20)
        _wait_for_end(pid_file)


def _tell_to_end(process: subprocess.Popen[bytes], pid_file: Path) -> None:
    """What starts postfix is not what goes on: its master, in a session of its own, is told too."""
    for pid in (process.pid, _written(pid_file)):
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _wait_for_end(pid_file: Path) -> None:
    """Ten seconds at most."""
    until = time.monotonic() + PATIENCE_S
    while (pid := _written(pid_file)) is not None and _runs(pid):
        if time.monotonic() > until:
            raise RuntimeError(f"process {pid} of {pid_file} does not end")
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether it is there and not merely unburied, as orphans stay where nothing reaps them."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _written(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _are_up(running: list[subprocess.Popen[bytes]], mail: Mail) -> bool:
    ports = [*mail.ports.values()]
    for group in (mail.smtps, mail.imaps, mail.pop3s):
        ports.extend(group.values())
    until = time.monotonic() + PATIENCE_S
    while all(p.poll() is None for p in running) and time.monotonic() < until:
        if all(map(is_open, ports)):
            return True
        time.sleep(0.05)
    return False
