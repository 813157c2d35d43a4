"""What a revision says of the prober itself holds from the second in which it comes into force."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.file import write_catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.time.interval import Second
from monitor.results.log.result_log import open_log
from monitor.roles.prober.role import ProberRole
from monitor.roles.settings import catalogue_file, log_file
from monitor.runtime.system_clock import SystemClock
from tests.support.catalogues import a_revision

NOW = Second(1_790_000_040)


def keeping(days: int, number: int, start: int) -> CatalogueRevision:
    made = a_revision([], number=number, effective_from=start)
    operations = replace(made.catalogue.operations, result_days=days)
    return replace(made, catalogue=replace(made.catalogue, operations=operations))


async def test_operations_of_a_new_revision_hold_from_its_minute_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(SystemClock, "now", lambda _clock: now[0])
    revisions = (keeping(35, 1, NOW - 60), keeping(7, 2, NOW + 60))
    write_catalogues(catalogue_file(tmp_path), revisions)
    with contextlib.closing(open_log(log_file(tmp_path))) as log:
        role = ProberRole(tmp_path, log)
        role.follow()
        assert role._keep_days == 35
        now[0] = Second(NOW + 60)
        role.follow()
        assert role._keep_days == 7
