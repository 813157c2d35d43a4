"""The sentences of automatic texts, one table a language; the same fields in each.

Placeholders are plain names in braces, filled in one pass by `fill`: what a name or a class says
is never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.i18n.formats import Lang

_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: str, **values: str) -> str:
    """Put values in their places, once. A place without a value stays as it is.

    >>> fill("{c}: {phrase}", c="{phrase}", phrase="lento")
    '{phrase}: lento'
    """
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """`{c}` a name, `{t}` and `{u}` times, `{d}` a length, `{s}` who was out ("Estuvo")."""

    since: str
    since_too: str
    since_again: str
    fell_again: str
    unstable: str
    worsened: str
    began_earlier: str
    unwatched: str
    watched_otherwise: str
    watched_again: str
    hangs_on: str
    alerted: str
    alerted_of_failure: str
    """Once it is over."""
    next_update: str
    back: str
    back_to_normal: str
    all_back: str
    still: str
    still_many: str
    watch: str
    watch_all: str
    normal: str
    all_normal: str
    out: str
    out_uncounted: str
    out_partly: str
    """`{k}` of `{d}` counts: planned maintenance took the rest."""
    out_planned: str
    slow_or_out: str
    slow_or_out_uncounted: str
    was_slow: str
    longest: str
    it_was: str
    name_was: str
    in_time: str
    on_day: str
    affected: str
    many: str
    name_and_more: str
    out_of_service: tuple[str, str]
    """The phrase and effect where the class is not known."""
    slow: tuple[str, str]
    clock_set: str
    over_limit: str
    """Slower than `{v}`; `{w}` is usual."""


_ES = Sentences(
    since="Desde {t} el servicio {c} está {phrase}.",
    since_too="Desde {t} el servicio {c} también está {phrase}.",
    since_again="El problema continúa: desde {t} el servicio {c} está {phrase}.",
    fell_again="El servicio {c} volvió a fallar a {t} y está {phrase}.",
    unstable=(
        "El servicio {c} falla y vuelve una y otra vez. El incidente sigue abierto hasta que esté "
        "estable."
    ),
    worsened="El servicio {c} empeoró y ahora está {phrase}.",
    began_earlier="El problema del servicio {c} empezó a {t}, antes de lo que informamos.",
    unwatched="El servicio {c} ya no se controla desde {t}; no sabemos si volvió a funcionar.",
    watched_otherwise=(
        "El servicio {c} se controla de otra manera desde {t}; no vimos el final de la falla."
    ),
    watched_again="El servicio {c} se controla de nuevo y desde {t} está {phrase}.",
    hangs_on="Depende de {c}.",
    alerted="Operaciones ya fue avisada.",
    alerted_of_failure="Operaciones ya fue avisada de la falla.",
    next_update="Próxima actualización antes de {u}.",
    back="El servicio {c} volvió a funcionar a {t}.",
    back_to_normal="El servicio {c} volvió a funcionar con normalidad a {t}.",
    all_back="Los servicios {c} volvieron a funcionar; el último, a {t}.",
    still="El servicio {c} sigue {phrase}.",
    still_many="Siguen afectados {c}.",
    watch="Lo observamos {d} antes de darlo por resuelto.",
    watch_all="Los observamos {d} antes de dar el problema por resuelto.",
    normal="El servicio {c} funciona con normalidad desde {t}.",
    all_normal="Los servicios {c} funcionan con normalidad desde {t}.",
    out="{s} sin servicio {d}, que cuentan en {month}.",
    out_uncounted="{s} sin servicio {d}.",
    out_partly="{s} sin servicio {d}; sin el mantenimiento previsto cuentan {k} en {month}.",
    out_planned="{s} sin servicio {d}; no cuentan, porque el mantenimiento estaba previsto.",
    slow_or_out="{s} lento o sin servicio {d}; el tiempo sin servicio cuenta en {month}.",
    slow_or_out_uncounted="{s} lento o sin servicio {d}.",
    was_slow="{s} lento {d}.",
    longest="El tiempo sin servicio de cada uno cuenta en {month}; el más largo, {c}: {d}.",
    it_was="Estuvo",
    name_was="{c} estuvo",
    in_time="las {t}",
    on_day="las {t} del {day}",
    affected="afectado",
    many="{n} servicios",
    name_and_more="{c} y {n} servicios más",
    out_of_service=("sin servicio", "Si usa este servicio, el problema es nuestro."),
    slow=("lento", "Si lo nota lento, el problema es nuestro."),
    clock_set=(
        "El reloj de nuestro control estaba mal y fue corregido. Lo que registró con la hora"
        " equivocada no vale: de ese tiempo no tenemos datos."
    ),
    over_limit="Tarda más de {v}; lo habitual es {w}.",
)

_EN = Sentences(
    since="Since {t} the service {c} is {phrase}.",
    since_too="Since {t} the service {c} is also {phrase}.",
    since_again="The problem goes on: since {t} the service {c} is {phrase}.",
    fell_again="The service {c} failed again at {t} and is {phrase}.",
    unstable=(
        "The service {c} keeps failing and coming back. The incident stays open until it is stable."
    ),
    worsened="The service {c} got worse and is now {phrase}.",
    began_earlier="The problem of the service {c} began at {t}, earlier than we said.",
    unwatched=(
        "The service {c} has no longer been watched since {t}; we do not know whether it came back."
    ),
    watched_otherwise=(
        "The service {c} has been watched in another way since {t}; we did not see the failure end."
    ),
    watched_again="The service {c} is watched again and since {t} it is {phrase}.",
    hangs_on="It depends on {c}.",
    alerted="Operations has been alerted.",
    alerted_of_failure="Operations has been alerted of the failure.",
    next_update="Next update before {u}.",
    back="The service {c} came back at {t}.",
    back_to_normal="The service {c} came back to normal at {t}.",
    all_back="The services {c} came back, the last one at {t}.",
    still="The service {c} is still {phrase}.",
    still_many="Still affected: {c}.",
    watch="We watch it for {d} before we call it resolved.",
    watch_all="We watch them for {d} before we call the problem resolved.",
    normal="The service {c} has worked normally since {t}.",
    all_normal="The services {c} have worked normally since {t}.",
    out="{s} out for {d}, which count in {month}.",
    out_uncounted="{s} out for {d}.",
    out_partly="{s} out for {d}; without the planned maintenance {k} count in {month}.",
    out_planned="{s} out for {d}; it does not count, for the maintenance was planned.",
    slow_or_out="{s} slow or out for {d}; the time out counts in {month}.",
    slow_or_out_uncounted="{s} slow or out for {d}.",
    was_slow="{s} slow for {d}.",
    longest="The time out of each counts in {month}; the longest, {c}: {d}.",
    it_was="It was",
    name_was="{c} was",
    in_time="{t}",
    on_day="{t} on {day}",
    affected="affected",
    many="{n} services",
    name_and_more="{c} and {n} more services",
    out_of_service=("out of service", "If you use this service, the problem is ours."),
    slow=("slow", "If it feels slow, the problem is ours."),
    clock_set=(
        "The clock of our monitor was wrong and has been corrected. What it recorded under the"
        " wrong time does not count: we have no data for that time."
    ),
    over_limit="It takes over {v}; {w} is usual.",
)

SENTENCES: Mapping[Lang, Sentences] = {Lang.ES: _ES, Lang.EN: _EN}
