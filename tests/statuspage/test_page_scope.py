"""What a brand's page shows stands on it, as if nothing else existed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.known_names import KnownNames
from monitor.domain.catalogue import (
    Brand,
    BrandPage,
    Catalogue,
    CatalogueRevision,
    Component,
    Subscribers,
    TelegramBot,
)
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Origin,
    Phase,
    Update,
)
from monitor.domain.secret import Secret
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.i18n.addresses import component_path, incident_path, mark_of
from monitor.i18n.languages import Lang
from monitor.incidents.commands import IncidentCommands
from monitor.subscribers.announcements import announcements
from probes.registry import all_failures
from statuspage.view.closed_month import first_watched
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.page_scope import scope_of, scopes_of
from statuspage.view.public_view import build_views
from statuspage.view.redaction import Hidden
from tests.support.worlds import DNS, MAIL, WEB, World, catalogue, check

INNER = ComponentId("interno")
DNS_FAILED = Text({"es": "Falla el DNS."})
T1, T2, T3 = Second(6_000), Second(12_000), Second(18_000)


def brand(name: str, *components: ComponentId) -> Brand:
    page = BrandPage(
        id=name, name=plain("Estado"), company=name.title(), url=f"https://{name}.example",
        hosts=(f"{name}.example", f"{name[::-1]}.example"), components=components,
    )  # fmt: skip
    return Brand(name=name.title(), page=page)


def branded(*brands: Brand) -> Catalogue:
    """The company of the world, with one more component that only a brand may show."""
    made = catalogue()
    inner = Component(
        id=INNER, service=ServiceId("mail"), name=plain("Buzones Ámbar"), is_public=False
    )
    return replace(
        made,
        page=replace(made.page, brands=brands),
        components=(*made.components, inner),
        checks=(*made.checks, check(INNER)),
    )


NORTH_AND_SOUTH = branded(brand("norte", WEB), brand("sur", MAIL, INNER))


def hidden_of(
    page: str | None, incidents: Sequence[Incident] = (), *made: tuple[Second, Catalogue]
) -> Hidden:
    revisions = made or ((Second(0), NORTH_AND_SOUTH),)
    catalogues = Catalogues(
        [
            CatalogueRevision(number=n, hash=str(n), text="", effective_from=at, catalogue=one)
            for n, (at, one) in enumerate(revisions, 1)
        ]
    )
    scope = scope_of(catalogues.present(T3).catalogue, page)
    assert scope is not None
    return Hidden.of(catalogues, T3, incidents, (), scope)


def incident(
    *components: ComponentId, at: Second = T1, title: str = "", said: str = ""
) -> Incident:
    updates = [
        Update(
            number=1, at=at, phase=Phase.INVESTIGATING, event=IncidentEvent.OPENED, actor="engine",
            machine=Text({"es": "Web no responde."}),
        ),
        Update(
            number=2, at=at, phase=Phase.INVESTIGATING, event=IncidentEvent.PERSON, actor="ana",
            machine=None, person=Text({"es": said}) if said else None,
        ),
    ]  # fmt: skip
    return Incident(
        id=IncidentId(f"{at}-" + "-".join(components)), phase=Phase.INVESTIGATING,
        impact=Impact.CRITICAL, started_at=at, created_at=at, revision=0,
        machine_title=Text({"es": "Web, DNS y Correo: sin servicio"}),
        person_title=Text({"es": title}) if title else None,
        affected=tuple(
            Affected(component=c, status=Outcome.DOWN, start=at, cause="timeout")
            for c in components
        ),
        updates=tuple(u for u in updates if u.shown is not None),
    )  # fmt: skip


def texts(hidden: Hidden, found: Incident) -> list[str]:
    redacted = hidden.redacted(found)
    said = [u.shown.in_locale("es") for u in redacted.updates if u.shown is not None]
    return [redacted.title.in_locale("es"), *said]


def test_a_brands_page_names_what_it_lists_public_elsewhere_or_not() -> None:
    assert set(hidden_of("sur").public) == {MAIL, INNER}
    assert set(hidden_of("norte").public) == {WEB}
    assert set(hidden_of(None).public) == {WEB, DNS, MAIL}


def test_an_incident_of_others_is_not_for_its_readers() -> None:
    hidden = hidden_of("norte")
    assert not hidden.is_public(incident(MAIL))
    assert hidden.is_public(incident(WEB, MAIL))
    assert hidden.hides([MAIL, DNS])


def test_what_concerns_no_component_is_told_by_the_company_alone() -> None:
    assert hidden_of(None).is_public(incident())
    assert not hidden_of("norte").is_public(incident())


def test_a_shared_incident_is_on_each_page_about_its_own() -> None:
    shared = incident(WEB, DNS, MAIL)
    north = hidden_of("norte").redacted(shared)
    assert north.components == (WEB,)
    assert north.impact is Impact.MAJOR
    assert texts(hidden_of("norte"), shared)[0] == "Web: sin servicio"
    assert texts(hidden_of("sur"), shared)[0] == "Correo: sin servicio"


def test_no_text_names_another_component_service_brand_or_the_company() -> None:
    for said in (
        "También falla el DNS.", "Los buzones ámbar andan bien.", "Avisamos a clientes de Sur.",
        "Lo mira el equipo de Prueba.", "Le pasa a todo el Correo.",
        "Los Buzones A\u0301mbar andan bien.", "Siga https://rus.example/es/ por favor.",
    ):  # fmt: skip
        assert texts(hidden_of("norte"), incident(WEB, said=said))[1:] == ["Web no responde."]
        assert texts(hidden_of("norte"), incident(WEB, title=said))[0] != said
    said = "Es el Hosting de Norte: la Web vuelve en minutos. Siga https://etron.example/."
    assert said in texts(hidden_of("norte"), incident(WEB, said=said))


def test_no_text_names_what_has_left_a_page_of_others() -> None:
    after = branded(brand("norte", WEB), brand("sur", MAIL))
    after = replace(after, components=tuple(c for c in after.components if c.id != INNER))
    steps = ((Second(0), NORTH_AND_SOUTH), (T2, after))
    said = incident(WEB, said="Los Buzones Ámbar ya no están.")
    hidden = hidden_of("norte", [said], *steps)
    assert texts(hidden, said)[1:] == ["Web no responde."]


def test_the_companys_page_does_not_name_what_a_brand_alone_shows() -> None:
    said = "Fallan los Buzones Ámbar."
    assert said not in texts(hidden_of(None), incident(MAIL, said=said))
    assert said in texts(hidden_of("sur"), incident(MAIL, said=said))


def test_no_address_of_anothers_is_marked_as_gone() -> None:
    assert not hidden_of("norte").gone([incident(MAIL)], ())
    assert not hidden_of(None).gone([incident(INNER)], ())


def test_what_a_brand_showed_is_gone_and_what_followed_never_was_there() -> None:
    """From T2 on the mail belongs to the other brand."""
    before = branded(brand("norte", WEB, MAIL), brand("sur", INNER))
    first, later = incident(MAIL, at=T1), incident(MAIL, at=Second(T2 + 60))
    gone = hidden_of(
        "norte", [first, later], (Second(0), before), (T2, NORTH_AND_SOUTH)
    ).gone([first, later], ())  # fmt: skip
    assert mark_of(component_path(MAIL, Lang.ES)) in gone
    assert mark_of(incident_path(first.id, Lang.ES)) in gone
    assert mark_of(incident_path(later.id, Lang.ES)) not in gone


def test_what_has_left_the_configuration_stays_on_the_page_that_showed_it_last() -> None:
    both = branded(brand("norte", WEB, MAIL), brand("sur", INNER))
    after = branded(brand("norte", WEB), brand("sur", INNER))
    after = replace(after, components=tuple(c for c in after.components if c.id != MAIL))
    past = incident(MAIL)
    steps = ((Second(0), both), (T2, after))
    assert hidden_of("norte", [past], *steps).is_public(past)
    assert not hidden_of("sur", [past], *steps).is_public(past)


def test_what_a_brand_alone_shows_opens_incidents_and_the_company_reads_none_of_it(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, NORTH_AND_SOUTH)
    world.live(web="++++++", dns="++++++", mail="++++++", interno="++----")
    state = world.core.state
    with world.journal.transaction() as tx:
        company, north, south = build_views(
            tx, state, world.clock.now(), stale_after=120, days=DailyRollup(),
            scopes=scopes_of(state.catalogue),
        )  # fmt: skip
    (told,) = south.incidents
    assert told.title.in_locale("es") == "Buzones Ámbar: sin respuesta"
    assert company.incidents == north.incidents == ()
    assert [c.id for c in company.components] == [WEB, DNS, MAIL]
    assert [c.id for c in north.components] == [WEB]
    assert [c.id for c in south.components] == [MAIL, INNER]


def test_a_brands_view_has_its_name_and_address_and_no_other_brand(tmp_path: Path) -> None:
    world = World(tmp_path, NORTH_AND_SOUTH)
    state = world.core.state
    with world.journal.transaction() as tx:
        (view,) = build_views(
            tx, state, world.clock.now(), stale_after=120, days=DailyRollup(),
            scopes=[s for s in scopes_of(state.catalogue) if s.id == "sur"],
        )  # fmt: skip
    assert (view.page.company, view.page.url, view.page.brands) == (
        "Sur",
        "https://sur.example",
        (),
    )
    assert [s.id for s in view.services] == ["mail"]


def test_no_bot_is_offered_where_it_would_tell_of_another_page(tmp_path: Path) -> None:
    """Behind links, and where a link to a bot has no room for the page's id."""
    bot = TelegramBot(name="PruebaBot", token=Secret("${TOKEN}"))
    north, south = brand("norte", WEB), brand("s" * 41, MAIL)
    west = brand("oeste", DNS)
    assert west.page is not None
    made = branded(north, south, replace(west, page=replace(west.page, is_private=True)))
    subscribers = Subscribers(sender="a@example.com", host="127.0.0.1", telegram=bot)
    world = World(tmp_path, replace(made, subscribers=subscribers))
    state = world.core.state
    with world.journal.transaction() as tx:
        views = build_views(
            tx, state, T3, stale_after=120, days=DailyRollup(), scopes=scopes_of(state.catalogue)
        )
    assert [(v.page_id or "", v.bot) for v in views] == [
        ("", "PruebaBot"), ("norte", "PruebaBot"), ("s" * 41, ""), ("oeste", ""),
    ]  # fmt: skip


