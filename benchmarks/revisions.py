"""A start over many old configurations: CPU and memory of core and prober, beside a start over one.

A journal is filled with revisions of a large configuration, each of which changes one check of the
one before, as a core of the version before leaves it: texts and forms. Then the core and the prober
start over it as their roles do, each in a process of its own: read, compile, open, fold, and build
the first page. The first start of the core compares the forms, once and for all; what is bounded is
every start after it. Seconds are of CPU time, because wall time means nothing on a machine that
others share.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.catalogues.form import form_of
from monitor.catalogues.in_force import Catalogues
from monitor.config import compile_catalogue
from monitor.domain.catalogue import Check
from monitor.domain.checks.observation import LOCAL
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import open_journal, open_lease
from monitor.results.log.result_log import open_log, open_reader
from monitor.roles.catalogues.watcher import CatalogueWatch
from monitor.roles.core.configuration import Configuration, store_revision
from monitor.roles.journal import prepare_journal
from monitor.roles.registries import all_failures, registries
from monitor.roles.settings import catalogue_file, journal_url, log_file
from monitor.runtime.processes.process_stats import rss_bytes
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.scheduler import Scheduler
from probes.registry import PROBES
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.public_view import build_view

MORE_S, MORE_MIB = 5.0, 50.0
_BETWEEN_S = 75_600
"""Seconds between two revisions: all hundred of them are within the page's 90 days."""
_INTERVAL_S, _OTHER_S = 60, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    cpu_s: float
    mib: float
    peak_mib: float


def run(*, revisions: int, checks: int) -> int:
    """Print the figures; return 1 where many revisions cost more than they may."""
    one, many = _starts(1, checks), _starts(revisions, checks)
    is_good = True
    for role, alone in one.items():
        start = many[role]
        more_s, more_mib = start.cpu_s - alone.cpu_s, start.mib - alone.mib
        _say(
            f"{role}: over one {alone.cpu_s:.1f} s, {alone.mib:.0f} MiB (at most "
            f"{alone.peak_mib:.0f}); over {revisions} {start.cpu_s:.1f} s, {start.mib:.0f} MiB (at "
            f"most {start.peak_mib:.0f}): {more_s:.1f} s and {more_mib:.0f} MiB more"
        )
        if not role.startswith("first"):
            is_good = is_good and more_s <= MORE_S and more_mib <= MORE_MIB
    _say(f"bound: {MORE_S:.0f} s and {MORE_MIB:.0f} MiB more: {'kept' if is_good else 'BROKEN'}")
    return 0 if is_good else 1


def _starts(revisions: int, checks: int) -> dict[str, Start]:
    with tempfile.TemporaryDirectory(prefix="revisions-") as name:
        folder = Path(name)
        _fill(folder, revisions, checks)
        return {
            "first core": _started("core", folder),
            "core": _started("core", folder),
            "prober": _started("prober", folder),
        }


def _started(role: str, folder: Path) -> Start:
    argv = [sys.executable, "-m", "benchmarks.revisions", role, str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return Start(**json.loads(done.stdout.splitlines()[-1]))


def _fill(folder: Path, revisions: int, checks: int) -> None:
    """Compile once: in each later revision the one check that differs is replaced."""
    url = journal_url(folder, None)
    prepare_journal(url)
    text = config_text(checks, None)
    bare = compile_catalogue(text, filename="bare", registries=registries())
    now = SystemClock().now()
    open_log(log_file(folder)).close()
    with open_journal(url) as journal, journal.transaction() as tx:
        for number in range(revisions):
            start = Second(now - now % 60 - (revisions - number) * _BETWEEN_S)
            text = config_text(checks, number)
            stored = store_revision(tx, text, start, start)
            own = [_slower(c) if n == number else c for n, c in enumerate(bare.checks)]
            tx.revisions.store_form(stored.number, form_of(replace(bare, checks=tuple(own))))
    (folder / "services.yaml").write_text(text, "utf-8")


def _slower(check: Check) -> Check:
    policy = replace(check.policy, interval=_OTHER_S, max_gap=2 * _OTHER_S)
    return replace(check, policy=policy)


def config_text(checks: int, slower: int | None) -> str:
    """A configuration of so many components with a check each, one of which runs less often."""
    components = "".join(
        f"      - {{id: c{n}, name: C{n}, checks: [{{id: k{n}, probe: tcp, "
        f"interval: {_OTHER_S if n == slower else _INTERVAL_S}s, "
        f'target: "192.0.2.{n % 250}:{n % 60_000 + 1}"}}]}}\n'
        for n in range(checks)
    )
    return (
        'page: {name: Estado, company: Acme, url: "https://estado.example/"}\n'
        f"timezone: UTC\nservices:\n  - id: s\n    name: S\n    components:\n{components}"
    )


def _start_core(folder: Path) -> None:
    configuration = Configuration.read(folder / "services.yaml", folder)
    url, clock = journal_url(folder, None), SystemClock()
    with open_lease(url) as epoch, open_journal(url, epoch=epoch) as journal:
        configuration.begin(journal, clock.now())
        core = Core(
            journal=journal,
            log=open_reader(log_file(folder)),
            catalogues=configuration.catalogues,
            incident_writer=IncidentWriter(failures=all_failures()),
            clock=clock,
        )
        core.tick()
        days = DailyRollup()
        with journal.transaction() as tx:
            build_view(tx, core.state, clock.now(), stale_after=120, days=days)
        _print_start()


def _start_prober(folder: Path) -> None:
    watch = CatalogueWatch(catalogue_file(folder), {n: kind.spec for n, kind in PROBES.items()})
    revisions = watch.read_new()
    if revisions is None:
        raise RuntimeError("the core has left no catalogue")
    clock = SystemClock()
    catalogues = Catalogues(revisions)
    slots = Scheduler(clock, location=LOCAL)
    slots.adopt(catalogues.revisions)
    _print_start()


def _print_start() -> None:
    """Print what a start cost, while all that the role has loaded is still in memory."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    start = {"cpu_s": time.process_time(), "mib": rss_bytes() / 2**20, "peak_mib": peak}
    _say(json.dumps(start))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    {"core": _start_core, "prober": _start_prober}[sys.argv[1]](Path(sys.argv[2]))
