"""The mock-ups' company in each of the states that the screenshots show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.domain.availability import Seconds
from monitor.domain.catalogue import Role
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Impact, Phase
from monitor.domain.rollup import Shown
from statuspage.view.model import PublicComponent, PublicIncident, PublicMaintenance, PublicView
from tests.statuspage.builders import (
    at,
    component,
    incident,
    part,
    resolved,
    service,
    update,
    view,
    window,
)

Components = dict[str, PublicComponent]
_BLIND = {"2026-02-08": Seconds(unknown=9000)}
_BORN = "2026-03-26"
_COURTESY = ("builder", "smtp", "imap", "webmail")
_NAMES = {
    "radio1": "Streaming de radio 1",
    "radio2": "Streaming de radio 2",
    "radionube": "Radionube.online",
    "web1": "Servidor web 1",
    "web2": "Servidor web 2",
    "reseller": "Hosting reseller",
    "builder": "Constructor web",
    "smtp": "Envío de correo",
    "imap": "Recepción de correo",
    "webmail": "Webmail",
    "ns1": "Servidor de nombres 1",
    "ns2": "Servidor de nombres 2",
    "vps": "Cloud VPS",
    "dedicated": "Servidores dedicados",
    "panel": "Paneldecliente.com",
    "tickets": "Tickets",
}
_GROUPS = {
    "Radio streaming": ("radio1", "radio2", "radionube"),
    "Hosting web": ("web1", "web2", "reseller", "builder"),
    "Correo": ("smtp", "imap", "webmail"),
    "Dominios y DNS": ("ns1", "ns2"),
    "VPS y dedicados": ("vps", "dedicated"),
    "Panel y contacto": ("panel", "tickets"),
}
_HAPPENED: Mapping[str, Mapping[str, Seconds]] = {
    "radio1": {"2026-02-25": Seconds(down=1080)},
    "radio2": {"2026-04-09": Seconds(down=690)},
    "web1": {
        "2026-03-04": Seconds(down=1350),
        "2026-03-11": Seconds(excluded=1500, excluded_by_cause={"maintenance": 1500}),
        "2026-03-23": Seconds(down=1620),
    },
    "reseller": {"2026-02-19": Seconds(down=330)},
    "builder": {"2026-03-08": Seconds(degraded=4200)},
    "smtp": {"2026-02-03": Seconds(down=2340), "2026-03-27": Seconds(degraded=5700)},
    "ns2": {"2026-03-30": Seconds(down=2760)},
    "dedicated": {"2026-03-14": Seconds(down=210)},
    "panel": {"2026-04-02": Seconds(down=480)},
    "tickets": {"2026-04-02": Seconds(down=480)},
}


def all_well() -> PublicView:
    return _reconciler(_cast())


def outage() -> PublicView:
    """Half an hour before: nobody has taken it yet."""
    c = _cast({"radio2": Shown.DOWN}, radio2_today=Seconds(down=1590))
    return _reconciler(c, incidents=[_radio_down(c["radio2"])])


def repair() -> PublicView:
    """The mock-up's outage: one being repaired, one slow."""
    c = _cast(
        {"radio2": Shown.REPAIR, "webmail": Shown.SLOW},
        radio2_today=Seconds(down=1590),
        webmail_today=Seconds(degraded=2580),
    )
    return _reconciler(c, incidents=[_radio_taken(c["radio2"]), _webmail_slow(c["webmail"])])


def slow() -> PublicView:
    c = _cast({"webmail": Shown.SLOW}, webmail_today=Seconds(degraded=2580))
    return _reconciler(c, incidents=[_webmail_slow(c["webmail"])])


def maintenance() -> PublicView:
    c = _cast({"web2": Shown.MAINTENANCE})
    c["web2"] = replace(c["web2"], maintenance_until=at("16:00"))
    title = "Servidor web 2: cambio de memoria"
    running = window("web2-memory", title, at("14:00"), at("16:00"), c["web2"])
    return _reconciler(c, maintenance=[running])


def no_data() -> PublicView:
    return _reconciler(_cast({"vps": Shown.NO_DATA}))


def blind() -> PublicView:
    return _reconciler(_cast(dict.fromkeys(_NAMES, Shown.NO_DATA)))


def general() -> PublicView:
    shown = dict.fromkeys(list(_NAMES)[:10], Shown.DOWN)
    c = _cast(shown)
    fallen = [part(c[id_], at("14:20")) for id_ in list(_NAMES)[:10]]
    title = "Streaming de radio 1 y otros 9: sin respuesta"
    return _reconciler(c, incidents=[incident("k8m3nq", title, *fallen, impact=Impact.CRITICAL)])


def after() -> PublicView:
    """The outage is over: the page is calm, and its page tells it."""
    c = _cast(radio2_today=Seconds(down=1950))
    return _reconciler(c, incidents=[_radio_over(c["radio2"])], now="15:20")


def young() -> PublicView:
    """Three weeks after the first configuration: shares say since when they are."""
    c = _cast({"webmail": Shown.SLOW}, webmail_today=Seconds(degraded=2580), born=_BORN)
    return replace(_reconciler(c), incidents=(), maintenance=())


SCENES = {
    "all-well": all_well,
    "outage": outage,
    "repair": repair,
    "slow": slow,
    "maintenance": maintenance,
    "no-data": no_data,
    "blind": blind,
    "general": general,
    "resolved": after,
    "young": young,
}


