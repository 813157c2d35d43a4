"""What is read through a door page by page, and the contracts file that is sent there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.client.door import Door, step
from monitor.client.faults import NotAsked
from monitor.client.ports import Document
from monitor.client.reading import Fields
from monitor.client.views import ImportedView, ImportView
from monitor.domain.refusals import Refused
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second

if TYPE_CHECKING:
    from monitor.journal.ports import WantedChanges

LARGEST_FILE = 50_000_000
_CONTRACTS_PAGE = 500
_REPORTS_PAGE = 1_000
_CHANGES_PAGE = 1_000
_IMPORT_S = 600.0
"""The door takes a file for two minutes, and works on it as long as it takes."""


class RemoteContracts:
    """Implements `monitor.client.ports.Contracts`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def every(self) -> Sequence[Document]:
        pages = self._door.pages("/contracts", "after", limit=str(_CONTRACTS_PAGE))
        return [contract for page in pages for contract in page.documents("contracts")]

    def import_file(
        self, file: Path, *, dry_run: bool, corrects_credited: bool = False
    ) -> ImportView:
        content = file.read_bytes()
        if len(content) > LARGEST_FILE:
            raise Refused("request.too_large", most=LARGEST_FILE)
        asked = {"dry_run": dry_run, "correct_credited": corrects_credited}
        query = {name: "true" for name, is_asked in asked.items() if is_asked}
        answer = self._door.upload(
            "/contracts/import", content, "text/csv", longest_s=_IMPORT_S, **query
        )
        return ImportView(
            new=answer.number("new"), changed=answer.number("changed"),
            unchanged=answer.number("unchanged"), shown=answer.each("contracts", _imported),
        )  # fmt: skip


def _imported(found: Fields) -> ImportedView:
    return ImportedView(
        contract=found.text("contract_id"),
        is_new=found.flag("is_new"),
        differences=found.each("differences", _difference),
    )


def _difference(found: Fields) -> tuple[str, str, str]:
    return found.text("what"), found.text("before"), found.text("after")


class RemoteReports:
    """Implements `monitor.client.ports.Reports`."""

    def __init__(self, door: Door, present: Callable[[], tuple[Second, ZoneInfo]]) -> None:
        """`present`: the time there, and the company's zone."""
        self._door = door
        self._present = present

    def company(self) -> str:
        """A door says nothing of it."""
        return ""

    def issued(self) -> Sequence[Document]:
        pages = self._door.pages("/reports", "before", limit=str(_REPORTS_PAGE))
        return [report for page in pages for report in page.documents("reports")]

    def month(
        self,
        wanted: str | None,
        *,
        revision: int | None = None,
        is_provisional: bool = False,
        is_complete: bool = False,
    ) -> Document:
        if is_provisional or is_complete:
            raise NotAsked(
                "figures that are not issued are computed on the core's host: leave out "
                "--provisional and --all"
            )
        path = f"/reports/{step(wanted or self._last_month())}"
        return self._door.get_whole(
            path if revision is None else f"{path}/revisions/{revision}"
        ).found

    def _last_month(self) -> str:
        now, zone = self._present()
        return f"{at_zone(now, zone).replace(day=1) - timedelta(days=1):%Y-%m}"


class RemoteState:
    """Implements `monitor.client.ports.State`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def now(self) -> Document:
        return self._door.get_whole("/state").found


class RemoteAudit:
    """Implements `monitor.client.ports.Audit`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def changes(self, wanted: WantedChanges, limit: int) -> Sequence[Document]:
        found: list[Document] = []
        after, before, has_more = wanted.after, wanted.before, True
        while has_more and len(found) < limit:
            page = self._page(wanted, after, before, min(limit - len(found), _CHANGES_PAGE))
            rows = page.documents("changes")
            found = rows + found if wanted.is_newest_first else found + rows
            has_more = page.flag("has_more") and bool(rows)
            if wanted.is_newest_first and rows:
                before = Fields(rows[0]).number("seq")
            else:
                after = page.number("next_after")
        return found

    def _page(self, wanted: WantedChanges, after: int, before: int, limit: int) -> Fields:
        query = {
            "after": str(after), "before": str(before), "limit": str(limit),
            "actor": wanted.actor, "kind": wanted.kind, "subject": wanted.subject,
            "newest": "true" if wanted.is_newest_first else "false",
        }  # fmt: skip
        return self._door.get("/audit", **query)


class RemoteForecasts:
    """Implements `monitor.client.ports.Forecasts`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def present(self, limit: int) -> Document:
        return self._door.get_whole(f"/forecast?limit={limit}").found
