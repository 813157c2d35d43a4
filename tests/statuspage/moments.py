"""Moments of the mock-ups' company that no scene of the home page shows: each kind of incident and
each stage of maintenance at once, with a page of its own, and every form that visitors may fill in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.incidents.incident import Impact, Phase
from monitor.domain.maintenance import Extension
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from statuspage.view.latency import KindLatency, LatencyDay
from statuspage.view.model import PublicComponent, PublicIncident, PublicMaintenance, PublicView
from tests.statuspage.builders import THURSDAY, ZONE, at, incident, part, update, window
from tests.statuspage.company import SCENES
from tests.statuspage.test_as_customers_think import EVERY

BOT = "EmpresaEstadoBot"
ONE_BAD_DAY_MS = 18_000
"""What 19 of 20 check runs took at most on a day on which the usual was a fifth of a second."""


def observing() -> PublicView:
    """What fell works again and is watched for a while, and nothing else is wrong."""
    view = SCENES["all-well"]()
    return replace(view, incidents=(_observed(_of(view, "radio1")), *view.incidents))


def by_hand() -> PublicView:
    """A person says what no check sees."""
    view = SCENES["all-well"]()
    told = replace(_of(view, "webmail"), shown=Shown.SLOW, stated=Outcome.DEGRADED)
    told = replace(told, since=at("13:40"))
    view = _with(view, told)
    return replace(view, incidents=(_told(told), *view.incidents))


def extended() -> PublicView:
    """Work that takes longer than was announced, and work that will not take place."""
    view = SCENES["all-well"]()
    view = _with(_with(view, _worked_on(view, "web2", "16:30")), _worked_on(view, "vps", "15:30"))
    return replace(view, maintenance=(*view.maintenance, *_stages(view)))


def everything() -> PublicView:
    """All of it at once, in every language, with every form."""
    view = SCENES["repair"]()
    radio2 = replace(_of(view, "radio2"), latency=(_latency(ServiceKind.RADIO),))
    web1 = replace(
        _of(view, "web1"), latency=(_latency(ServiceKind.WEB), _latency(ServiceKind.OUTGOING_MAIL))
    )
    webmail = _of(view, "webmail")
    view = _with(_with(view, radio2), web1)
    view = _with(_with(view, _worked_on(view, "web2", "16:30")), _worked_on(view, "vps", "15:30"))
    return replace(
        view,
        page=replace(EVERY, problem_form=True),
        incidents=(
            _told(webmail), _observed(_of(view, "radio1")), *view.incidents,
        ),
        maintenance=(*view.maintenance, *_stages(view)),
        takes_subscribers=True,
        subscriber_channels=("webhook", "slack"),
        bot=BOT,
        answers_names=True,
    )  # fmt: skip


MOMENTS = {"observing": observing, "by-hand": by_hand, "extended": extended}


def _of(view: PublicView, id_: str) -> PublicComponent:
    return next(c for c in view.components if c.id == id_)


def _worked_on(view: PublicView, id_: str, until: str) -> PublicComponent:
    return replace(_of(view, id_), shown=Shown.MAINTENANCE, maintenance_until=at(until))


def _with(view: PublicView, changed: PublicComponent) -> PublicView:
    """The view with this component in place of the one of before."""
    return replace(
        view,
        services=tuple(
            replace(
                service,
                components=tuple(changed if c.id == changed.id else c for c in service.components),
            )
            for service in view.services
        ),
    )


def _observed(radio1: PublicComponent) -> PublicIncident:
    texts = (
        (Phase.INVESTIGATING, "14:02", "Desde las 14:00 el servicio Streaming de radio 1 no "
         "responde."),
        (Phase.MONITORING, "14:27", "El servicio Streaming de radio 1 volvió a funcionar a las "
         "14:26. Lo observamos 15 minutos antes de darlo por resuelto."),
    )  # fmt: skip
    return incident(
        "obs3rv", "Streaming de radio 1: sin respuesta", part(radio1, at("14:00"), at("14:26")),
        updates=[update(n, at(t), phase, body) for n, (phase, t, body) in enumerate(texts, 1)],
        phase=Phase.MONITORING, monitoring_at=at("14:26"),
    )  # fmt: skip


def _told(webmail: PublicComponent) -> PublicIncident:
    """By hand, in words of a person, in two languages."""
    stated = replace(part(webmail, at("13:40"), status=Outcome.DEGRADED), is_stated=True)
    body = "Algunas personas no pueden adjuntar archivos. Lo estamos revisando con el proveedor."
    said = update(1, at("13:45"), Phase.IDENTIFIED, body, is_automatic=False)
    found = incident(
        "h4ndmd", "Webmail: problemas con los adjuntos", stated, updates=[said],
        phase=Phase.IDENTIFIED, impact=Impact.MINOR,
    )  # fmt: skip
    title = Text({"es": found.title.in_locale("es"), "en": "Webmail: trouble with attachments"})
    return replace(found, title=title, is_by_person=True)


def _stages(view: PublicView) -> Sequence[PublicMaintenance]:
    web2, vps, dns = (_of(view, id_) for id_ in ("web2", "vps", "ns1"))
    longer = Extension(start=at("15:00"), end=at("16:30"), published_at=at("14:20"))
    return (
        window(
            "m-extended", "Servidor web 2: cambio de memoria", at("13:00"), at("15:00"), web2,
            extensions=[longer],
        ),
        window(
            "m-ended", "Cloud VPS: cambio de disco", at("11:00"), at("13:00"), vps,
            cancelled_at=at("12:10"),
        ),
        window(
            "m-cancelled", "Servidor de nombres 1: cambio de equipo",
            at("02:00", day="2026-04-18"), at("04:00", day="2026-04-18"), dns,
            cancelled_at=at("13:00"),
        ),
        window("m-started", "Cloud VPS: cambio de red", at("14:00"), at("15:30"), vps),
    )  # fmt: skip


def _latency(kind: ServiceKind) -> KindLatency:
    """Ninety days, of which the seventieth was a hundred times slower than the others."""
    last = at_zone(THURSDAY, ZONE).date() - timedelta(days=1)
    first = last - timedelta(days=89)
    days = tuple(
        LatencyDay(
            day=first + timedelta(days=n),
            p50_us=(70 + n % 7 * 3) * 1_000,
            p95_us=ONE_BAD_DAY_MS * 1_000 if n == 70 else (180 + n % 5 * 12) * 1_000,
        )
        for n in range(90)
        if n not in (12, 13)
    )
    return KindLatency(kind=kind, first=first, last=last, days=days)
