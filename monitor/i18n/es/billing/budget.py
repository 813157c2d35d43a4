"""The words of messages about a used up allowance, in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.billing.budget import BudgetAlertWords

BUDGET_ALERT = BudgetAlertWords(
    used="CAÍDA PERMITIDA al {p} %: {c}",
    broken="GARANTÍA INCUMPLIDA: {c}",
    back="CAÍDA PERMITIDA bajo {p} %: {c}",
    several_terms="{n} condiciones",
    contracts=("{n} contrato", "{n} contratos"),
    used_head="CAÍDA PERMITIDA  Usado el {p} % de la caída que la garantía permite en {month}: {c}",
    broken_head="GARANTÍA INCUMPLIDA  En {month} hubo más caída que la permitida: {c}",
    back_head="CAÍDA PERMITIDA  En {month} quedó por debajo del {p} % que se había avisado: {c}",
    breaks="La caída sigue. Si no vuelve antes, la garantía se incumple a las {t} ({u}).",
    no_outage="Ahora no hay ninguna caída que cuente: no hay que levantarse por este aviso.",
    goes_on="La caída sigue, y cada minuto cuesta más.",
    over="Ya no sigue ninguna caída que cuente: queda decidir las bonificaciones que se pidan.",
    back_means=(
        "Se excluyó tiempo o se corrigió un resultado. No hay que hacer nada; si vuelve a llegar "
        "a ese nivel, se avisa de nuevo."
    ),
    terms="Condiciones",
    terms_row="{c}: {d} de {m} ({p} %), {n}",
    at_level="{n} llegaron al {p} %",
    of_them_broken="en {n} ya se incumplió",
    possible="y quizá {d} más, sin datos",
    back_row="{c}: ahora {d} de {m} ({p} %), {n}",
    cause="Causa",
    cause_row="{c}: {d}",
    still=", sigue",
    money="Dinero",
    due_then="Al incumplirse: {a}",
    due_now="Hasta ahora: {a}",
    due_later="Una hora después: {a}",
    nothing_due="Si no pasa nada más, no se debe nada.",
    only_unknown_amount="Se incumplió, y no hay ninguna factura cargada de la que calcularlo.",
    close=(
        "Un solo aviso por nivel, condiciones y mes. Solo cuenta lo que se vio caído: el tiempo "
        "del que no se sabe nada no avisa. No hace falta responder."
    ),
)
