"""What was public and is made private: 410 without a word of it, and no byte that names or counts
it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import pytest

from credits.period.month import Month
from credits.report.body import report_body
from credits.report.report import monthly_report, read_month
from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.known_names import KnownNames
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Component
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Phase,
    Update,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import Text
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.addresses import (
    component_badge_path,
    component_feed_path,
    component_path,
    incident_path,
    maintenance_path,
)
from monitor.incidents.commands import IncidentCommands
from statuspage.publish.manifest import CURRENT
from statuspage.publish.publisher import publish
from statuspage.publish.render import PageRenderer
from statuspage.serve.responder import Request, SnapshotCache
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import load
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.mentions import Mentions
from statuspage.view.model import PublicIncident
from statuspage.view.public_view import build_view
from statuspage.view.redaction import Hidden
from tests.support.worlds import DNS, MAIL, WEB, ZONE, World, catalogue, check

SECRET = ComponentId("caja-negra")
NAME = "Panel Interno Zafiro"
NAME_EN = "Sapphire Back Office"
ALONE = ComponentId("solo-nuestro")
ALONE_NAME = "Depósito Turquesa"
FORBIDDEN = (SECRET, NAME, NAME_EN, ALONE, ALONE_NAME)


def component(name: ComponentId, said: Text, service: str) -> Component:
    return Component(id=name, service=ServiceId(service), name=said)


def public_catalogue() -> Catalogue:
    made = catalogue()
    secret = component(SECRET, Text({"es": NAME, "en": NAME_EN}), "hosting")
    alone = component(ALONE, Text({"es": ALONE_NAME}), "mail")
    return replace(
        made,
        components=(*made.components, secret, alone),
        checks=(*made.checks, check(SECRET), check(ALONE)),
    )


def private_catalogue() -> Catalogue:
    made = public_catalogue()
    hidden = (SECRET, ALONE)
    components = (replace(c, is_public=c.id not in hidden) for c in made.components)
    return replace(made, components=tuple(components))


class Publisher:
    """A core's world, and what the page role would serve of it."""

    def __init__(self, folder: Path, made: Catalogue | None = None) -> None:
        self.world = World(folder, made or public_catalogue())
        self.folder = folder / "published"
        self._days, self._press = DailyRollup(), PageRenderer()

    def publish(self) -> SnapshotCache:
        world = self.world
        with world.journal.transaction() as tx:
            view = build_view(
                tx, world.core.state, world.clock.now(), stale_after=120, days=self._days
            )
        rendered = self._press.render(view)
        publish(self.folder, rendered, view.at, view.stale_after, gone=view.gone)
        return SnapshotCache(unpublished=b"", snapshot=load(self.folder / CURRENT))

    def adopt(self, made: Catalogue) -> None:
        number = len(self.world.catalogues.revisions) + 1
        revision = CatalogueRevision(
            number=number, hash=str(number), text="", effective_from=self.world.clock.now(),
            catalogue=made,
        )  # fmt: skip
        self.world.catalogues = Catalogues([*self.world.catalogues.revisions, revision])
        self.world.core.adopt(self.world.catalogues)

    def ask(self, shelf: SnapshotCache, path: str) -> Response:
        return shelf.answer(Request(method="GET", path=path), read_clock(self.world.clock))

    def incidents(self) -> list[Incident]:
        with self.world.journal.transaction() as tx:
            return list(tx.incidents.touching(Interval(Second(0), self.world.clock.now())))


