"""What the rendered pages hold, in every scene, language and form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from jinja2 import UndefinedError

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Page, Role
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Phase
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.i18n.formats import NBSP
from statuspage.publish.render import render
from statuspage.publish.rendered import HTML, Rendered
from statuspage.publish.templating import environment
from statuspage.view.model import PublicView
from tests.statuspage.builders import (
    DISPLAY,
    at,
    component,
    incident,
    part,
    resolved,
    service,
    showing,
    text,
    update,
    view,
    window,
)
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, icon_of, old_form, text_of

OURS = "https://estado.example"
CONFIGURED = ("https://panel.example/",)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y>{{ 7*7 }}{% x %}&amp;"


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene rendered once, its pages parsed once: `/es/` and `/es/ (stale)`."""

    rendered: dict[str, Rendered]
    documents: dict[str, Document]


@pytest.fixture(scope="module", params=SCENES)
def reconciler(request: pytest.FixtureRequest) -> Scene:
    rendered = render(SCENES[request.param]())
    return Scene(rendered, {path: Document.parse(content) for path, content in pages(rendered)})


def pages(rendered: dict[str, Rendered]) -> Iterator[tuple[str, bytes]]:
    for path, page in rendered.items():
        if page.content_type == HTML:
            yield path, page.fresh.content
            yield f"{path} (stale)", old_form(page)


def home(said: PublicView, *, path: str = "/es/", is_stale: bool = False) -> Document:
    page = render(said)[path]
    return Document.parse(old_form(page) if is_stale else page.fresh.content)


def test_it_writes_valid_html_with_one_h1_and_distinct_ids(reconciler: Scene) -> None:
    for path, document in reconciler.documents.items():
        assert len(document.texts("h1")) == 1, path
        assert len(document.ids()) == len(set(document.ids())), path


def test_it_leads_nowhere_in_vain(reconciler: Scene) -> None:
    for path, document in reconciler.documents.items():
        for tag, address in document.links():
            if address.startswith(CONFIGURED):
                assert tag == "a"
                continue
            target = urlsplit(address.removeprefix(OURS))
            wanted = target.path or path.removesuffix(" (stale)")
            assert wanted in reconciler.rendered, f"{path} leads to {address}"
            if target.fragment:
                ids = reconciler.documents[wanted].ids()
                assert target.fragment in ids, f"{path} leads to {address}"


def test_it_loads_nothing_from_elsewhere_and_runs_nothing(reconciler: Scene) -> None:
    for path, document in reconciler.documents.items():
        loaded = [a for tag, a in document.links() if tag in ("img", "script", "form")]
        assert loaded == [], path
        assert not document.texts("script"), path
        active = {name for name in document.attributes() if name.startswith("on")}
        assert active | (document.attributes() & {"style"}) == set(), path


def test_it_names_each_language_once(reconciler: Scene) -> None:
    for spanish, english in (("/es/", "/en/"), ("/historial", "/en/history")):
        for path in (spanish, english):
            found = [
                e.attrib for e in reconciler.documents[path].root.iter("link")
                if e.attrib.get("rel") == "canonical" or "hreflang" in e.attrib
            ]  # fmt: skip
            assert found[0]["href"] == OURS + path
            assert {f["hreflang"]: f["href"] for f in found[1:]} == {
                "es": OURS + spanish, "en": OURS + english,
            }  # fmt: skip


def test_it_repeats_the_answer_as_title() -> None:
    document = home(SCENES["repair"]())
    assert document.texts("h1") == ["Estamos reparando Streaming de radio 2."]
    assert document.texts("title") == [
        "Estamos reparando Streaming de radio 2 · Estado del Servicio"
    ]


def test_it_keeps_the_order_of_the_home_page() -> None:
    headings = home(SCENES["repair"]()).texts("h2")
    assert headings == ["Qué pasa ahora", "¿Su problema es otro?", "Servicios", "Últimos 15 días"]
    calm = home(SCENES["all-well"]()).texts("h2")
    assert calm == [
        "¿Su problema no figura aquí?", "Servicios", "Mantenimientos programados",
        "Últimos 15 días",
    ]  # fmt: skip