def test_operators_are_led_to_a_page_that_shows_it() -> None:
    assert NORTH_AND_SOUTH.url_about([INNER]) == "https://sur.example"
    assert NORTH_AND_SOUTH.url_about([INNER, WEB]) == "http://127.0.0.1"
    assert NORTH_AND_SOUTH.url_about([]) == "http://127.0.0.1"


def over_for_the_web() -> Incident:
    """The web was back at T1 + 60, the mail half an hour later."""
    both = incident(WEB, MAIL, said="Lo estamos viendo.")
    ends = {WEB: Second(T1 + 60), MAIL: Second(T1 + 1_800)}
    over = Second(T1 + 2_400)
    return replace(
        both, phase=Phase.RESOLVED, monitoring_at=ends[MAIL], resolved_at=over,
        affected=tuple(replace(p, end=ends[p.component]) for p in both.affected),
        updates=(
            *both.updates,
            said_at(3, Second(T1 + 1_200), Phase.IDENTIFIED, "Encontramos la causa."),
            said_at(4, over, Phase.RESOLVED, "Volvió todo."),
        ),
    )  # fmt: skip


def said_at(number: int, at: Second, phase: Phase, words: str) -> Update:
    return Update(
        number=number, at=at, phase=phase, event=IncidentEvent.PERSON, actor="ana",
        person=Text({"es": words}),
    )  # fmt: skip


