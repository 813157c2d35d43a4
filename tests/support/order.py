"""The order of the files in a run with several workers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_WAITING = ("tests/e2e/", "tests/faults/")
"""Rooms whose tests wait for processes for most of their time."""
LONGEST = tuple(
    f"tests/e2e/test_{name}.py"
    for name in ("stopped_holder", "kills", "outage", "isolation", "full_disk")
)
"""They take a minute and more, four for the first: begun late they would be all that is left."""
_UNTIL = 0.75
"""The share of the other files before which the last of them begins: none is left for the end,
where one worker would be alone."""


def mixed(files: Sequence[str]) -> list[str]:
    """The same files, with those that wait spread among those that compute. Side by side they would
    leave the processors idle, and the others would then contend for them. Browsers come first:
    they take long, and at the end one worker would be alone with them.

    >>> mixed(["tests/a/1", "tests/a/2", "tests/a/3", "tests/a/4", "tests/e2e/1", "tests/e2e/2"])
    ['tests/e2e/1', 'tests/a/1', 'tests/e2e/2', 'tests/a/2', 'tests/a/3', 'tests/a/4']
    >>> mixed(["tests/a/test_feeds.py", "tests/a/test_browser.py"])
    ['tests/a/test_browser.py', 'tests/a/test_feeds.py']
    """
    waiting = [name for name in files if name.startswith(_WAITING)]
    waiting.sort(key=lambda name: name not in LONGEST)
    working = [name for name in files if not name.startswith(_WAITING)]
    working.sort(key=lambda name: "browser" not in name)
    at = [int(k * _UNTIL * len(working) / len(waiting)) for k in range(len(waiting))]
    found = working[: at[0]] if at else working
    for name, (begins, ends) in zip(waiting, pairwise([*at, len(working)]), strict=True):
        found += [name, *working[begins:ends]]
    return found