def test_it_opens_the_groups_that_are_not_well() -> None:
    document = home(SCENES["repair"]())
    opened = {text_of(next(e.iter("h3"))): "open" in e.attrib for e in document.with_class("group")}
    assert opened == {
        "Radio streaming 3 servicios": True, "Hosting web 4 servicios": False,
        "Correo 3 servicios": True, "Dominios y DNS 2 servicios": False,
        "VPS y dedicados 2 servicios": False, "Panel y contacto 2 servicios": False,
    }  # fmt: skip


def test_it_says_states_with_icon_word_and_colour(reconciler: Scene) -> None:
    for path, document in reconciler.documents.items():
        for state in document.with_class("state"):
            colour = icon_of(state).removeprefix("#i-").replace("watch", "ok")
            assert text_of(state), path
            assert f"is-{colour}" in state.attrib["class"].split(), path


def test_it_shows_no_red_for_what_it_does_not_know() -> None:
    document = home(SCENES["blind"]())
    assert document.with_class("is-down") == []
    shown = [s.attrib["class"].split()[1] for s in document.with_class("state")]
    assert set(shown) - {"is-maint"} == {"is-nd"}


def test_it_puts_the_worst_incident_first() -> None:
    titles = [text_of(next(n.iter("h3"))) for n in home(SCENES["repair"]()).with_class("notice")]
    assert titles == [
        "Streaming de radio 2: sin sonido", "Webmail: lento",
        "Servidor web 2: actualización del sistema",
    ]  # fmt: skip


def test_it_tells_the_last_fifteen_days_and_counts_the_quiet_ones() -> None:
    told = [text_of(e) for e in home(SCENES["repair"]()).with_class("days")[0]]
    assert told[0].replace(NBSP, " ") == (
        "Jueves 9 de abrilStreaming de radio 2: sin respuesta"
        "Resuelto. 11 min 30 s sin servicio, de 21:14 a 21:25"
    )
    assert told[-1] == "Los otros 11 díasSin incidentes."
    calm = [text_of(e) for e in home(SCENES["all-well"]()).with_class("days")[0]]
    assert calm[-1] == "Los otros 12 díasSin incidentes."


def test_it_says_times_and_nothing_relative_when_stale(reconciler: Scene) -> None:
    for path in ("/es/", "/en/"):
        said = reconciler.documents[f"{path} (stale)"].text()
        for live in ("Abierto ahora", "Cerrado ahora", "Open now", "Closed now", "Lleva ",
                     "En 3 días", "In 3 days", "Abre hoy", "mañana"):  # fmt: skip
            assert live not in said
    assert "Estos datos son de las" in reconciler.documents["/es/ (stale)"].texts("h1")[0]


def test_it_warns_on_every_other_page_that_is_stale() -> None:
    for path, page in render(SCENES["resolved"]()).items():
        if page.content_type == HTML and page.status == 200:
            assert "Estos datos son de las 15:20." in old_form(page).decode() or "/en" in path
            assert b"Estos datos son" not in page.fresh.content
            assert b"This data is from" not in page.fresh.content


def test_it_tells_an_incident_with_every_former_version_in_view() -> None:
    document = Document.parse(render(SCENES["resolved"]())["/incidente/r4d2ab"].fresh.content)
    assert document.texts("h1") == ["Resuelto: Streaming de radio 2: sin sonido"]
    assert document.texts("title")[0].startswith("Resuelto: Streaming de radio 2: sin sonido")
    phases = [text_of(next(li.iter("h3"))) for li in document.with_class("log")[0]]
    assert phases == ["Resuelto", "En observación", "Identificado", "Investigando"]
    said = document.text().replace(NBSP, " ")
    assert "Volvió a funcionar con normalidad a las 14:41. Estuvo sin servicio 32 min 30 s." \
        in said  # fmt: skip
    assert "Versión anterior: Encontramos la causa: falló la red del servidor." in said
    assert "De 14:08:30 a 14:41:00, 32 min 30 s" in said