def explained(over: Incident, words: str) -> Incident:
    told = said_at(5, Second(T1 + 9_000), Phase.RESOLVED, words)
    return replace(
        over, updates=(*over.updates, replace(told, event=IncidentEvent.POSTMORTEM))
    )  # fmt: skip


def test_nobody_reads_by_what_people_write_how_long_others_failed() -> None:
    """Neither a phase after the end of its own, nor when the rest was over."""
    over = over_for_the_web()
    north = hidden_of("norte").redacted(over)
    assert north.resolved_at is not None
    assert north.resolved_at < T1 + 1_200
    assert max(u.at for u in north.updates) == north.resolved_at
    assert texts(hidden_of("norte"), over)[2] == "Lo estamos viendo."
    assert texts(hidden_of("sur"), over)[-1] == "Volvió todo."


def test_what_explains_an_incident_takes_no_end_away() -> None:
    """Subscribers know an end by its number, and would be told of it once more."""
    over = over_for_the_web()
    ends = hidden_of("norte").redacted(over).updates
    later = hidden_of("norte").redacted(explained(over, "Falló un equipo.")).updates
    assert later[:-1] == ends
    assert later[-1].event is IncidentEvent.POSTMORTEM
    by_hand = replace(
        over, origin=Origin.PERSON,
        updates=tuple(replace(u, machine=None, person=DNS_FAILED) for u in over.updates),
    )  # fmt: skip
    alone, after = (
        hidden_of("norte").redacted(one).updates
        for one in (by_hand, explained(by_hand, "Falló el DNS."))
    )
    assert after == alone


