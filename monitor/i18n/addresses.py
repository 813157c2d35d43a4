"""The addresses of public things on the page, for all that link to them: page, API, alerts, feeds.

Each page has one address per language; those of the default one begin with no language. `/` alone
negotiates: the home pages' own addresses are `/es/`, `/en/` and so on.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.maintenance import MaintenanceId
from monitor.i18n.forms.language import Addresses
from monitor.i18n.languages import LANGUAGES, Lang

NEGOTIATED = "/"
ACCESS = "/acceso"
"""Of a private page: below it stand signed links, which people do not type."""
_OF = {lang: language.addresses for lang, language in LANGUAGES.items()}

_FOR_OTHERS = ("/api/", *(f"{of.badge}{end}" for of in _OF.values() for end in "./"))

FEED_FORMATS = ("atom", "rss", "json")
_FEEDS = (".ics", ".atom", ".rss")
_HISTORIES = "|".join(re.escape(of.history) for of in _OF.values())
_FEED = re.compile(rf"(?:{_HISTORIES})(?:/[^/]+)?\.json")
_FRAMES = frozenset(of.embed for of in _OF.values())
_TRANSLATED = (
    "home", "history", "availability", "component", "incident", "maintenance", "badge", "embed",
    "calendar", "affected", "problem", "subscribe",
)  # fmt: skip
_BELOW_FORMS = tuple(f"{of.subscribe}/" for of in _OF.values())
_FORM_OF = {of.problem_received: of.problem for of in _OF.values()}


_PREFIXES = sorted(
    ((getattr(of, name), name) for of in _OF.values() for name in _TRANSLATED),
    key=lambda known: -len(known[0]),
)
"""The longest first: the home page's own begins all others of its language."""


def mark_of(path: str) -> str:
    """What stands for an address that may not be written, for it names something private.

    >>> mark_of("/componente/web") == mark_of("/componente/web/")
    True
    """
    return hashlib.sha256(path.rstrip("/").encode()).hexdigest()[:24]


@lru_cache(maxsize=65_536)
def _quoted(name: str) -> str:
    """An id as part of a path: each stands in several addresses of every publication."""
    return quote(name, safe="")


def in_other_language(path: str, locale: str) -> str:
    """The address of the same thing in another language; empty where the path is none of a page, a
    feed, a calendar or a badge.

    >>> in_other_language("/en/incident/k7m2qp", "es"), in_other_language("/historial.atom", "en")
    ('/incidente/k7m2qp', '/en/history.atom')
    >>> in_other_language("/en/", "es"), in_other_language("/api/v2/summary.json", "en")
    ('/es/', '')
    """
    for known, own in _PREFIXES:
        if path.startswith(known):
            rest = path.removeprefix(known)
            if not rest or rest[0] in "./" or known.endswith("/"):
                return getattr(_of(locale), own) + rest if _is_one_name(rest, own) else ""
    return ""


def home_path(locale: str) -> str:
    return _of(locale).home


def history_path(locale: str) -> str:
    return _of(locale).history


def month_path(month: date, locale: str) -> str:
    """A month of the history by itself.

    >>> month_path(date(2026, 11, 1), "es"), month_path(date(2026, 11, 1), "en")
    ('/historial/2026-11', '/en/history/2026-11')
    """
    return f"{history_path(locale)}/{month:%Y-%m}"


def breakdown_path(month: date, component: ComponentId, locale: str) -> str:
    """What one component's month is made of.

    >>> breakdown_path(date(2026, 11, 1), ComponentId("web"), "es")
    '/historial/2026-11/web'
    """
    return f"{month_path(month, locale)}/{_quoted(component)}"


def breakdown_data_path(month: date) -> str:
    """The same of all components, for programs.

    >>> breakdown_data_path(date(2026, 11, 1))
    '/api/availability/2026-11.json'
    """
    return f"/api/availability/{month:%Y-%m}.json"


def availability_path(locale: str) -> str:
    return _of(locale).availability


def component_path(component: ComponentId, locale: str) -> str:
    return _of(locale).component + _quoted(component)


def incident_path(incident: IncidentId, locale: str) -> str:
    """
    >>> incident_path(IncidentId("k7m2qp"), "es"), incident_path(IncidentId("k7m2qp"), "en")
    ('/incidente/k7m2qp', '/en/incident/k7m2qp')
    """
    return _of(locale).incident + _quoted(incident)


