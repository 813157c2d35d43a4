"""Words about credits in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.i18n.forms.credits import CreditWords

STATES: Mapping[str, str] = {
    "needs_review": "por decidir",
    "pending_human_approval": "por aprobar (se descontaría)",
    "eligible": "sin pedir",
    "requested": "pedida",
    "under_review": "en revisión",
    "approved": "aprobada",
    "blocked_suspended": "retenida: cuenta suspendida",
    "held_chargeback": "retenida: contracargo",
    "applying": "aplicándose",
    "apply_unknown": "sin respuesta del panel",
    "applied": "aplicada",
    "rejected": "rechazada",
    "expired": "vencida",
    "superseded": "reemplazada",
    "lapsed": "caducada",
    "closed_no_breach": "sin incumplimiento",
}
"""By the value of `credits.life.states.CreditState`: whoever looks at a target by hand does not
wait for the arithmetic of money."""

CREDITS = CreditWords(
    credit="Bonificación",
    adjustment="Ajuste",
    adjusts="ajusta {x}",
    client="Cliente",
    contract="Contrato",
    product="Producto",
    month="Mes",
    when="Período",
    state="Estado",
    due="Importe",
    nothing="nada",
    tickets="Tickets",
    no_ticket="ninguno",
    states=STATES,
    every_state="Todas",
    brake="El freno está puesto desde {t}: no se aplica ninguna bonificación. Lo puso {x}: {why}",
    waiting="Esperan por usted",
    waiting_review="Para tomar en revisión",
    waiting_approval="Para decidir",
    nobody_waits="Nada espera por usted.",
    more="y {n} más",
    every="Todas las bonificaciones",
    none="Todavía no hay bonificaciones. Las abre el cierre de un mes.",
    none_so="Ninguna está así.",
    search="Buscar",
    older="Anteriores",
    choose="Elegir {x}",
    lines="Renglones de factura",
    line="Renglón",
    if_down="{x} si el tiempo sin datos fue caída",
    history="Pasos",
    joined="Se sumó otro ticket",
    moved="{x}: {a} → {b}",
    accounts={
        "expense": "gasto",
        "owed": "adeudado",
        "approved": "aprobado",
        "applied": "aplicado",
        "closed": "cerrado",
    },
    clause="Cláusula",
    clause_hint="por ejemplo 13b",
    reference="Referencia",
    incidents="Incidentes de sus componentes",
    beside="Otras del mismo tiempo del contrato",
    barred_title="No pueden aprobarla",
    barred={
        "asked": "la pidió, o pidió otra del mismo tiempo",
        "decided": "dijo qué fueron sus segundos sin datos",
        "proposed": "propuso una exclusión en la que podría basarse",
    },
    request="Pedirla",
    request_note="Con un ticket del cliente al que le corresponde. La aprueba otra persona.",
    request_more="Otro ticket por el mismo tiempo se suma a esta bonificación.",
    request_until="Hasta {t}; después vence.",
    ticket="Ticket",
    ticket_hint="su código",
    client_hint="de quién es el ticket",
    review="Tomarla en revisión",
    review_note="Después de mirar el ticket y las cifras.",
    review_many="Tomar en revisión las elegidas",
    decide="Decidir",
    decide_note="Una vez aprobada, se aplica a la cuenta.",
    take_back_note="Descontaría lo que ya se aplicó. Si la rechaza, el cliente lo conserva.",
    approve="Aprobar",
    approve_many="Aprobar las elegidas",
    reject="Rechazar",
    reason="Motivo",
    reason_hint="hace falta para rechazar",
    panel="Panel de facturación",
    panel_unknown=(
        "El panel no contestó: puede haber llegado. Mire el saldo del cliente en el panel. Si "
        "está, diga con qué referencia; si no está y ya pasó el tiempo de espera, libérela y se "
        "pide de nuevo."
    ),
    panel_carried=(
        "Está entregada: alguien la lleva al panel en un archivo. Diga con qué referencia quedó, o "
        "libérela si al final no se importó."
    ),
    confirm="Está en el panel",
    reference_hint="la del panel",
    release="No está: liberarla",
    release_hint="dónde miró",
    own={
        "asked": "Usted la pidió, o pidió otra del mismo tiempo del contrato: decide otra persona.",
        "decided": "Usted dijo qué fueron sus segundos sin datos: decide otra persona.",
        "proposed": "Usted propuso una exclusión en la que podría basarse: decide otra persona.",
    },
    waits="Espera la decisión de un aprobador.",
    judged="Hechas: {n} de {m}.",
    evidence="Evidencia",
    explain="Cómo se llegó a esto",
    bundle="Bajar el paquete",
    bundle_note="Un archivo con todo aquello en que se basa: estado credits recompute lo calcula "
    "de nuevo en cualquier máquina, sin nada más.",
    back="Volver a la bonificación",
    private_note="Nada de esto está en la página pública.",
)
