"""The garbage collector of roles that hold much and let go of little by cycles."""

from __future__ import annotations

import gc

_COLLECT_AFTER = (10_000, 20, 50)
"""Allocations that are not freed, then collections of the younger generation."""


def tune_gc() -> None:
    """The catalogue and the modules stay: the collector need not walk them again and again. What
    looks leave behind is freed by counting references; cycles are rare, and few of them wait."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
