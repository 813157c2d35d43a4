"""Whether a role does its work now: for container engines, scripts and people.

Each role is asked where it reports about itself, and about itself alone: a page without a core is
well. This module imports little, for an engine asks again and again:

    python -m monitor.roles.health --role core --data-dir /var/lib/estado
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from monitor.catalogues.file import CatalogueUnreadable, read_catalogues
from monitor.domain.catalogue import Catalogue
from monitor.domain.closing_progress import ClosingProgress, closing_progress
from monitor.domain.role_fault import CoreFault, RoleFault, RoleFaultCode, core_faults
from monitor.domain.time.age import ClockReading, age_s
from monitor.domain.time.clock import read_clock
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.result_log import open_reader
from monitor.results.stores.ports import StoreUnavailable
from monitor.roles.settings import (
    catalogue_file,
    deliveries_file,
    follower_file,
    kinds_told,
    log_file,
)
from monitor.runtime.alive_note import read_alive
from monitor.runtime.system_clock import SystemClock

QUIET_S = 30
"""Prober and store write their metrics every 5 s."""
_PATIENCE_S = 3.0
_LONGEST, _SHOWN = 20_000, 200
"""Bytes of an answer that are read, and those of them that are shown as they are."""
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask who listens there
ROLES = ("prober", "core", "page", "store", "console", "subscribers")


def troubles(roles: Sequence[str], data_dir: Path, now: ClockReading) -> list[str]:
    """What is wrong with these roles, in words; empty where nothing is."""
    return [str(fault) for fault in faults_of(roles, data_dir, now).values() if fault is not None]


class Addresses:
    """Where the roles of a data folder listen, by the newest compiled configuration. That is read
    again where another file has taken its place: of 10 000 checks that takes half a second."""

    def __init__(self, data_dir: Path) -> None:
        self._file = catalogue_file(data_dir)
        self._read_from: object = None
        self._found: Mapping[str, tuple[str, int]] = {}

    def of(self, role: str) -> tuple[str, int]:
        """Host and port. Raises FileNotFoundError where nothing has been compiled yet, and
        CatalogueUnreadable."""
        stat = self._file.stat()
        identity = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if identity != self._read_from:
            self._found = _addresses(read_catalogues(self._file)[-1].catalogue)
            self._read_from = identity
        return self._found[role]


def _addresses(catalogue: Catalogue) -> Mapping[str, tuple[str, int]]:
    operations, page = catalogue.operations, catalogue.page
    return {
        "core": (operations.ops_host, operations.ops_port),
        "page": (page.bind_host, page.bind_port),
        "console": (operations.console.host, operations.console.port),
    }


def faults_of(
    roles: Sequence[str], data_dir: Path, now: ClockReading, addresses: Addresses | None = None
) -> dict[str, RoleFault | None]:
    """What is wrong with each of these roles; None where nothing is. Who asks again and again
    keeps the addresses."""
    known = addresses or Addresses(data_dir)
    fault_of = {
        "prober": lambda: _prober(data_dir, now),
        "store": lambda: _store(data_dir, now),
        "subscribers": lambda: _subscribers(data_dir, now),
    }
    return {role: fault_of.get(role, partial(_served, role, known))() for role in roles}


def served_at(host: str, port: int) -> str:
    """Where on this machine something is asked that listens there."""
    host = _ANYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _prober(data_dir: Path, now: ClockReading) -> RoleFault | None:
    path = log_file(data_dir)
    try:
        metrics = open_reader(path).metrics() if path.exists() else None
    except sqlite3.Error as error:
        return RoleFault(role="prober", code=RoleFaultCode.UNREADABLE, detail=str(error))
    return _fault_of_age("prober", metrics.taken if metrics else None, now)


def _store(data_dir: Path, now: ClockReading) -> RoleFault | None:
    try:
        metrics = FollowerState(follower_file(data_dir)).metrics()
    except StoreUnavailable as error:
        return RoleFault(role="store", code=RoleFaultCode.UNREADABLE, detail=str(error))
    return _fault_of_age("store", metrics.taken if metrics else None, now)


def _subscribers(data_dir: Path, now: ClockReading) -> RoleFault | None:
    """Well where nobody may subscribe: then it waits, or does not run. Else each kind has to be,
    and the first that is not is named."""
    for kind in kinds_told(data_dir):
        fault = _dispatcher(deliveries_file(data_dir, kind), now)
        if fault is not None:
            return replace(fault, part=kind)
    return None


def _dispatcher(path: Path, now: ClockReading) -> RoleFault | None:
    try:
        taken = read_alive(path) if path.exists() else None
    except sqlite3.Error as error:
        return RoleFault(role="subscribers", code=RoleFaultCode.UNREADABLE, detail=str(error))
    return _fault_of_age("subscribers", taken, now)


def _fault_of_age(role: str, taken: ClockReading | None, now: ClockReading) -> RoleFault | None:
    if taken is None:
        return RoleFault(role=role, code=RoleFaultCode.NO_FIGURES)
    age = age_s(taken, now)
    if age == math.inf:
        return RoleFault(role=role, code=RoleFaultCode.FIGURES_TO_COME)
    if age <= QUIET_S:
        return None
    return RoleFault(role=role, code=RoleFaultCode.OLD_FIGURES, age_s=round(age))


def _served(role: str, addresses: Addresses) -> RoleFault | None:
    """Ask over HTTP at the address that the compiled catalogue names."""
    try:
        host, port = addresses.of(role)
    except FileNotFoundError:
        return RoleFault(role=role, code=RoleFaultCode.NO_CONFIGURATION)
    except (OSError, CatalogueUnreadable) as error:
        return RoleFault(role=role, code=RoleFaultCode.BAD_CONFIGURATION, detail=str(error))
    url = f"{served_at(host, port)}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_S):  # noqa: S310 - our own
            return None
    except urllib.error.HTTPError as error:
        return _not_well(role, url, error.code, error.read(_LONGEST))
    except OSError as error:
        reason = getattr(error, "reason", error)
        said = str(getattr(reason, "strerror", None) or reason)
        return RoleFault(role=role, code=RoleFaultCode.NO_ANSWER, url=url, detail=said)


def closing_of(data_dir: Path) -> ClosingProgress | None:
    """How far the core is with a month that it closes; None where it closes none, or does not
    answer."""
    try:
        host, port = Addresses(data_dir).of("core")
        with urllib.request.urlopen(  # noqa: S310 - our own
            f"{served_at(host, port)}/livez", timeout=_PATIENCE_S
        ) as answer:
            return closing_progress(json.loads(answer.read(_LONGEST)))
    except (OSError, CatalogueUnreadable, ValueError, TypeError, KeyError):
        return None


def _not_well(role: str, url: str, status: int, body: bytes) -> RoleFault:
    """The core says why by codes; of others, and of another version, the words themselves count."""
    reasons: tuple[CoreFault, ...] = ()
    if role == "core":
        with suppress(ValueError, TypeError, KeyError):
            reasons = core_faults(json.loads(body))
    said = f"{status}" if reasons else f"{status}: {body[:_SHOWN].decode(errors='replace')}"
    return RoleFault(role=role, code=RoleFaultCode.NOT_WELL, url=url, detail=said, reasons=reasons)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m monitor.roles.health")
    parser.add_argument("--role", choices=("all", *ROLES), default="all")
    parser.add_argument("--data-dir", type=Path, required=True)
    given = parser.parse_args(argv)
    roles = ROLES if given.role == "all" else (given.role,)
    found = troubles(roles, given.data_dir, read_clock(SystemClock()))
    if found and not catalogue_file(given.data_dir).exists():
        found.append(f"nothing has run in {given.data_dir}: name the product's folder with -d")
    said = found or ["well"]
    if "core" in roles and (closing := closing_of(given.data_dir)) is not None:
        said.append(f"core: {closing}")
    sys.stdout.write("".join(f"{words}\n" for words in said))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
