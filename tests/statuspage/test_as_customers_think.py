"""The page says what a customer notices, in his language; the answer says what the card says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.domain.incidents.incident import Impact
from monitor.domain.rollup import Shown
from monitor.i18n.addresses import (
    calendar_path,
    component_badge_path,
    component_path,
    feed_path,
    history_path,
    home_path,
)
from monitor.i18n.formats import NBSP
from monitor.i18n.languages import Lang
from statuspage.parts.answer import answer
from statuspage.publish.render import render
from statuspage.publish.rendered import HTML
from statuspage.view.model import PublicComponent, PublicView
from tests.statuspage.builders import (
    DISPLAY,
    at,
    component,
    incident,
    part,
    resolved,
    service,
    view,
    window,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, text_of

EVERY = replace(DISPLAY, locales=("es", "en", "pt-BR"))


def failing(
    symptom: Symptom | None, kind: ServiceKind, *, id_: str = "a", shown: Shown = Shown.DOWN
) -> PublicComponent:
    found = component(id_, id_.upper(), shown, since=at("14:08"))
    return replace(found, symptom=symptom, kind=kind)


def answered(*found: PublicComponent, lang: Lang = Lang.ES) -> str:
    well = [component(f"w{n}", f"W{n}") for n in range(len(found) + 1)]
    return answer(view(service("s", "S", *found, *well)), lang).title


@pytest.mark.parametrize(
    ("symptom", "kind", "es", "en", "pt"),
    [
        (
            Symptom.UNSAFE, ServiceKind.WEB, "El servicio A muestra un aviso de seguridad.",
            "The service A shows a security warning.",
            "O serviço A mostra um aviso de segurança.",
        ),
        (
            Symptom.SILENT, ServiceKind.INCOMING_MAIL, "El servicio A no recibe correos.",
            "The service A is not receiving mail.", "O serviço A não recebe e-mails.",
        ),
        (
            None, ServiceKind.WEB, "El servicio A no funciona.", "The service A is not working.",
            "O serviço A não funciona.",
        ),
    ],
)  # fmt: skip
def test_the_answer_says_what_the_card_says(
    symptom: Symptom | None, kind: ServiceKind, es: str, en: str, pt: str
) -> None:
    fallen = failing(symptom, kind)
    assert tuple(answered(fallen, lang=lang) for lang in Lang) == (es, en, pt)


def test_of_several_it_says_that_they_do_not_work_only_where_that_is_true_of_each() -> None:
    silent = failing(Symptom.SILENT, ServiceKind.WEB)
    dead = failing(Symptom.NO_MEDIA, ServiceKind.RADIO, id_="b")
    unsafe = failing(Symptom.UNSAFE, ServiceKind.WEB, id_="b")
    assert answered(silent, dead) == "A y B no funcionan."
    assert answered(silent, unsafe) == "A y B tienen fallas."


def test_what_is_slow_for_another_reason_is_not_called_slow() -> None:
    warned = failing(Symptom.UNSAFE, ServiceKind.WEB, shown=Shown.SLOW)
    assert answered(warned) == "El servicio A muestra un aviso de seguridad."


def test_what_nobody_notices_is_not_called_the_reader_s_problem() -> None:
    renewal = failing(Symptom.UNNOTICED, ServiceKind.WEB, shown=Shown.SLOW)
    said = view(service("s", "S", renewal, component("b", "B")))
    found = answer(said, Lang.ES)
    assert found.title == "El servicio A tiene un certificado por renovar."
    assert found.lead == "Usted no nota nada. El resto está estable."
    own = page(said, "/componente/a").text()
    assert "Desde las 14:08 tiene un certificado por renovar. Usted no nota nada." in own
    assert "el problema es nuestro" not in own


def page(said: PublicView, path: str) -> Document:
    return Document.parse(render(said)[path].fresh.content)


def test_a_components_page_says_it_too() -> None:
    fallen = failing(Symptom.UNSAFE, ServiceKind.WEB)
    said = page(view(service("s", "S", fallen)), "/componente/a").text()
    assert "Desde las 14:08 muestra un aviso de seguridad." in said
    assert "No funciona" not in said


@pytest.mark.parametrize("scene", ["repair", "maintenance"])
def test_every_page_is_there_in_every_language(scene: str) -> None:
    rendered = render(replace(SCENES[scene](), page=EVERY))
    pages = [p for p in rendered.values() if p.content_type == HTML]
    for lang in Lang:
        own = [p for p in pages if p.language == lang.value]
        # Home, history, availability, the frame, not found, and a page for each of 16 components.
        assert len(own) > 20
        for found in own:
            document = Document.parse(found.fresh.content)
            assert document.root.attrib["lang"] == lang.value
            assert re.findall(r"\{\w+\}", document.text()) == []


def test_pages_of_each_language_name_each_other_and_offer_feeds_and_calendar_of_their_own() -> None:
    rendered = render(view(service("s", "S", component("a", "A")), page=EVERY))
    for lang in Lang:
        home = Document.parse(rendered[home_path(lang)].fresh.content)
        tags = {e.attrib["hreflang"]: e.attrib["href"] for e in home.root.iter("link")
                if "hreflang" in e.attrib}  # fmt: skip
        assert tags == {one.value: DISPLAY.url + home_path(one) for one in Lang}
        links = {address for _, address in home.links()}
        assert {feed_path(lang, "atom"), calendar_path(lang), history_path(lang)} <= links
        assert {feed_path(lang, "atom"), calendar_path(lang)} <= rendered.keys()
        assert component_path(component("a", "A").id, lang) in rendered


def test_portuguese_is_published_where_it_is_asked_for() -> None:
    assert not any(
        path.startswith("/pt/") for path in render(view(service("s", "S", component("a", "A"))))
    )


def test_a_title_in_another_language_is_marked_as_such() -> None:
    fallen = component("a", "A", Shown.DOWN, since=at("14:08"))
    told = [incident("abc234", "A: sin respuesta", part(fallen, at("14:08")))]
    work = [window("m1", "A: cambio de discos", at("14:00"), at("15:00"), fallen)]
    said = view(service("s", "S", fallen), incidents=told, maintenance=work, page=EVERY)
    for path in ("/en/", "/pt/"):
        marked = [text_of(e) for e in page(said, path).root.iter("span")
                  if e.attrib.get("lang") == "es"]  # fmt: skip
        assert {"A: sin respuesta", "A: cambio de discos"} <= set(marked)
    own = page(said, "/es/").root.iter("span")
    assert [e for e in own if "lang" in e.attrib] == []


def test_the_heading_of_its_own_page_is_marked_too() -> None:
    fallen = component("a", "A", Shown.DOWN, since=at("14:08"))
    told = [incident("abc234", "A: sin respuesta", part(fallen, at("14:08")))]
    work = [window("m1", "A: cambio de discos", at("12:00"), at("13:00"), fallen)]
    said = view(service("s", "S", fallen), incidents=told, maintenance=work, page=EVERY)
    for path, title in (
        ("/en/incident/abc234", "A: sin respuesta"),
        ("/en/maintenance/m1", "A: cambio de discos"),
    ):
        (heading,) = page(said, path).root.iter("h1")
        marked = [text_of(e) for e in heading.iter("span") if e.attrib.get("lang") == "es"]
        assert marked == [title]
    (heading,) = page(said, "/mantenimiento/m1").root.iter("h1")
    assert text_of(heading) == "Terminado: A: cambio de discos"


def general() -> PublicView:
    fallen = [component(id_, id_.upper(), Shown.DOWN, since=at("14:08")) for id_ in "abc"]
    told = [
        incident(f"{c.id}bc234", f"{c.name.in_locale('es')}: sin respuesta", part(c, at("14:08")),
                 impact=Impact.CRITICAL)
        for c in fallen
    ]  # fmt: skip
    planned = window("m1", "Cambio de discos", at("02:00", day="2026-04-19"),
                     at("04:00", day="2026-04-19"), fallen[0])  # fmt: skip
    return view(service("s", "S", *fallen), incidents=told, maintenance=[planned])


def test_in_a_general_outage_incidents_are_one_card_and_planned_work_waits_below() -> None:
    home = page(general(), "/es/")
    now = next(e for e in home.root.iter("section") if e.attrib.get("aria-labelledby") == "ahora")
    cards = list(now.iter("article"))
    assert len(cards) == 1
    assert all(f"{name}: sin respuesta" in text_of(cards[0]) for name in "ABC")
    assert "Cambio de discos" not in text_of(now)
    said = home.text()
    assert said.index("Servicios") < said.index("Cambio de discos")


def test_a_group_of_one_is_its_member() -> None:
    home = page(view(service("s", "Solo", component("a", "A"))), "/es/")
    assert [e for e in home.with_class("group") if e.tag == "details"] == []
    row = home.with_class("row")[0]
    assert text_of(row).startswith("A")


def test_each_day_of_a_list_is_a_heading_once() -> None:
    a = component("a", "A")
    over = [
        resolved(ident, f"A: {ident}", part(a, at(start, day=day), at(end, day=day)))
        for ident, day, start, end in (
            ("abc234", "2026-04-15", "02:00", "02:10"),
            ("abd234", "2026-04-15", "05:00", "05:10"),
            ("abe234", "2026-04-14", "05:00", "05:10"),
        )
    ]
    home = page(view(service("s", "S", a), incidents=over), "/es/")
    days = [text for text in home.texts("h3") if re.match(r"(Mi|Ma)\w+ \d+ de abril", text)]
    assert days == ["Miércoles 15 de abril", "Martes 14 de abril"]


def test_planned_work_says_for_when_it_is_planned() -> None:
    a = component("a", "A")
    work = window("m1", "Discos", at("02:00", day="2026-04-19"), at("04:00", day="2026-04-19"), a)
    said = page(view(service("s", "S", a), maintenance=[work]), "/mantenimiento/m1").text()
    expected = "Está previsto para el domingo 19 de abril, de 02:00 a 04:00."
    assert expected in said.replace(NBSP, " ")


def test_only_what_is_slow_is_called_slow() -> None:
    """A check that degrades its component may have seen something else than slowness."""
    old = failing(Symptom.OLD_PROTOCOL, ServiceKind.WEB, shown=Shown.SLOW)
    slow = failing(Symptom.SLOW, ServiceKind.WEB, id_="b", shown=Shown.SLOW)
    plain_ = failing(None, ServiceKind.WEB, id_="c", shown=Shown.SLOW)
    dead = failing(Symptom.SILENT, ServiceKind.WEB, id_="d")
    assert answered(old, slow) == (
        "El servicio A puede tardar más de lo habitual y el servicio B funciona con lentitud."
    )
    assert answered(old, slow, plain_) == "3 servicios tienen fallas."
    assert answered(slow, plain_) == "B y C funcionan con lentitud."
    well = [component(f"w{n}", f"W{n}") for n in range(3)]
    alone = answer(view(service("s", "S", old, *well)), Lang.ES)
    assert alone.title == "El servicio A puede tardar más de lo habitual."
    assert "lento" not in alone.lead
    beside = answer(view(service("s", "S", dead, old, *well)), Lang.ES)
    assert "Además, el servicio A puede tardar más de lo habitual." in beside.lead
    english = answered(old, slow, lang=Lang.EN)
    assert english == "The service A may take longer than usual and the service B is slow."


@pytest.mark.parametrize(
    ("symptom", "word"),
    [
        (Symptom.UNSAFE, "Con fallas"),
        (Symptom.UNNOTICED, "Por renovar"),
        (Symptom.SLOW, "Lento"),
        (None, "Lento"),
    ],
)
def test_row_badge_and_card_call_slow_only_what_is_slow(symptom: Symptom, word: str) -> None:
    odd = failing(symptom, ServiceKind.WEB, shown=Shown.SLOW)
    told = [incident("abc234", "A: algo", part(odd, at("14:08"), status=Outcome.DEGRADED))]
    said = view(service("s", "S", odd, component("b", "B")), incidents=told)
    row = next(r for r in page(said, "/es/").with_class("row") if text_of(r).startswith("A"))
    assert word in text_of(row)
    badge = render(said)[component_badge_path(odd.id, "es")].fresh.content.decode()
    assert word.lower() in badge.lower()
    (card,) = [a for a in page(said, "/es/").root.iter("article") if "A: algo" in text_of(a)]
    assert ("Lento" in text_of(card)) == (word == "Lento")
