"""The calendar as an unmodified parser reads it, and as RFC 5545 wants its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest

from monitor.domain.maintenance import Extension
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from statuspage.publish.calendars import folded
from statuspage.publish.render import render
from statuspage.view.model import PublicMaintenance, PublicView
from tests.statuspage.builders import DISPLAY, at, component, service, view, window
from tests.statuspage.company import SCENES

A = component("a", "Servidor web 1")
START, END = at("13:00"), at("15:00")
LONGER = Extension(start=END, end=at("16:30"), published_at=at("14:20"))


def work(**more: Any) -> PublicMaintenance:
    return window("m1", "Cambio de disco", START, END, A, **more)


def seen(*windows: PublicMaintenance) -> PublicView:
    return view(service("s", "S", A), maintenance=windows)


def calendar(said: PublicView, path: str = "/mantenimiento.ics") -> Any:
    return icalendar.Calendar.from_ical(render(said)[path].fresh.content)


def event(said: PublicView, path: str = "/mantenimiento.ics") -> Any:
    (found,) = calendar(said, path).walk("VEVENT")
    return found


def moment(second: Second) -> datetime:
    return datetime.fromtimestamp(second, tz=UTC)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("path", ["/mantenimiento.ics", "/en/maintenance.ics", "/maintenance.ics"])
def test_parsers_find_every_window(scene: str, path: str) -> None:
    said = SCENES[scene]()
    events = calendar(said, path).walk("VEVENT")
    assert [str(e["UID"]) for e in events] == [f"{w.id}@estado.example" for w in said.maintenance]
    assert not any(e.errors for e in events)


def test_an_event_says_when_what_and_whom() -> None:
    found = event(seen(work()))
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (moment(START), moment(END))
    assert found["DTSTART"].to_ical() == b"20260416T160000Z"
    assert str(found["SUMMARY"]) == "Cambio de disco"
    assert str(found["DESCRIPTION"]).endswith("\nServicios: Servidor web 1")
    assert (str(found["STATUS"]), found["SEQUENCE"]) == ("CONFIRMED", 0)
    assert str(found["URL"]) == "https://estado.example/mantenimiento/m1"
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == moment(START)
    assert "Services: Servidor web 1" in str(
        event(seen(work()), "/en/maintenance.ics")["DESCRIPTION"]
    )


def test_what_is_cancelled_stays_with_that_status_and_another_sequence() -> None:
    found = event(seen(work(cancelled_at=at("12:00"))))
    assert (str(found["STATUS"]), found["SEQUENCE"]) == ("CANCELLED", 1)
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (moment(START), moment(END))
    assert found["DTSTAMP"].dt == moment(at("12:00"))
    assert str(found["DESCRIPTION"]).startswith("Se canceló: no se hace.")


def test_every_other_end_is_another_sequence() -> None:
    longer = event(seen(work(extensions=[LONGER])))
    assert (longer["DTEND"].dt, longer["SEQUENCE"]) == (moment(at("16:30")), 1)
    shorter = event(seen(work(extensions=[LONGER], cancelled_at=at("14:30"))))
    assert (shorter["DTEND"].dt, shorter["SEQUENCE"]) == (moment(at("14:30")), 2)
    assert str(shorter["STATUS"]) == "CONFIRMED"
    uids = {str(e["UID"]) for e in (longer, shorter, event(seen(work())))}
    assert uids == {"m1@estado.example"}


def test_lines_end_and_fold_by_octets() -> None:
    long = replace(work(), title=Text({"es": "Ñandú, mañana; 🎧 " * 20 + "\\fin\r\ny\x07 más"}))
    content = render(seen(long))["/mantenimiento.ics"].fresh.content
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.decode() for line in lines[:-1])
    assert str(event(seen(long))["SUMMARY"]) == "Ñandú, mañana; 🎧 " * 20 + "\\fin\ny más"


def test_a_short_line_is_whole() -> None:
    assert folded("x" * 75) == "x" * 75
    assert folded("x" * 76) == "x" * 75 + "\r\n x"


def test_a_calendar_names_itself_and_where_it_is() -> None:
    said = replace(seen(), page=replace(DISPLAY, url="https://estado.example:8443/"))
    found = calendar(said)
    assert str(found["NAME"]) == "Estado del Servicio: mantenimientos"
    assert found["SOURCE"] == "https://estado.example:8443/mantenimiento.ics"
    assert (str(found["VERSION"]), bool(found["PRODID"])) == ("2.0", True)
    assert found.walk("VEVENT") == []


def test_a_component_has_a_calendar_of_its_own_before_anything_is_announced() -> None:
    b = component("b", "Correo")
    said = view(service("s", "S", A, b), maintenance=[work()])
    assert [str(e["UID"]) for e in calendar(said, "/historial/a.ics").walk("VEVENT")] == [
        "m1@estado.example"
    ]
    empty = calendar(said, "/en/history/b.ics")
    assert empty.walk("VEVENT") == []
    assert str(empty["SOURCE"]).endswith("/en/history/b.ics")
    assert "Correo" in str(empty["NAME"])
    pages = render(said)
    assert b'href="/historial/b.ics"' in pages["/componente/b"].fresh.content
    assert b'href="/historial/b.ics"' not in pages["/es/"].fresh.content


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/mantenimiento.ics", "Cancelado: Cambio de disco"),
        ("/en/maintenance.ics", "Cancelled: Cambio de disco"),
    ],
)
def test_what_was_cancelled_says_so_where_a_calendar_keeps_it(path: str, said: str) -> None:
    cancelled = event(seen(work(cancelled_at=at("12:00"))), path)
    assert (str(cancelled["SUMMARY"]), str(cancelled["STATUS"])) == (said, "CANCELLED")
