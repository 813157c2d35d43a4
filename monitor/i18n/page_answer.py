"""The words of the answer, one table a language: singular and plural of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.rollup import Shown
from monitor.i18n.formats import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """Pairs are (one, several); `{x}` is a name, `{t}` a time."""

    stale: str
    stale_lead: str
    all_blind: str
    all_blind_lead: str
    general: str
    general_lead: str
    titles: Mapping[Shown, tuple[str, str]]
    leads: Mapping[Shown, tuple[str, str]]
    clauses: Mapping[Shown, tuple[str, str]]
    stable: str
    stable_lead: str
    stable_link: str
    also: str
    rest: str
    many: str
    at_time: str
    on_day_at_time: str

    def title(self, shown: Shown, number: int) -> str:
        return self.titles[shown][number > 1]

    def lead(self, shown: Shown, number: int) -> str:
        return self.leads[shown][number > 1]

    def clause(self, shown: Shown, number: int) -> str:
        return self.clauses[shown][number > 1]


_OURS_ES = (
    "Si usa este servicio, el problema es nuestro.",
    "Si usa estos servicios, el problema es nuestro.",
)
_OURS_EN = (
    "If you use this service, the problem is ours.",
    "If you use these services, the problem is ours.",
)

_ES = Sentences(
    stale="Estos datos son de las {t}.",
    stale_lead="La página no se actualiza: lo que sigue puede haber cambiado.",
    all_blind="Ahora no podemos comprobar los servicios.",
    all_blind_lead="Falla nuestro control; eso no significa que estén caídos.",
    general="Hay una falla general.",
    general_lead="El problema es nuestro.",
    titles={
        Shown.DOWN: ("{x} no funciona.", "{x} no funcionan."),
        Shown.REPAIR: ("Estamos reparando {x}.", "Estamos reparando {x}."),
        Shown.SLOW: ("{x} funciona con lentitud.", "{x} funcionan con lentitud."),
        Shown.MAINTENANCE: ("Hay mantenimiento en {x}.", "Hay mantenimiento en {x}."),
        Shown.NO_DATA: ("No tenemos datos de {x}.", "No tenemos datos de {x}."),
    },
    leads={
        Shown.DOWN: _OURS_ES,
        Shown.REPAIR: _OURS_ES,
        Shown.SLOW: (
            "Si lo nota lento, el problema es nuestro.",
            "Si los nota lentos, el problema es nuestro.",
        ),
        Shown.MAINTENANCE: (
            "Estaba previsto y termina {t}.",
            "Estaba previsto y termina {t}.",
        ),
        Shown.NO_DATA: ("Puede estar funcionando.", "Pueden estar funcionando."),
    },
    clauses={
        Shown.REPAIR: ("estamos reparando {x}", "estamos reparando {x}"),
        Shown.SLOW: ("{x} funciona con lentitud", "{x} funcionan con lentitud"),
        Shown.MAINTENANCE: ("hay mantenimiento en {x}", "hay mantenimiento en {x}"),
        Shown.NO_DATA: ("no tenemos datos de {x}", "no tenemos datos de {x}"),
    },
    stable="Todos los servicios están estables.",
    stable_lead="Nuestros controles no ven ninguna falla. Si algo no le funciona, vea qué hacer.",
    stable_link="vea qué hacer",
    also="Además, {clauses}.",
    rest="El resto está estable.",
    many="{n} servicios",
    at_time="a las {t}",
    on_day_at_time="el {day} a las {t}",
)

_EN = Sentences(
    stale="This data is from {t}.",
    stale_lead="The page is not updating: what follows may have changed.",
    all_blind="We cannot check the services now.",
    all_blind_lead="Our monitoring failed; that does not mean they are down.",
    general="There is a general outage.",
    general_lead="The problem is ours.",
    titles={
        Shown.DOWN: ("{x} is not working.", "{x} are not working."),
        Shown.REPAIR: ("We are repairing {x}.", "We are repairing {x}."),
        Shown.SLOW: ("{x} is slow.", "{x} are slow."),
        Shown.MAINTENANCE: ("{x} is under maintenance.", "{x} are under maintenance."),
        Shown.NO_DATA: ("We have no data on {x}.", "We have no data on {x}."),
    },
    leads={
        Shown.DOWN: _OURS_EN,
        Shown.REPAIR: _OURS_EN,
        Shown.SLOW: (
            "If it feels slow, the problem is ours.",
            "If they feel slow, the problem is ours.",
        ),
        Shown.MAINTENANCE: ("Planned; it ends {t}.", "Planned; it ends {t}."),
        Shown.NO_DATA: ("It may be working.", "They may be working."),
    },
    clauses={
        Shown.REPAIR: ("we are repairing {x}", "we are repairing {x}"),
        Shown.SLOW: ("{x} is slow", "{x} are slow"),
        Shown.MAINTENANCE: ("{x} is under maintenance", "{x} are under maintenance"),
        Shown.NO_DATA: ("we have no data on {x}", "we have no data on {x}"),
    },
    stable="All services are stable.",
    stable_lead="Our checks see no failure. If something fails for you, see what to do.",
    stable_link="see what to do",
    also="Also, {clauses}.",
    rest="The rest is stable.",
    many="{n} services",
    at_time="at {t}",
    on_day_at_time="on {day} at {t}",
)

SENTENCES: Mapping[Lang, Sentences] = {Lang.ES: _ES, Lang.EN: _EN}
