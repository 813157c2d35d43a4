"""The form of a system alert's text, which each language fills in for each kind.

Placeholders: `{t}` the time, `{u}` its zone; `{o}` the options of a command; `{d}` by how much a
clock was set; `{c}` a check and `{a}` an address, where it is about one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemAlertText:
    """`remedy` is empty where nothing is to be done."""

    subject: str
    head: str
    means: str
    remedy: str = ""
