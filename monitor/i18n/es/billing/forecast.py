"""What the console says of what the month under way will come to, in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.billing.forecast import ForecastWords

FORECAST = ForecastWords(
    title="Pronóstico de {m}",
    note=(
        "Cuánta caída usó cada contrato de la que su garantía permite en el mes. Lo que todavía no "
        "llegó se toma como con servicio."
    ),
    counted_at="Contado a las {t}",
    nothing_sold="No hay ningún contrato vigente este mes.",
    fleet="Todos los contratos",
    contracts="Contratos",
    reached="Desde el {p} %",
    broken="Garantía incumplida",
    down="Con una caída que sigue",
    next_breach="La próxima garantía se incumple",
    due_then="Al incumplirse cada una",
    due_later="Una hora después",
    in_time="en {d}, a las {t}",
    nothing="nada",
    by_terms="Por condiciones",
    of_contracts=("{n} contrato", "{n} contratos"),
    caused_by="Por {c}",
    still_down="sigue",
    worst="Contratos, lo peor primero",
    worst_note="Ningún contrato usó nada este mes.",
    contract="Contrato",
    client="Cliente",
    used="Usado",
    breaks_at="Se incumple",
    then="Entonces",
    later="Una hora más",
    is_broken="incumplida",
    more=("Y otro que usó algo.", "Y otros {n} que usaron algo."),
)
