"""The demonstration: servers and mailbox in processes of their own, a simulated past, then the
product itself."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from monitor.demo.account import NAME, make_account
from monitor.demo.past import simulate_past
from monitor.demo.remote import ServersError, command
from monitor.demo.scenario import HOST, PORTS, live_config, past_config
from monitor.domain.time.interval import Second
from monitor.roles.journal import prepare_journal
from monitor.roles.settings import journal_url
from monitor.roles.supervisor import Supervisor
from monitor.runtime.logs import configure_logs
from monitor.runtime.system_clock import SystemClock

_WEEK = 7 * 86_400


def run_demo(folder: Path, weeks: int) -> int:
    """Until Ctrl-C; the exit code."""
    _refuse_a_second(folder)
    _refuse_taken_ports()
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with _process("monitor.demo.servers_process", "--folder", str(folder)), _mailbox(folder):
        _wait_for_servers(folder)
        config = folder / "services.yaml"
        config.write_text(live_config(folder), encoding="utf-8")
        if not (data / "journal.db").exists():
            _simulate(folder, data, weeks, console)
        prepare_journal(journal_url(data, None))
        _print_hints(console, folder, make_account(journal_url(data, None)))
        configure_logs("supervisor")
        return Supervisor(config, data).run()


def _refuse_a_second(folder: Path) -> None:
    """Called before anything is written: new certificates would break the one that runs."""
    try:
        command(folder, "status")
    except ServersError:
        return
    raise ServersError(f"a demonstration is running in {folder} already; stop it with Ctrl-C first")


def _refuse_taken_ports() -> None:
    """The servers' and the product's: one sentence instead of a failure of each process."""
    taken = [f"{name} {port}" for name, port in PORTS.items() if not _is_free(port)]
    if taken:
        raise ServersError(
            f"other programs hold ports of the demonstration on {HOST}: {', '.join(taken)}; "
            "stop them first"
        )


def _is_free(port: int) -> bool:
    """Binds as a server does, so that a connection that has just ended does not hold the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            wire.bind((HOST, port))
        except OSError:
            return False
    return True


def _simulate(folder: Path, data: Path, weeks: int, console: Console) -> None:
    now = SystemClock().now()
    end = Second(now - now % 60)
    begin = Second(end - max(weeks * _WEEK, 60))
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"Living through {weeks} weeks", total=1.0)
        simulate_past(
            data,
            past_text=past_config(folder),
            live_text=live_config(folder),
            begin=begin,
            end=end,
            progress=lambda share: bar.update(task, completed=share),
        )


def _print_hints(console: Console, folder: Path, password: str | None) -> None:
    """The password of the console's account is None where it was said before."""
    said = f"password {password}" if password else "password: said at the first start"
    console.print(
        f"\n[bold]Estado del Servicio[/]  http://{HOST}:{PORTS['page']}/\n"
        f"Console              http://{HOST}:{PORTS['console']}/  (account {NAME}, {said})\n"
        f"Metrics              http://{HOST}:{PORTS['ops']}/metrics\n"
        f"Alerts arrive in     {folder / 'inbox'}\n\n"
        "In another terminal:\n"
        "  estado demo break mail            the mail server refuses\n"
        "  estado demo break web --how expired\n"
        "  estado demo break network         our own line is cut: nothing is called down\n"
        "  estado demo mend mail\n"
        f"  estado report --provisional {_month()} --config {folder / 'services.yaml'} "
        f"--data-dir {folder / 'data'}\n\n"
        "Stop with Ctrl-C.\n",
        highlight=False,
        soft_wrap=True,  # a command that is folded cannot be copied
    )


def _month() -> str:
    return time.strftime("%Y-%m", time.gmtime(SystemClock().now()))


def _mailbox(folder: Path) -> AbstractContextManager[None]:
    return _process(
        "monitor.demo.mailbox",
        "--folder", str(folder / "inbox"),
        "--smtp-port", str(PORTS["sink-smtp"]),
        "--http-port", str(PORTS["sink-http"]),
    )  # fmt: skip


@contextmanager
def _process(module: str, *args: str) -> Iterator[None]:
    running = subprocess.Popen([sys.executable, "-m", module, *args])  # noqa: S603 - our own module
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)


def _wait_for_servers(folder: Path) -> None:
    for _ in range(100):
        try:
            command(folder, "status")
        except ServersError:
            time.sleep(0.1)
        else:
            return
    raise ServersError(f"the demonstration's servers did not start in {folder}; is a port taken?")
