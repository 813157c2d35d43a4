"""The addresses of public things on the page, for all that link to them: page, API, alerts, feeds.

Spanish is at `/…`, English at `/en/…`; each page has one address per language. `/` alone
negotiates: the home pages' own addresses are `/es/` and `/en/`.
"""

from __future__ import annotations

import hashlib
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
    },
    "en": {
        "history": "/en/history",
        "availability": "/en/availability",
        "component": "/en/component/",
        "incident": "/en/incident/",
        "maintenance": "/en/maintenance/",
    },
}


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