@pytest.mark.parametrize(
    ("falls", "told", "told_en"),
    [
        ([("09:28:04", "09:28:56")], "52 s sin servicio, a las 09:28",
         "52 s out of service, at 09:28"),
        ([("09:28:04", "09:28:14"), ("09:28:40", "09:28:50")], "20 s sin servicio, a las 09:28",
         "20 s out of service, at 09:28"),
        ([("09:28:50", "09:29:10")], "20 s sin servicio, de 09:28 a 09:29",
         "20 s out of service, from 09:28 to 09:29"),
    ],
)  # fmt: skip
def test_an_outage_within_a_minute_has_one_time(
    falls: list[tuple[str, str]], told: str, told_en: str
) -> None:
    a = component("a", "A")
    parts = [part(a, at(start), at(end)) for start, end in falls]
    rendered = render(view(service("s", "S", a), incidents=[resolved("abc234", "A", *parts)]))
    for path, words in (("/historial", told), ("/en/history", told_en)):
        said = Document.parse(rendered[path].fresh.content).text().replace(NBSP, " ")
        assert words in said


def test_slowness_within_a_minute_has_one_time() -> None:
    a = component("a", "A")
    slow = part(a, at("09:28:04"), at("09:28:56"), status=Outcome.DEGRADED)
    rendered = render(view(service("s", "S", a), incidents=[resolved("abc234", "A", slow)]))
    assert (
        "Con lentitud o fallas a las 09:28"
        in Document.parse(rendered["/historial"].fresh.content).text()
    )


@pytest.mark.parametrize(
    ("corrected", "machines", "persons"),
    [
        ({"es": "Uno.", "en": "Right."}, "/incidente/abc234", "/en/incident/abc234"),
        ({"es": "Bien.", "en": "One."}, "/en/incident/abc234", "/incidente/abc234"),
    ],
)
def test_a_correction_of_one_language_leaves_the_other_as_the_machine_wrote_it(
    corrected: dict[str, str], machines: str, persons: str
) -> None:
    a, wrote = component("a", "A"), text("Uno.", "One.")
    edited = replace(
        update(1, at("14:10"), Phase.INVESTIGATING, "Uno."),
        body=Text(corrected),
        machine=wrote,
        former=(wrote,),
    )
    told = incident("abc234", "A: caído", part(a, at("14:08")), updates=[edited])
    rendered = render(view(service("s", "S", a), incidents=[told]))
    untouched = log_of(rendered[machines])
    assert "Texto automático" in untouched or "Automatic text" in untouched
    assert "ersión anterior" not in untouched
    assert "Former version" not in untouched
    changed = log_of(rendered[persons])
    assert "Operaciones" in changed or "Operations" in changed
    assert "Versión anterior: Uno." in changed or "Former version: One." in changed


def corrected_at(clock: str) -> PublicView:
    a = component("a", "A", Shown.DOWN)
    edited = replace(
        update(1, at("14:10"), Phase.INVESTIGATING, "Uno.", is_automatic=False, former=["Cero."]),
        corrected_at=at(clock),
    )
    told = incident("abc234", "A: caído", part(a, at("14:08")), updates=[edited])
    return view(service("s", "S", a), incidents=[replace(told, updated_at=at(clock))])


def test_a_corrected_text_says_when_it_was_corrected() -> None:
    rendered = render(corrected_at("14:21"))
    assert "14:10 · Operaciones · Corregido a las 14:21" in log_of(rendered["/incidente/abc234"])
    assert "Corrected at 14:21" in log_of(rendered["/en/incident/abc234"])


def log_of(page: Rendered) -> str:
    return text_of(Document.parse(page.fresh.content).with_class("log")[0])


def test_it_marks_what_a_machine_wrote() -> None:
    document = home(SCENES["repair"]())
    told = {
        text_of(next(n.iter("h3"))): "Texto automático" in text_of(n)
        for n in document.with_class("notice")
    }
    assert told["Webmail: lento"]
    assert not told["Streaming de radio 2: sin sonido"]


