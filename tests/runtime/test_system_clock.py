"""The machine's clock: what every process of one boot reads alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from monitor.runtime.system_clock import SystemClock, read_boot_id

_TELL = (
    "from monitor.runtime.system_clock import SystemClock as C; "
    "c = C(); print(c.boot_id(), c.boottime())"
)


def test_two_processes_of_one_boot_read_one_boottime() -> None:
    clock = SystemClock()
    before = clock.boottime()
    told = subprocess.run([sys.executable, "-c", _TELL], capture_output=True, text=True, check=True)
    boot_id, boottime = told.stdout.split()
    assert boot_id == clock.boot_id()
    assert before <= float(boottime) <= clock.boottime()


def test_a_boot_that_the_kernel_does_not_name_is_this_process_and_no_other(tmp_path: Path) -> None:
    nowhere = tmp_path / "boot_id"
    assert read_boot_id(nowhere) == read_boot_id(nowhere)
    assert read_boot_id(nowhere) != read_boot_id(tmp_path / "of another process")


def test_a_boot_is_named_as_the_kernel_names_it(tmp_path: Path) -> None:
    named = tmp_path / "boot_id"
    named.write_text("8c4f5f2c-6d4e-4a44-9a1c-6a9d7c6f0a51\n")
    assert read_boot_id(named) == "8c4f5f2c-6d4e-4a44-9a1c-6a9d7c6f0a51"