def test_subscribers_of_a_page_are_told_what_it_tells(tmp_path: Path) -> None:
    world = World(tmp_path, NORTH_AND_SOUTH)
    world.live(web="++++++", dns="++++++", mail="++++++", interno="++----")
    state, now = world.core.state, world.clock.now()
    with world.journal.transaction() as tx:
        (found,) = tx.incidents.unresolved()
        of = {
            scope.id: announcements(tx, state.catalogues, [found.id], now, scope=scope)
            for scope in scopes_of(state.catalogue)
        }
    assert of[None] == of["norte"] == []
    (told,) = of["sur"]
    said = told.said["es"]
    assert told.news.components == (INNER,)
    assert said.url == "https://sur.example" + incident_path(found.id, Lang.ES)


def told_by(page: str | None, world: World) -> list[tuple[str, str]]:
    """What a page says of the only incident, oldest first: phase and text."""
    catalogue, now = world.core.state.catalogue, world.clock.now()
    with world.journal.transaction() as tx:
        found = tx.incidents.touching(Interval(Second(0), FOREVER))
        hidden = Hidden.of(
            world.catalogues, now, found, (), scope_of(catalogue, page), all_failures()
        )
    (one,) = found
    said = hidden.redacted(one).updates
    return [(str(u.phase), u.shown.in_locale("es")) for u in said if u.shown is not None]