def test_it_tables_each_eventful_day_of_a_component() -> None:
    page = Document.parse(render(SCENES["all-well"]())["/componente/web1"].fresh.content)
    rows = [[text_of(c).replace(NBSP, " ") for c in row] for row in page.root.iter("tr")]
    assert rows[1:5] == [
        ["Lunes 23 de marzo", "27 min sin servicio"],
        ["Miércoles 11 de marzo", "25 min en mantenimiento"],
        ["Miércoles 4 de marzo", "22 min 30 s sin servicio"],
        ["Domingo 8 de febrero", "2 h 30 min sin datos"],
    ]


def test_it_judges_a_month_by_integers_and_not_by_its_share() -> None:
    """March allows 2946.24 s: 2946 pass, 2947 do not, and both read 99,89 %."""
    verdicts = {}
    for lost in (2946, 2947):
        a = component("a", "A", happened={"2026-03-10": Seconds(down=lost)})
        page = Document.parse(render(view(service("s", "S", a)))["/componente/a"].fresh.content)
        rows = [[text_of(c).replace(NBSP, " ") for c in row] for row in page.root.iter("tr")]
        march = next(row for row in rows if row[0] == "Marzo de 2026")
        verdicts[lost] = (march[1], march[4])
    assert verdicts == {2946: ("99,89 %", "Cumplida"), 2947: ("99,88 %", "Por debajo")}


def test_it_leaves_to_a_person_what_unknown_time_could_change() -> None:
    a = component("a", "A", happened={"2026-03-10": Seconds(down=2000, unknown=1000)})
    page = Document.parse(render(view(service("s", "S", a)))["/componente/a"].fresh.content)
    assert "En revisión" in page.text()


def test_it_promises_nothing_for_a_courtesy() -> None:
    a = component("a", "A", happened={"2026-03-10": Seconds(down=9000)}, role=Role.COURTESY)
    page = Document.parse(render(view(service("s", "S", a)))["/componente/a"].fresh.content)
    assert "Sin garantía" in page.text()
    assert "Por debajo" not in page.text()


def test_it_escapes_whatever_people_and_machines_write() -> None:
    a = component("a", HOSTILE)
    said = view(
        service("s", HOSTILE, a),
        incidents=[
            incident(
                "abc234", HOSTILE, part(a, at("14:08")),
                updates=[
                    update(1, at("14:10"), Phase.INVESTIGATING, HOSTILE, former=[HOSTILE * 2])
                ],
            )
        ],
        maintenance=[window("w", HOSTILE, at("15:00"), at("16:00"), a, impact=HOSTILE)],
        page=Page(name=text(HOSTILE), company=HOSTILE, url=OURS),
    )  # fmt: skip
    for path, content in pages(render(said)):
        assert not Document.parse(content).texts("script"), path
        assert b"<img" not in content, path
        assert b"49" not in content.replace(b"2,592,000", b"").split(b"<main")[0], path
    assert HOSTILE in home(said).texts("h3")[0] + home(said).text()


def test_it_fails_loudly_where_a_template_names_what_nobody_set() -> None:
    with pytest.raises(UndefinedError):
        environment().get_template("not_found.html").render()


def test_it_stays_small_with_a_hundred_components() -> None:
    first = date(2026, 1, 17)

    def happened(seed: int) -> dict[str, Seconds]:
        days = [(first + timedelta((seed * 7 + i * 5) % 90)).isoformat() for i in range(15)]
        kinds = [Seconds(down=900), Seconds(degraded=4000), Seconds(unknown=3000)]
        return {day: kinds[i % 3] for i, day in enumerate(days)}

    groups = [
        service(
            f"g{g}", f"Grupo {g}",
            *(component(f"c{g}-{i}", f"Servidor número {g * 10 + i}", happened=happened(g * 10 + i))
              for i in range(10)),
        )
        for g in range(10)
    ]  # fmt: skip
    page = render(view(*groups))["/es/"].fresh.content
    assert page.count(b'class="row"') == 100
    assert len(page) <= 450_000