def _cast(
    shown: Mapping[str, Shown] | None = None,
    *,
    radio2_today: Seconds | None = None,
    webmail_today: Seconds | None = None,
    born: str = "2025-01-01",
) -> Components:
    """Who is shown how; all others are operational. Nothing happened before the day they were
    born, at noon."""
    shown = shown or {}
    today = {"radio2": radio2_today, "webmail": webmail_today}
    found = {}
    for id_, name in _NAMES.items():
        now = today.get(id_)
        happened = {**_BLIND, **_HAPPENED.get(id_, {}), **({"2026-04-16": now} if now else {})}
        found[id_] = component(
            id_,
            name,
            shown.get(id_, Shown.OPERATIONAL),
            happened={day: had for day, had in happened.items() if day > born},
            role=Role.COURTESY if id_ in _COURTESY else Role.REQUIRED,
            since=at("14:08:30") if id_ == "radio2" else at("10:00", day="2026-04-02"),
            created_at=at("12:00", day=born),
        )
    return found


def _reconciler(
    c: Components,
    *,
    incidents: Sequence[PublicIncident] = (),
    maintenance: Sequence[PublicMaintenance] = (),
    now: str = "14:35",
) -> PublicView:
    services = [
        service(f"g{i}", name, *(c[id_] for id_ in ids))
        for i, (name, ids) in enumerate(_GROUPS.items())
    ]
    return view(
        *services,
        now=at(now),
        incidents=[*incidents, *_past(c)],
        maintenance=[_moved(c), *maintenance, _planned(c)],
    )


def _past(c: Components) -> list[PublicIncident]:
    return [
        resolved(
            "h4radi",
            "Streaming de radio 2: sin respuesta",
            part(c["radio2"], at("21:14", day="2026-04-09"), at("21:25:30", day="2026-04-09")),
        ),
        resolved(
            "p4nelt",
            "Paneldecliente.com y Tickets: sin respuesta",
            part(c["panel"], at("19:12", day="2026-04-02"), at("19:20", day="2026-04-02")),
            part(c["tickets"], at("19:12", day="2026-04-02"), at("19:20", day="2026-04-02")),
        ),
        resolved(
            "w3bser",
            "Servidor web 1: sin respuesta",
            part(c["web1"], at("04:18", day="2026-03-23"), at("04:45", day="2026-03-23")),
        ),
        resolved(
            "bu1lde",
            "Constructor web: lento",
            part(
                c["builder"],
                at("15:00", day="2026-03-08"),
                at("16:10", day="2026-03-08"),
                status=Outcome.DEGRADED,
            ),
        ),
    ]


def _moved(c: Components) -> PublicMaintenance:
    start, end = at("04:00", day="2026-04-06"), at("04:30", day="2026-04-06")
    return window("radio1-move", "Streaming de radio 1: cambio de equipo", start, end, c["radio1"])


def _planned(c: Components) -> PublicMaintenance:
    start, end = at("02:00", day="2026-04-19"), at("04:00", day="2026-04-19")
    title = "Servidor web 2: actualización del sistema"
    public = at("11:20", day="2026-04-13")
    return window("web2-update", title, start, end, c["web2"], published_at=public)


_OPENED = update(
    1,
    at("14:10"),
    Phase.INVESTIGATING,
    "Desde las 14:08 el servicio Streaming de radio 2 no se escucha. Sus oyentes escuchan "
    "silencio o no logran conectarse.",
)
_TAKEN = update(
    2,
    at("14:21"),
    Phase.IDENTIFIED,
    "Encontramos la causa: falló un disco del servidor. Estamos pasando las emisoras a otro "
    "equipo.\n\nNo cambie nada en su transmisión: la dirección y la clave siguen siendo las "
    "mismas.",
    is_automatic=False,
    former=["Encontramos la causa: falló la red del servidor."],
)


def _radio_down(radio2: PublicComponent) -> PublicIncident:
    return incident(
        "r4d2ab", "Streaming de radio 2: sin sonido", part(radio2, at("14:08:30")),
        updates=[_OPENED],
    )  # fmt: skip


def _radio_taken(radio2: PublicComponent) -> PublicIncident:
    return incident(
        "r4d2ab", "Streaming de radio 2: sin sonido", part(radio2, at("14:08:30")),
        updates=[_OPENED, _TAKEN], phase=Phase.IDENTIFIED,
    )  # fmt: skip


def _radio_over(radio2: PublicComponent) -> PublicIncident:
    watched = update(
        3,
        at("14:42"),
        Phase.MONITORING,
        "El servicio Streaming de radio 2 volvió a funcionar a las 14:41. Lo observamos 15 minutos "
        "antes de darlo por resuelto.",
    )
    done = update(
        4,
        at("14:56"),
        Phase.RESOLVED,
        "El servicio Streaming de radio 2 funciona con normalidad desde las 14:41. Estuvo sin "
        "servicio 32 min 30 s, que cuentan en abril.",
    )
    return incident(
        "r4d2ab", "Streaming de radio 2: sin sonido", part(radio2, at("14:08:30"), at("14:41")),
        updates=[_OPENED, _TAKEN, watched, done], phase=Phase.RESOLVED,
        monitoring_at=at("14:41"), resolved_at=at("14:56"),
    )  # fmt: skip


def _webmail_slow(webmail: PublicComponent) -> PublicIncident:
    told = update(
        1,
        at("13:54"),
        Phase.INVESTIGATING,
        "Desde las 13:52 el servicio Webmail funciona con lentitud. Tarda unos 6 s; lo "
        "habitual es 1 s.",
    )
    return incident(
        "w3bma1", "Webmail: lento", part(webmail, at("13:52"), status=Outcome.DEGRADED),
        updates=[told], impact=Impact.MINOR,
    )  # fmt: skip
