"""Where there is no page, or none for who asks: what was asked for, why not, what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from monitor.console.nearest import nearest
from monitor.console.rendering import open_screens
from monitor.console.visit import Page, Screen, Visit

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NowherePage:
    """`near_url` is empty where nothing is near."""

    path: str
    near_url: str
    near_word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPage:
    """A screen that there is, and why it is not shown."""

    why: str


def nowhere(visit: Visit, screens: Sequence[Screen]) -> Page:
    path = visit.path.partition("?")[0]
    known = open_screens(visit)
    url = nearest(path, screens, known) if visit.caller is not None else ""
    words = {known[name]: visit.words.nav[name] for name in known}
    return Page(
        template="nowhere.html",
        title=visit.words.nowhere,
        status=HTTPStatus.NOT_FOUND,
        page=NowherePage(path=path[:_LONGEST], near_url=url, near_word=words.get(url, url)),
    )