def test_it_speaks_only_the_languages_that_are_wanted() -> None:
    page = Page(name=text("Estado"), company="C", url=OURS, locales=("en", "es", "xx"))
    both = render(view(service("s", "S", component("a", "A")), page=page))
    assert both["/"].language == "en"
    assert both["/"].alternates == {"es": "/es/"}
    only = Page(name=text("Estado"), company="C", url=OURS, locales=("es",))
    alone = render(view(service("s", "S", component("a", "A")), page=only))
    assert not [path for path in alone if path.startswith("/en")]


def test_it_gives_equal_bytes_for_an_equal_view() -> None:
    assert render(SCENES["repair"]()) == render(SCENES["repair"]())


def test_it_says_when_the_data_is_from_to_the_second_and_the_zone() -> None:
    said = home(showing(Shown.OPERATIONAL)).text()
    assert (
        "Datos de las 14:35:00 del jueves 16 de abril de 2026, hora de Argentina (UTC\u22123)."
        in said
    )
    assert (
        "2026-04-16T14:35:00-03:00"
        in render(showing(Shown.OPERATIONAL))["/es/"].fresh.content.decode()
    )


def test_it_links_reports_to_the_panel_and_has_no_form_of_its_own() -> None:
    said = render(SCENES["all-well"]())["/es/"].fresh.content
    assert b"https://panel.example/report" in said
    assert b"<form" not in said
    assert DISPLAY.report_url is not None


def test_it_marks_words_that_are_in_another_language() -> None:
    """Operaciones wrote in Spanish alone; the English page has a screen reader pronounce it so."""
    english = Document.parse(render(SCENES["resolved"]())["/en/incident/r4d2ab"].fresh.content)
    spoken = [text_of(e) for e in english.root.iter("span") if e.attrib.get("lang") == "es"]
    assert "Encontramos la causa: falló la red del servidor." in spoken
    spanish = render(SCENES["resolved"]())["/incidente/r4d2ab"].fresh.content
    assert b'<span lang="' not in spanish


def test_it_fills_a_months_meter_by_what_was_lost_of_what_is_allowed() -> None:
    """April allows 2851.2 s."""
    lost = {"half": 1400, "most": 2851, "over": 2852}
    members = [
        component(id_, id_, happened={"2026-04-10": Seconds(down=seconds)})
        for id_, seconds in lost.items()
    ]
    page = Document.parse(render(view(service("s", "S", *members)))["/historial"].fresh.content)
    meters = next(e for e in page.with_class("stack") if e.tag == "ul" and "meter" in _classes(e))
    assert {text_of(next(m.iter("span"))): m.attrib["class"] for m in meters} == {
        "half": "is-ok", "most": "is-fix", "over": "is-down",
    }  # fmt: skip


def _classes(element: Element) -> set[str]:
    return {name for e in element.iter() for name in e.attrib.get("class", "").split()}


def test_it_shows_no_empty_guide_and_no_link_to_one_where_no_level_is_configured() -> None:
    seen = Document.parse(
        render(replace(showing(Shown.OPERATIONAL), support=()))["/es/"].fresh.content
    )
    assert "guia" not in seen.ids()
    assert ("a", "#guia") not in set(seen.links())


def test_it_calls_no_month_quiet_that_came_before_every_component() -> None:
    born = component("a", "A", created_at=at("00:00:00", day="2026-04-03"))
    history = render(view(service("s", "S", born)))["/historial"].fresh.content.decode()
    assert "Abril de 2026" in history
    assert "Marzo de 2026" not in history


def test_it_says_no_other_incident_while_one_is_open() -> None:
    down = component("a", "A", Shown.DOWN)
    now = view(service("s", "S", down), incidents=[incident("i1", "A", part(down, at("14:00:00")))])
    assert (
        "Sin otros incidentes en los últimos 15 días." in render(now)["/es/"].fresh.content.decode()
    )
