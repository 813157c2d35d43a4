"""The night as one readable text: `python -m tests.night.story` writes it anew."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang
from monitor.i18n.words import PAGE
from tests.night.night import DAY, Night
from tests.night.reading import calendar, component, feed, home, incident, mail, month
from tests.roles.archive_world import local

Reading = Callable[[Night, Lang], Iterator[str]]
FILE = Path(__file__).parents[2] / "docs" / "one-night.md"
_PAGES: Sequence[tuple[str, Reading]] = (
    ("Home", home),
    ("Incident", incident),
    ("Component", component),
    ("Feed", feed),
    ("Calendar", calendar),
)
_BEFORE: Sequence[tuple[str, Reading]] = (("Home", home), ("Component", component))
_LATER: Sequence[tuple[str, Reading]] = (
    ("Incident", incident),
    ("Month", month),
    ("Feed", feed),
    ("Calendar", calendar),
)
_A_YEAR_LATER = "2027-11-14T12:05"
_HEAD = """\
# One night

What a customer reads at each of these times, in each language: on the home page, on the pages of
the incident and of the component, in feed, calendar and mails. Core, pages, archive and mails are
the product's own, over a clock that a test moves; `tests/night` fails where they say anything else,
and `python -m tests.night.story` writes this page anew.

Incoming mail is refused from 03:30 to 05:20. Work on a name server is announced at 02:01 for 05:00
to 06:00. An operator writes at 04:33, in Spanish alone, and promises the next update in half an
hour. The core is killed at 04:40 and started again at 05:30.

`[…]` is the title of a page, which its tab shows. What stands apart on a page is parted by a bar
here, the paragraphs of a mail by ¶.
"""


async def told(folder: Path) -> str:
    """The whole night in an empty folder."""
    return "\n".join([_HEAD, *[line async for line in _moments(Night(folder))]])


async def _moments(night: Night) -> AsyncIterator[str]:
    await night.at("02:01")
    await night.subscribe()
    night.announce(f"{DAY}T05:00", f"{DAY}T06:00")
    await night.publish()
    for line in _read(night, "02:01, work is announced", (("Calendar", calendar),)):
        yield line
    await night.at("03:32")
    for line in _read(night, "03:32, two looks have failed, and nothing is sure", _BEFORE):
        yield line
    await night.at("03:33")
    for line in _read(night, "03:33, the third has failed", _PAGES):
        yield line
    await night.at("04:03")
    for line in _read(night, "04:03, as promised", _PAGES):
        yield line
    await night.at("04:33")
    night.write("Cambiamos el disco de la cola de correo.", next_s=1_800)
    await night.publish()
    for line in _read(night, "04:33, an operator writes", _PAGES):
        yield line
    await night.at("04:40")
    night.kill_the_core()
    await night.at("05:10")
    for line in _read(night, "05:10, the core is dead since 04:40", _PAGES):
        yield line
    await night.at("05:30")
    night.start_the_core()
    await night.at("06:05")
    for line in _read(night, "06:05, all is over", _PAGES):
        yield line
    night.world.clock.advance_to(Second(local(_A_YEAR_LATER) - 300))
    await night.at(_A_YEAR_LATER)
    for line in _read(night, "A year later", _LATER):
        yield line


def _read(night: Night, heading: str, pages: Sequence[tuple[str, Reading]]) -> Iterator[str]:
    yield f"## {heading}\n"
    for lang in Lang:
        yield f"### {PAGE[lang].own_name}\n"
        for name, read in pages:
            yield f"**{name}**\n"
            yield from (f"{line}\n" for line in read(night, lang))
        for one in night.mails(lang):
            yield "**Mail**\n"
            yield f"{mail(one)}\n"
    night.mailbox.mails.clear()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        FILE.write_text(asyncio.run(told(Path(name))), "utf-8")


if __name__ == "__main__":
    main()
