"""The addresses of public things on the page, for all that link to them: page, API, alerts, feeds.

Spanish is at `/…`, English at `/en/…`; each page has one address per language. `/` alone
negotiates: the home pages' own addresses are `/es/` and `/en/`.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId

NEGOTIATED = "/"
_NAMES = {
    "es": {
        "history": "/historial",
        "availability": "/disponibilidad",
        "component": "/componente/",
        "incident": "/incidente/",
        "maintenance": "/mantenimiento/",
        "badge": "/badge",
        "embed": "/es/insertar",
        "calendar": "/mantenimiento.ics",
    },
    "en": {
        "history": "/en/history",
        "availability": "/en/availability",
        "component": "/en/component/",
        "incident": "/en/incident/",
        "maintenance": "/en/maintenance/",
        "badge": "/en/badge",
        "embed": "/en/embed",
        "calendar": "/en/maintenance.ics",
    },
}

_FOR_OTHERS = ("/api/", *(f"{names['badge']}{end}" for names in _NAMES.values() for end in "./"))

FEED_FORMATS = ("atom", "rss", "json")
_FEEDS = (".ics", ".atom", ".rss")
_FEED = re.compile(r"/histor(?:ial|y)(?:/[^/]+)?\.json")


def mark_of(path: str) -> str:
    """What stands for an address that may not be written, for it names something private.

    >>> mark_of("/componente/web") == mark_of("/componente/web/")
    True
    """
    return hashlib.sha256(path.rstrip("/").encode()).hexdigest()[:24]


def home_path(locale: str) -> str:
    return f"/{locale}/"


def history_path(locale: str) -> str:
    return _NAMES[locale]["history"]


def availability_path(locale: str) -> str:
    return _NAMES[locale]["availability"]


def component_path(component: ComponentId, locale: str) -> str:
    return _NAMES[locale]["component"] + quote(component, safe="")


def incident_path(incident: IncidentId, locale: str) -> str:
    """
    >>> incident_path(IncidentId("k7m2qp"), "es"), incident_path(IncidentId("k7m2qp"), "en")
    ('/incidente/k7m2qp', '/en/incident/k7m2qp')
    """
    return _NAMES[locale]["incident"] + quote(incident, safe="")


def maintenance_path(maintenance: MaintenanceId, locale: str) -> str:
    return _NAMES[locale]["maintenance"] + quote(maintenance, safe="")


def badge_path(locale: str) -> str:
    """The picture of the state of everything, for other people's pages."""
    return _NAMES[locale]["badge"] + ".svg"


def component_badge_path(component: ComponentId, locale: str) -> str:
    """
    >>> component_badge_path(ComponentId("web"), "en")
    '/en/badge/web.svg'
    """
    return f"{_NAMES[locale]['badge']}/{quote(component, safe='')}.svg"


def shields_path(locale: str) -> str:
    """The state of everything as shields.io reads it."""
    return _NAMES[locale]["badge"] + ".json"


def feed_path(locale: str, ending: str) -> str:
    """Incidents and maintenance for feed readers; `ending` is one of `FEED_FORMATS`."""
    return f"{history_path(locale)}.{ending}"


def component_feed_path(component: ComponentId, locale: str, ending: str) -> str:
    """
    >>> component_feed_path(ComponentId("web"), "en", "atom")
    '/en/history/web.atom'
    """
    return f"{history_path(locale)}/{quote(component, safe='')}.{ending}"


def calendar_path(locale: str) -> str:
    """Maintenance for calendars."""
    return _NAMES[locale]["calendar"]


def is_for_other_hosts(path: str) -> bool:
    """Whether programs and pages of other hosts use what is there.

    >>> is_for_other_hosts("/api/v2/summary.json"), is_for_other_hosts("/es/")
    (True, False)
    """
    if path.startswith(_FOR_OTHERS) or path.endswith(_FEEDS):
        return True
    return _FEED.fullmatch(path.removeprefix("/en")) is not None


def embed_path(locale: str) -> str:
    """The answer alone, for a frame in other people's pages."""
    return _NAMES[locale]["embed"]


def may_be_framed(path: str) -> bool:
    """Whether other people's pages may show it in a frame."""
    return any(path == names["embed"] for names in _NAMES.values())
