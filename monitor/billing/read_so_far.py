"""What was read of a panel's services so far: a file, so that whoever is interrupted goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from credits.contracts.from_panel import RentedService, ServicesPage, ServicesPages
from monitor.domain.time.interval import Second

OLDEST_S = 86_400
"""What was read longer ago is read again: customers come and go."""


class ServicesMoved(Exception):
    """Services came or went while they were read: what was read may lack some."""


class ServicesFile:
    """A line for each page. It holds numbers and names of products, readable for its owner alone,
    and is removed once the services are imported."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def read(self, pages: ServicesPages, now: Second) -> Sequence[RentedService]:
        """All services, going on where an earlier attempt ended. Raises PanelSilent: what was read
        until then stays; and ServicesMoved: the next attempt begins anew. Raises OSError."""
        known, start, total = self._kept(now)
        while total is None or start < total:
            page = await pages.page(start)
            if page.total == 0:
                break
            # One that went moves all behind it forward: the next page would pass one over.
            if total not in (None, page.total) or not page.read:
                self._moved()
            known += page.services
            start, total = start + page.read, page.total
            self._keep(page, now)
        if len({one.service_id for one in known}) != len(known):
            self._moved()
        return known

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def _moved(self) -> NoReturn:
        self.forget()
        raise ServicesMoved("services came or went while they were read")

    def _kept(self, now: Second) -> tuple[list[RentedService], int, int | None]:
        """What was read, how many services that was, and of how many; nothing where it is old or
        damaged."""
        known: list[RentedService] = []
        start, total = 0, None
        try:
            for line in self._file.read_text("utf-8").splitlines():
                page = json.loads(line)
                if not 0 <= now - page["at"] <= OLDEST_S:
                    raise ValueError("old")
                known += [RentedService(**one) for one in page["services"]]
                start, total = start + page["read"], page["total"]
        except FileNotFoundError:
            return [], 0, None
        except (ValueError, KeyError, TypeError):
            self.forget()
            return [], 0, None
        return known, start, total

    def _keep(self, page: ServicesPage, now: Second) -> None:
        services = [asdict(one) for one in page.services]
        said = {"at": now, "read": page.read, "total": page.total, "services": services}
        line = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        opened = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(opened, "a", encoding="utf-8") as out:
            out.write(f"{line}\n")
            out.flush()
            os.fsync(out.fileno())
