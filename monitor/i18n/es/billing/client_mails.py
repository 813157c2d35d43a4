"""What a client is told of a credit, in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.billing.client_mails import ClientMail, ClientMailWords

CLIENT_MAILS = ClientMailWords(
    html_lang="es",
    period="del {a} al {b}",
    one_ticket="ticket {t}",
    several_tickets="tickets {t}",
    received=ClientMail(
        subject="Recibimos su pedido de bonificación por {x}",
        body="Recibimos su pedido ({t}) de una bonificación por {x}.\n\n"
        "Período: {p}.\nImporte calculado: {a}.\n\n"
        "Todavía no está aprobada. Le escribimos cuando esté decidido.",
    ),
    approved=ClientMail(
        subject="Aprobamos su bonificación por {x}",
        body="Aprobamos la bonificación que pidió ({t}) por {x}.\n\n"
        "Período: {p}.\nImporte: {a}.\n\n"
        "La acreditamos como saldo a favor en su cuenta; no se paga en efectivo. Le escribimos "
        "cuando esté acreditada.",
    ),
    rejected=ClientMail(
        subject="No corresponde la bonificación por {x}",
        body="Revisamos su pedido ({t}) de una bonificación por {x}, {p}, y no corresponde según "
        "la cláusula {c} del contrato.\n\n"
        "Si no está de acuerdo, responda en el mismo ticket: lo lee una persona.",
    ),
    blocked=ClientMail(
        subject="Su bonificación por {x} está en espera",
        body="Su bonificación por {x} ({t}), de {a}, está aprobada y no se puede acreditar "
        "mientras la cuenta esté suspendida por falta de pago (cláusula 5a).\n\n"
        "No se pierde: la acreditamos cuando la cuenta esté al día.",
    ),
    held=ClientMail(
        subject="Su bonificación por {x} está en espera",
        body="Su bonificación por {x} ({t}), de {a}, está aprobada y retenida: el banco anuló un "
        "pago de la cuenta (cláusula 5d).\n\n"
        "La revisa una persona. Si fue un error, escríbanos en el mismo ticket.",
    ),
    applied=ClientMail(
        subject="Acreditamos su bonificación por {x}",
        body="Acreditamos {a} como saldo a favor en su cuenta: la bonificación que pidió ({t}) por "
        "{x}, {p}.",
    ),
    adjusted=ClientMail(
        subject="Ajustamos su bonificación por {x}",
        body="Volvimos a contar el período {p} de {x} y le correspondía más. Acreditamos la "
        "diferencia, {a}, como saldo a favor en su cuenta.",
    ),
    taken_back=ClientMail(
        subject="Ajustamos su bonificación por {x}",
        body="Volvimos a contar el período {p} de {x} y le correspondía menos de lo que habíamos "
        "acreditado. Descontamos la diferencia, {a}, de su saldo a favor.\n\n"
        "Si no está de acuerdo, escríbanos por un ticket: lo lee una persona.",
    ),
    closing="Bonificación {id}. Para preguntar por ella, cite ese código en un ticket; las "
    "respuestas a este correo no las lee nadie.",
)