def maintenance_path(maintenance: MaintenanceId, locale: str) -> str:
    return _of(locale).maintenance + _quoted(maintenance)


def badge_path(locale: str) -> str:
    """The picture of the state of everything, for other people's pages."""
    return _of(locale).badge + ".svg"


def component_badge_path(component: ComponentId, locale: str) -> str:
    """
    >>> component_badge_path(ComponentId("web"), "en")
    '/en/badge/web.svg'
    """
    return f"{_of(locale).badge}/{_quoted(component)}.svg"


def shields_path(locale: str) -> str:
    """The state of everything as shields.io reads it."""
    return _of(locale).badge + ".json"


def feed_path(locale: str, ending: str) -> str:
    """Incidents and maintenance for feed readers; `ending` is one of `FEED_FORMATS`."""
    return f"{history_path(locale)}.{ending}"


def component_feed_path(component: ComponentId, locale: str, ending: str) -> str:
    """
    >>> component_feed_path(ComponentId("web"), "en", "atom")
    '/en/history/web.atom'
    """
    return f"{history_path(locale)}/{_quoted(component)}.{ending}"


def calendar_path(locale: str) -> str:
    """Maintenance of everything, for calendars."""
    return _of(locale).calendar


def component_calendar_path(component: ComponentId, locale: str) -> str:
    """
    >>> component_calendar_path(ComponentId("web"), "es")
    '/historial/web.ics'
    """
    return f"{history_path(locale)}/{_quoted(component)}.ics"


def is_for_other_hosts(path: str) -> bool:
    """Whether programs and pages of other hosts use what is there.

    >>> is_for_other_hosts("/api/v2/summary.json"), is_for_other_hosts("/es/")
    (True, False)
    """
    if path.startswith(_FOR_OTHERS) or path.endswith(_FEEDS):
        return True
    return _FEED.fullmatch(path) is not None


def embed_path(locale: str) -> str:
    """The answer alone, for a frame in other people's pages."""
    return _of(locale).embed


def may_be_framed(path: str) -> bool:
    """Whether other people's pages may show it in a frame."""
    return path in _FRAMES


def subscribe_path(locale: str) -> str:
    """The form in which somebody asks to be told."""
    return _of(locale).subscribe


def confirm_path(locale: str, token: str = "") -> str:
    """
    >>> confirm_path("es", "abc"), confirm_path("en")
    ('/suscripcion/confirmar/abc', '/en/subscribe/confirm')
    """
    return "/".join(filter(None, (_of(locale).confirm, token)))


def unsubscribe_path(locale: str, token: str = "") -> str:
    """Where a subscription is ended by one click."""
    return "/".join(filter(None, (_of(locale).unsubscribe, token)))


def affected_path(locale: str) -> str:
    """Where somebody asks whether a failure concerns their domain.

    >>> affected_path("es"), affected_path("pt-BR")
    ('/me-afecta', '/pt/me-afeta')
    """
    return _of(locale).affected


def problem_path(locale: str) -> str:
    """Where somebody says that something fails."""
    return _of(locale).problem


def problem_received_path(locale: str) -> str:
    """
    >>> problem_path("en"), problem_received_path("en")
    ('/en/report', '/en/report/received')
    """
    return _of(locale).problem_received


def subscription_note_path(note: str, locale: str) -> str:
    """What became of a form or of a link."""
    return f"{_of(locale).subscribe}/{note}"


def may_be_of_subscribers(path: str) -> bool:
    """Whether it stands below a form's address; most do not, and this is soon said.

    >>> may_be_of_subscribers("/pt/assinatura/cancelar/abc"), may_be_of_subscribers("/es/")
    (True, False)
    """
    return path.startswith(_BELOW_FORMS)


def form_of_received(path: str) -> str:
    """The form that is answered with that page; empty where it answers none.

    >>> form_of_received("/en/report/received"), form_of_received("/en/report")
    ('/en/report', '')
    """
    return _FORM_OF.get(path, "")


def answers_a_form(path: str) -> bool:
    """Whether it speaks to somebody who has just sent a form or followed a link, and to nobody
    else."""
    return path in _FORM_OF or may_be_of_subscribers(path)


def _is_one_name(rest: str, own: str) -> bool:
    """Below the home page there is nothing of its own, and below nothing more than one name."""
    return not rest if own == "home" else rest.strip("/").count("/") == 0


def _of(locale: str) -> Addresses:
    return _OF[Lang(locale)]
