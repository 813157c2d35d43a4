"""The words of the console's figures in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.figures import BudgetWords, LatencyWords, WeekWords

WEEK = WeekWords(
    title="La semana, hora por hora",
    note="En cada hora, lo peor que se confirmó.",
    day="Día",
    up="funciona",
    down="caído {d}",
    slow="lento {d}",
    unknown="sin datos {d}",
    excluded="excluido {d}",
    before="todavía no se controlaba",
    coming="todavía no llegó",
    skipped="esta hora no existió",
    legend_down="Caído, menos de 10 min",
    legend_half="Caído, 10 a 30 min",
    legend_full="Caído, más de 30 min",
    legend_slow="Lento",
    legend_unknown="Sin datos",
    legend_excluded="Excluido",
    legend_before="Todavía no se controlaba",
    worst="Las peores horas",
    none="Sin fallas en siete días.",
    hour_of_day="{day}, {h} h: {said}",
    often="A las {h} falló en {n} de {m} días.",
    was_skipped="El {day} no hubo hora {h}: se adelantó el reloj.",
    was_longer="El {day} la hora {h} duró {d}: se cambió el reloj.",
    watched_from="Se controla desde el {day}, {h} h.",
)
LATENCY = LatencyWords(
    title="Latencia",
    see="Ver la latencia",
    back="Volver",
    of_checks="Latencia de sus controles",
    last_day="Últimas 24 horas",
    last_week="Últimos siete días",
    phases="Fases por día",
    phases_note=(
        "Mediana de cada fase en una muestra de hasta {n} resultados por día. Las medianas no "
        "suman la del total."
    ),
    figures="Los números",
    figures_of="{what}, {where}",
    when="Cuándo",
    runs="Resultados",
    up_to="hasta {d}",
    none="Sin resultados exitosos en siete días.",
    none_here="Sin resultados exitosos.",
    away="Ahora no se puede mostrar la latencia: el almacén de resultados no está disponible.",
    busy="Ahora no se puede mostrar la latencia: hay demasiadas consultas. Pruebe en un momento.",
    slow=("Ahora no se puede mostrar la latencia: el almacén de resultados no contestó en {n} s."),
    p95_day="p95, 24 horas",
    p95_week="p95, siete días",
    hidden=("Falta {n} control.", "Faltan {n} controles."),
)
BUDGET = BudgetWords(
    title="Caída permitida en {m}",
    at_risk="Caída permitida por agotarse",
    allowed="Por componente: {d}",
    used="{d} de {a}",
    used_up="agotado",
    used_up_and_down="agotado, y sigue caído",
    runs_out="se agota en {d}, a las {t}",
    goes_on="sigue caído",
    perhaps="quizá {d} más, sin datos",
    nothing="Nadie consumió nada este mes.",
    more=("Y otro con consumo.", "Y otros {n} con consumo."),
    others=("El otro: sin consumo.", "Los otros {n}: sin consumo."),
    counted_at="Contado a las {t}",
    counting="Se está contando: vuelva a mirar en un minuto.",
    less_than="menos de {p}",
)