def test_each_pages_record_has_a_beginning_and_an_end_of_its_own(tmp_path: Path) -> None:
    """mail hangs on dns: both fall in one incident, dns comes back long before."""
    made = branded(brand("norte", DNS), brand("sur", MAIL))
    world = World(tmp_path, made)
    world.live(web="++++++", dns="++----", mail="+++---")
    world.live(web="+" * 60, dns="+" * 60, mail="-" * 30 + "+" * 30)
    north, south = told_by("norte", world), told_by("sur", world)
    assert north[0][1].startswith("Desde las 11:16 el servicio DNS no responde.")
    assert north[-1] == ("resolved", "El servicio DNS volvió a funcionar a las 11:20.")
    assert not any("Correo" in text for _, text in north)
    assert south[0][1].startswith("Desde las 11:17 el servicio Correo no responde.")
    assert south[-1] == ("resolved", "El servicio Correo volvió a funcionar a las 11:50.")
    assert not any("DNS" in text or "también" in text for _, text in south)
    whole = told_by(None, world)
    assert "alcanza también al servicio Correo" in " ".join(text for _, text in whole)
    # What is told of its cause afterwards is not its end.
    commands = IncidentCommands(
        journal=world.journal, catalogue=world.core.state.catalogue, clock=world.clock,
        actor=Actor(id="ana", kind=ActorKind.PERSON),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        (over,) = tx.incidents.touching(Interval(Second(0), FOREVER))
    commands.postmortem(over.id, text=plain("Falló una fuente."))
    assert told_by("norte", world) == [*north, ("resolved", "Falló una fuente.")]


class Mailboxes:
    """Of a check that reads mail."""

    service_kind = ServiceKind.MAILBOXES


def test_a_brands_page_says_of_its_kind_of_service_what_its_failure_means(tmp_path: Path) -> None:
    made = branded(brand("norte", DNS), brand("sur", MAIL))
    checks = (replace(c, spec=Mailboxes()) if c.component == MAIL else c for c in made.checks)
    world = World(tmp_path, replace(made, checks=tuple(checks)))
    world.live(web="++++++", dns="++----", mail="+++---")
    first = told_by("sur", world)[0][1]
    assert first.endswith("No puede leer sus correos desde su programa o su teléfono.")
    assert first.partition(". ")[2] in " ".join(text for _, text in told_by(None, world))


def test_a_page_says_of_its_own_part_that_it_is_back_while_that_is_observed(
    tmp_path: Path,
) -> None:
    """Else the last that its readers see, below "all services are stable", is that it fails."""
    world = World(tmp_path, branded(brand("norte", WEB), brand("sur", DNS)))
    world.live(web="++---------", dns="+++---+++++", mail="+" * 11)
    assert told_by("sur", world)[-1] == (
        "monitoring",
        "El servicio DNS volvió a funcionar a las 11:20. Lo observamos 15 minutos antes de darlo "
        "por resuelto.",
    )


def test_where_nothing_else_of_the_page_is_down_no_text_says_also(tmp_path: Path) -> None:
    """Both come back, and fail again while that is observed: dns after web."""
    world = World(tmp_path, branded(brand("norte", WEB), brand("sur", DNS)))
    world.live(web="++----++------", dns="+++---++++----", mail="+" * 14)
    (_, first), (phase, back), (_, again) = told_by("sur", world)
    assert first.startswith("Desde las 11:17 el servicio DNS no responde.")
    assert (phase, back[:48]) == ("monitoring", "El servicio DNS volvió a funcionar a las 11:20. ")
    assert again.startswith("El servicio DNS volvió a fallar a las 11:24: no responde.")


def test_names_are_indexed_once_for_all_pages_of_all_publications(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of five thousand components take a fifth of a second, while decisions wait."""
    indexed: list[int] = []
    index = KnownNames.of

    def counted(names: Iterable[tuple[str, str]]) -> KnownNames:
        indexed.append(1)
        return index(names)

    monkeypatch.setattr(KnownNames, "of", counted)
    catalogues = Catalogues(
        [
            CatalogueRevision(number=1, hash="1", text="", effective_from=T1, catalogue=cat)
            for cat in (NORTH_AND_SOUTH,)
        ]
    )
    for now in (T2, T3):
        for scope in scopes_of(NORTH_AND_SOUTH):
            Hidden.of(catalogues, now, (), (), scope)
    assert len(indexed) == 1


def test_a_brand_tells_of_the_time_in_which_another_page_showed_it_and_the_company_does_not() -> (
    None
):
    """Its past comes along; what was nobody's to read stays so."""
    by_north = branded(brand("norte", INNER))
    catalogues = Catalogues(
        [
            CatalogueRevision(number=n, hash=str(n), text="", effective_from=at, catalogue=one)
            for n, (at, one) in enumerate(
                [(T1, branded()), (T2, by_north), (T3, branded(brand("sur", INNER)))], 1
            )
        ]
    )
    south = scope_of(catalogues.present(T3).catalogue, "sur")
    assert south is not None
    inner = by_north.component(INNER)
    assert [south.may_tell_of(inner, catalogues.at(at)) for at in (T1, T2, T3)] == [
        False, True, True,
    ]  # fmt: skip
    assert first_watched(catalogues, south, T3) == T2


def test_no_end_is_told_of_what_went_on_elsewhere_or_was_watched_no_more() -> None:
    shared = incident(WEB, MAIL)
    web, mail = shared.affected
    over = [replace(web, end=T2), mail]
    for is_told, found in (
        (True, replace(shared, affected=tuple(over))),
        (False, replace(shared, affected=(replace(over[0], is_unwatched=True), mail))),
    ):
        told = hidden_of("norte", [found]).redacted(found)
        assert [u.phase for u in told.updates].count(Phase.RESOLVED) == is_told