def plain_bytes(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Everything of the newest publication, unpacked: files, their names, the index of them."""
    for path in (folder / CURRENT).resolve().rglob("*"):
        yield path, str(path).encode()
        if path.is_file():
            written = path.read_bytes()
            unpack = {".gz": gzip.decompress, ".br": brotli.decompress}.get(path.suffix)
            yield path, unpack(written) if unpack else written


@pytest.fixture
def reconciler(tmp_path: Path) -> Publisher:
    """An incident that the secret shares with two others, one of its own, work on it."""
    made = Publisher(tmp_path)
    world = made.world
    start = world.clock.now()
    planned = [
        ("m1", (SECRET,), f"Cambio en {NAME}"),
        ("m2", (SECRET, MAIL), f"Cambio en {NAME} y correo"),
        ("m3", (MAIL,), "Cambio de discos"),
        ("m4", (MAIL,), f"Cambio de discos, como en {NAME}"),
    ]
    with world.journal.transaction() as tx:
        for name, components, title in planned:
            window = MaintenanceWindow(
                id=MaintenanceId(name), title=Text({"es": title}), impact=Text({"es": title}),
                start=Second(start + 86_400), end=Second(start + 90_000), components=components,
            )  # fmt: skip
            tx.maintenance.save(window)
            tx.maintenance.publish([window.id], start)
    stories = {SECRET: "++---------", WEB: "++-----++++", DNS: "++---------", MAIL: "+" * 11}
    stories[ALONE] = "++++++---++"
    for minute in range(11):
        world.live(**{str(c): story[minute] for c, story in stories.items()})
    return made


def correct(made: Publisher, incident: Incident, words: str) -> None:
    IncidentCommands(
        journal=made.world.journal,
        catalogue=made.world.core.state.catalogue,
        clock=made.world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    ).update(incident.id, text=Text({"es": words}))


def shared(made: Publisher) -> Incident:
    return next(i for i in made.incidents() if SECRET in i.components)


def alone(made: Publisher) -> Incident:
    return next(i for i in made.incidents() if ALONE in i.components)


def test_its_names_are_public_while_it_is(reconciler: Publisher) -> None:
    shelf = reconciler.publish()
    everything = b"".join(written for _, written in plain_bytes(reconciler.folder)).decode(
        errors="replace"
    )
    for name in FORBIDDEN:
        assert name in everything
    assert reconciler.ask(shelf, component_path(SECRET, "es")).status == 200


@pytest.mark.parametrize("is_restarted", [False, True], ids=["reloaded", "restarted"])
def test_no_published_byte_names_it_any_more(reconciler: Publisher, *, is_restarted: bool) -> None:
    correct(reconciler, shared(reconciler), f"Cambiamos un disco de {NAME}.")
    correct(reconciler, shared(reconciler), "Cambiamos otro disco.")
    reconciler.publish()
    reconciler.adopt(private_catalogue())
    if is_restarted:
        reconciler.world.restarted()
    reconciler.world.live(web="+", dns="-", mail="+")
    reconciler.publish()
    for path, written in plain_bytes(reconciler.folder):
        for name in FORBIDDEN:
            assert name.casefold() not in written.decode(errors="replace").casefold(), path


def test_its_addresses_are_gone_and_say_no_word(reconciler: Publisher) -> None:
    reconciler.publish()
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+")
    shelf = reconciler.publish()
    gone = [
        *(component_path(c, lang) for c in (SECRET, ALONE) for lang in ("es", "en")),
        *(component_badge_path(c, lang) for c in (SECRET, ALONE) for lang in ("es", "en")),
        *(
            component_feed_path(SECRET, lang, ending)
            for lang in ("es", "en")
            for ending in ("atom", "rss", "json")
        ),
        *(incident_path(alone(reconciler).id, lang) for lang in ("es", "en")),
        f"/incidents/{alone(reconciler).id}",
        "/incidents/m1",
        *(maintenance_path(MaintenanceId("m1"), lang) for lang in ("es", "en")),
    ]
    for path in [*gone, *(f"{path}/" for path in gone)]:
        reply = reconciler.ask(shelf, path)
        assert reply.status == 410, path
        is_page = "." not in path
        never_was = reconciler.ask(shelf, "/en/nothing" if path.startswith("/en/") else "/nada")
        assert reply.content == (never_was.content if is_page else b""), path
    assert reconciler.ask(shelf, "/componente/nada").status == 404
    assert reconciler.ask(shelf, maintenance_path(MaintenanceId("m3"), "es")).status == 200


def test_what_it_shared_goes_on_without_it(reconciler: Publisher) -> None:
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+")
    world = reconciler.world
    with world.journal.transaction() as tx:
        view = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    (told,) = view.incidents
    assert told.id == shared(reconciler).id
    assert {p.component for p in told.parts} == {WEB, DNS}
    assert "Web y DNS" in told.title.in_locale("es")
    window = next(w for w in view.maintenance if w.id == "m2")
    assert window.title.in_locale("es") == "Mantenimiento"
    assert [c for c, _ in window.components] == [MAIL]


def reported_services(made: Publisher, incident: Incident) -> PublicIncident:
    world = made.world
    with world.journal.transaction() as tx:
        view = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    return next(i for i in view.incidents if i.id == incident.id)


def told_of_the_shared(made: Publisher) -> PublicIncident:
    return reported_services(made, shared(made))


def bodies(made: Publisher) -> list[str]:
    """The public texts of the shared incident, newest first."""
    return [u.body.in_locale("es") for u in told_of_the_shared(made).updates]


def test_what_came_back_is_resolved_in_its_own_time_while_the_private_part_is_down(
    reconciler: Publisher,
) -> None:
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+", **{str(SECRET): "-"})
    assert told_of_the_shared(reconciler).phase is Phase.INVESTIGATING
    observe = reconciler.world.core.state.catalogue.alerting.observe
    while told_of_the_shared(reconciler).phase is not Phase.RESOLVED:
        reconciler.world.live(web="+", dns="+", mail="+", **{str(SECRET): "-"})
    told = told_of_the_shared(reconciler)
    came_back = max(p.end for p in told.parts if p.end is not None)
    assert (told.monitoring_at, told.resolved_at) == (came_back, came_back + observe)
    assert told.next_update_by is None
    assert shared(reconciler).open_part(SECRET) is not None


def test_nothing_of_the_rest_says_when_the_private_part_came_back(reconciler: Publisher) -> None:
    reconciler.adopt(private_catalogue())
    for _ in range(40):
        reconciler.world.live(web="+", dns="+", mail="+", **{str(SECRET): "-"})
    before = told_of_the_shared(reconciler)
    for _ in range(40):
        reconciler.world.live(web="+", dns="+", mail="+", **{str(SECRET): "+"})
    assert shared(reconciler).phase is Phase.RESOLVED
    assert shared(reconciler).resolved_at != before.resolved_at
    assert told_of_the_shared(reconciler) == before


def test_a_private_part_that_comes_back_first_is_not_told_of(reconciler: Publisher) -> None:
    reconciler.adopt(private_catalogue())
    for said in "--++++":
        reconciler.world.live(web="+", dns="-", mail="+", **{str(SECRET): said})
    assert shared(reconciler).open_part(SECRET) is None
    assert shared(reconciler).updates[-1].event is IncidentEvent.PARTLY_BACK
    assert not [body for body in bodies(reconciler) if "servicio afectado" in body]
    while shared(reconciler).phase is not Phase.RESOLVED:
        reconciler.world.live(web="+", dns="+", mail="+", **{str(SECRET): "+"})
    assert bodies(reconciler)[0].startswith("Los servicios Web y DNS funcionan con normalidad")


def test_operators_keep_it(reconciler: Publisher) -> None:
    before = shared(reconciler)
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+")
    assert shared(reconciler).open_part(SECRET) is not None
    assert any(NAME in u.machine.in_locale("es") for u in before.updates if u.machine)


def test_billing_keeps_it_for_the_month_in_which_it_was_public(reconciler: Publisher) -> None:
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+")
    world, now = reconciler.world, reconciler.world.clock.now()
    with world.journal.transaction() as tx:
        read = read_month(tx, world.catalogues, Month.of(now, ZONE), now, is_provisional=True)
    body: dict[str, Any] = report_body(monthly_report(read))
    told = {c["id"]: c for c in body["components"]}
    assert told[SECRET]["is_public"] is False
    assert told[SECRET]["down_s"] > 0
    assert told[WEB]["is_public"] is True


def test_what_never_was_public_never_was_there(tmp_path: Path) -> None:
    made = Publisher(tmp_path, private_catalogue())
    made.world.live(web="++", dns="++", mail="++")
    shelf = made.publish()
    assert made.ask(shelf, component_path(SECRET, "es")).status == 404


def test_what_has_no_part_in_it_does_not_name_it_either(reconciler: Publisher) -> None:
    other = shared(reconciler)
    correct(reconciler, other, f"Como pasó con {ALONE_NAME}.")
    correct(reconciler, other, "Cambiamos un disco.")
    made = public_catalogue()
    hidden = tuple(replace(c, is_public=c.id != ALONE) for c in made.components)
    reconciler.adopt(replace(made, components=hidden))
    reconciler.world.live(web="+", dns="-", mail="+")
    reconciler.publish()
    written = b"".join(words for _, words in plain_bytes(reconciler.folder)).decode(
        errors="replace"
    )
    assert ALONE_NAME not in written
    assert "Cambiamos un disco." in written


def test_what_the_public_never_knew_silences_no_text(tmp_path: Path) -> None:
    """An internal check called `correo` is no reason to say nothing of the mail."""
    made = private_catalogue()
    internal = component(ComponentId("correo"), Text({"es": "Disco"}), "hosting")
    world = (*made.components, replace(internal, is_public=False))
    reconciler = Publisher(tmp_path, replace(made, components=world))
    for _ in range(6):
        reconciler.world.live(web="+", dns="-", mail="+")
    (incident,) = reconciler.incidents()
    correct(reconciler, incident, "Cambiamos un disco del correo de la web.")
    said = [u.body.in_locale("es") for u in reported_services(reconciler, incident).updates]
    assert said[0] == "Cambiamos un disco del correo de la web."
    assert len(said) == len(reconciler.incidents()[0].updates)


def test_a_window_of_others_does_not_name_it_either(reconciler: Publisher) -> None:
    reconciler.adopt(private_catalogue())
    reconciler.world.live(web="+", dns="-", mail="+")
    world = reconciler.world
    with world.journal.transaction() as tx:
        view = build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=DailyRollup()
        )
    titles = {w.id: w.title.in_locale("es") for w in view.maintenance}
    assert (titles[MaintenanceId("m3")], titles[MaintenanceId("m4")]) == (
        "Cambio de discos", "Mantenimiento",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "is_told"),
    [
        (IncidentEvent.PARTLY_BACK, False),
        (IncidentEvent.UNWATCHED, False),
        (IncidentEvent.CLOCK_SET, False),
        (IncidentEvent.WORSENED, True),
    ],
)
def test_no_text_counts_it(event: IncidentEvent, *, is_told: bool) -> None:
    """ "Three others are still down" is one too many."""
    known = private_catalogue().components
    hidden = Hidden(
        public={c.id: c for c in known if c.is_public},
        private=frozenset({SECRET}),
        shown_until={SECRET: Second(600)},
        names=Mentions(KnownNames.of([(SECRET, NAME)]), {SECRET}, lambda _: ()),
        now=Second(600),
        observe=600,
    )
    parts = tuple(
        Affected(component=c, status=Outcome.DOWN, start=Second(60), cause="timeout")
        for c in (SECRET, WEB, DNS, MAIL)
    )
    update = Update(
        number=1, at=Second(90), phase=Phase.INVESTIGATING, event=event, actor="engine",
        machine=Text({"es": "Siguen caídos 4 componentes."}),
    )  # fmt: skip
    incident = Incident(
        id=IncidentId("20260914-1"), phase=Phase.INVESTIGATING, impact=Impact.MAJOR,
        started_at=Second(60), created_at=Second(70), machine_title=Text({"es": "Caída"}),
        affected=parts, updates=(update,),
    )  # fmt: skip
    assert (update in hidden.redacted(incident).updates) == is_told
