"""What visitors read of incidents by hand: that a person reported it, where it goes on, and nothing
of what is private."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import CatalogueRevision
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.text import Text, plain
from monitor.i18n.addresses import component_path, incident_path
from statuspage.publish.render import PageRenderer
from tests.incidents.operators import TITLE, WELL, WORDS, Desk
from tests.statuspage.test_made_private import NAME, SECRET, private_catalogue, public_catalogue
from tests.support.worlds import MAIL, World

DOWN, SLOW = Outcome.DOWN, Outcome.DEGRADED


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    world = World(tmp_path)
    world.live(web="+" * 5, dns="+" * 5, mail="+" * 5)
    return Desk(world)


def pages(desk: Desk) -> dict[str, str]:
    rendered = PageRenderer().render(desk.view())
    return {
        path: page.fresh.content.decode()
        for path, page in rendered.items()
        if page.content_type != "image/png"
    }


def api(desk: Desk, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pages(desk)[f"/api/v2/{name}.json"])
    return found


def visible(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize(
    ("lang", "said", "meaning"),
    [
        ("es", "Informado por una persona", "no cambia ni un segundo de las barras"),
        ("en", "Reported by a person", "changes no second of bars"),
    ],
)
def test_the_page_says_that_a_person_reported_it(
    desk: Desk, lang: str, said: str, meaning: str
) -> None:
    title = Text({"es": "Correo: demoras", "en": "Mail: delays"})
    told = desk.by_hand.open(title=title, text=WORDS, statuses={"mail": SLOW})
    found = pages(desk)
    home, own = visible(found[f"/{lang}/"]), visible(found[incident_path(told.id, lang)])
    assert said in home
    assert said in own
    assert meaning in own
    assert title.in_locale(lang) in own
    assert WORDS.in_locale(lang) in own
    component = visible(found[component_path(MAIL, lang)])
    assert meaning in component


def test_what_checks_see_is_not_said_to_be_a_persons(desk: Desk) -> None:
    desk.world.live(web="---", dns="+++", mail="+++")
    fell = desk.opened_by_machine("web")
    text = "".join(page for path, page in pages(desk).items() if path.startswith("/es/"))
    assert fell.id in text
    assert "Informado por una persona" not in text


def test_no_length_is_told_of_what_was_not_measured(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    desk.world.clock.advance(600)
    desk.commands.resolve(told.id, text=plain("Ya está."))
    own = visible(pages(desk)[incident_path(told.id, "es")])
    assert "según Operaciones" in own
    assert "Según Operaciones" in own
    for word in ("Estuvo sin servicio", "Cuenta en la disponibilidad", "10 min"):
        assert word not in own
    assert re.findall(r"\d\d:\d\d:\d\d", own) == []


def test_a_persons_word_adds_nothing_to_what_checks_measured(desk: Desk) -> None:
    desk.world.live(web="---", dns="+++", mail="+++")
    fell = desk.opened_by_machine("web")
    desk.commands.update(fell.id, text=WORDS, statuses={"mail": DOWN})
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    desk.commands.resolve(fell.id, text=WORDS)
    read = pages(desk)
    assert "Estuvo sin servicio 3 min." in visible(read[incident_path(fell.id, "es")])
    assert "Resuelto. 3 min sin servicio" in visible(read["/historial"])


def test_one_about_nothing_has_a_page_in_each_phase(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={})
    for phase in (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING):
        desk.commands.update(told.id, text=WORDS, phase=phase)
        own = visible(pages(desk)[incident_path(told.id, "es")])
        assert "Lento" not in own
        assert "Caído" not in own
        assert "Sin datos" not in own
    desk.commands.resolve(told.id, text=plain("Ya está."))
    assert "Resuelto" in visible(pages(desk)[incident_path(told.id, "es")])


def test_what_happened_and_why_stands_first_once_it_is_over(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    desk.commands.resolve(told.id, text=plain("Ya está."))
    desk.commands.postmortem(told.id, text=Text({"es": "Falló la fuente.", "en": "It broke."}))
    for lang, words in (("es", "Qué pasó y por qué"), ("en", "What happened and why")):
        page = visible(pages(desk)[incident_path(told.id, lang)])
        assert page.index(words) < page.index("Ya está.")
    (listed,) = api(desk, "incidents")["incidents"]
    assert (listed["status"], listed["resolved_at"]) == ("postmortem", listed["created_at"])
    assert [u["status"] for u in listed["incident_updates"]] == [
        "postmortem", "resolved", "investigating",
    ]  # fmt: skip
    assert api(desk, "incidents/unresolved")["incidents"] == []
    feed = pages(desk)["/historial.atom"]
    assert "&lt;strong&gt;Postmortem&lt;/strong&gt; (Qué pasó y por qué) - Falló la fuente" in feed


@pytest.mark.parametrize("about", [{}, {"mail": Outcome.UP}], ids=["nothing", "what works"])
def test_nobody_reads_that_all_is_stable_above_an_open_incident(
    desk: Desk, about: dict[str, Outcome]
) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses=about)
    read = pages(desk)
    assert "<title>Hay un incidente abierto · Estado</title>" in read["/es/"]
    assert "<title>There is an open incident · Estado</title>" in read["/en/"]
    assert "están estables" not in read["/es/"] + read["/es/insertar"] + read["/badge.svg"]
    assert api(desk, "status")["status"]["indicator"] == "minor"
    desk.world.live(web="---", dns="+++", mail="+++")
    assert "Además, hay un incidente abierto." in visible(pages(desk)["/es/"])
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    desk.commands.resolve(told.id, text=WORDS)
    assert "Todos los servicios están estables" in pages(desk)["/es/"]
    assert api(desk, "status")["status"]["indicator"] == "none"


def test_what_was_merged_points_to_where_it_goes_on(desk: Desk) -> None:
    desk.world.live(web="---", dns="+++", mail="---")
    web, mail = desk.opened_by_machine("web"), desk.opened_by_machine("mail")
    desk.joining.merge(mail.id, web.id, text=plain("Es lo mismo."))
    found = pages(desk)
    for lang, said in (("es", "Sigue en otro incidente"), ("en", "It goes on in another incident")):
        page = found[incident_path(mail.id, lang)]
        assert said in page
        assert f'href="{incident_path(web.id, lang)}"' in page
        assert "Operativo" not in visible(page)
    listed = {i["id"]: i for i in api(desk, "incidents")["incidents"]}
    newest = listed[mail.id]["incident_updates"][0]["body"]
    assert newest.startswith("Es lo mismo.\n\nSigue en otro incidente: Web: sin respuesta, http")
    assert newest.endswith(f"{incident_path(web.id, 'es')}.")
    assert (listed[mail.id]["status"], listed[web.id]["status"]) == ("resolved", "investigating")
    unresolved = api(desk, "incidents/unresolved")["incidents"]
    assert [i["id"] for i in unresolved] == [web.id]


def test_linked_ones_are_on_both_pages(desk: Desk) -> None:
    first = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": SLOW})
    second = desk.by_hand.open(title=plain("Red"), text=WORDS, statuses={"web": SLOW})
    desk.joining.link(first.id, second.id)
    found = pages(desk)
    for one, other in ((first, second), (second, first)):
        page = found[incident_path(one.id, "es")]
        assert "Incidentes relacionados" in page
        assert (
            f'<a href="{incident_path(other.id, "es")}">{other.title.in_locale("es")}</a>' in page
        )
    desk.commands.resolve(second.id, text=plain("Ya está."))
    assert (
        f'{incident_path(second.id, "es")}">Resuelto: Red</a>'
        in pages(desk)[incident_path(first.id, "es")]
    ), "what is over is not read as a fault of now"


def test_the_api_of_others_says_the_worse_and_who_opened_it(desk: Desk) -> None:
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"mail": DOWN})
    summary = api(desk, "summary")
    by_id = {c["id"]: c for c in summary["components"]}
    assert (by_id["mail"]["status"], by_id["web"]["status"]) == ("major_outage", "operational")
    assert summary["status"]["indicator"] == "major"
    (incident,) = summary["incidents"]
    assert incident["id"] == told.id
    (update,) = incident["incident_updates"]
    assert update["body"] == "Los envíos demoran.\n\n(Informado por una persona)"
    assert [c["id"] for c in incident["components"]] == ["mail"]


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_script_in_any_text_stays_text(desk: Desk, words: str) -> None:
    first = desk.by_hand.open(title=plain(words), text=plain(words), statuses={"mail": SLOW})
    second = desk.by_hand.open(title=plain(words), text=plain(words), statuses={"web": SLOW})
    desk.joining.link(first.id, second.id)
    desk.joining.merge(first.id, second.id, text=plain(words))
    for path, page in pages(desk).items():
        if not path.startswith("/api/"):
            assert "<script>alert" not in page
            assert "<img src=x" not in page


def secretive(tmp_path: Path) -> Desk:
    """With a component that was public and is private now."""
    world = World(tmp_path, public_catalogue())
    marks = {"web": "+++", "dns": "+++", "mail": "+++", SECRET: "+++"}
    world.live(**marks)
    revision = CatalogueRevision(
        number=2, hash="2", text="", effective_from=world.clock.now(), catalogue=private_catalogue()
    )
    world.catalogues = Catalogues([*world.catalogues.revisions, revision])
    world.core.adopt(world.catalogues)
    return Desk(world)


def test_nothing_of_a_private_component_is_read(tmp_path: Path) -> None:
    desk = secretive(tmp_path)
    alone = desk.by_hand.open(title=plain(NAME), text=WORDS, statuses={SECRET: DOWN})
    mixed = desk.by_hand.open(
        title=plain(f"{NAME} y correo"), text=plain(f"Falla {NAME}."),
        statuses={SECRET: DOWN, "mail": SLOW},
    )  # fmt: skip
    desk.joining.link(alone.id, mixed.id)
    merged = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"web": SLOW})
    desk.joining.merge(merged.id, alone.id, text=plain("Sigue aparte."))
    desk.world.live(web=WELL, dns=WELL, mail=WELL)
    desk.joining.split(alone.id, ["web"], title=plain("La web"), text=plain(f"No es {NAME}."))
    everything = "".join([*pages(desk), *pages(desk).values()])
    assert mixed.id in everything
    for secret in (NAME, SECRET, alone.id):
        assert secret not in everything
    shown = desk.incident(mixed.id)
    assert [p.component for p in shown.parts] == ["mail"]
    assert shown.impact == "minor"
    assert NAME not in shown.title.in_locale("es")
    (left,) = shown.updates
    assert left.body.by_locale == {
        "es": "Incidente informado por Operaciones.",
        "en": "Incident by Operations.",
        "pt": "Incidente informado por Operações.",
    }
    (told,) = (i for i in api(desk, "incidents/unresolved")["incidents"] if i["id"] == mixed.id)
    assert [u["status"] for u in told["incident_updates"]] == ["investigating"]
    desk.commands.resolve(mixed.id, text=plain(f"{NAME} anda."))
    (over,) = desk.incident(mixed.id).updates
    assert (over.number, over.phase) == (desk.get(mixed.id).updates[-1].number, Phase.RESOLVED)
    assert desk.incident(merged.id).merged_into is None


def test_what_was_split_off_and_made_private_is_not_named_by_what_is_left(tmp_path: Path) -> None:
    made = replace(public_catalogue())
    world = World(tmp_path, made)
    world.live(**{"web": "++---", "dns": "+++++", "mail": "+++++", SECRET: "++---"})
    desk = Desk(world)
    (fell,) = (i for i in desk.every() if i.is_unresolved)
    assert NAME in str(fell.updates)
    desk.joining.split(fell.id, [SECRET], title=plain("Aparte"), text=WORDS)
    revision = CatalogueRevision(
        number=2, hash="2", text="", effective_from=world.clock.now(), catalogue=private_catalogue()
    )
    world.catalogues = Catalogues([*world.catalogues.revisions, revision])
    world.core.adopt(world.catalogues)
    everything = "".join([*pages(desk), *pages(desk).values()])
    assert fell.id in everything
    assert NAME not in everything
    assert SECRET not in everything
