"""What a refusal says in Spanish, by its code; and the Spanish of what it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.i18n.es.credits import STATES

Fields = Mapping[str, Any]

KINDS: Mapping[str, str] = {
    "account": "ninguna cuenta",
    "check": "ningún control",
    "component": "ningún componente",
    "credit": "ninguna bonificación",
    "exclusion": "ninguna exclusión",
    "failing component": "ningún componente con falla",
    "incident": "ningún incidente",
    "location": "ninguna ubicación",
    "maintenance": "ningún mantenimiento",
    "public component": "ningún componente público",
    "ruling": "ninguna decisión",
    "service": "ningún servicio",
    "session": "ninguna sesión",
    "token": "ningún token",
}
"""What something that there is not would be."""
NAMES: Mapping[str, str] = {
    "next": "la próxima actualización",
    "action": "acción",
    "before": "antes de",
    "began": "comienzo",
    "clause": "la cláusula",
    "days": "días",
    "end": "fin",
    "ended": "fin",
    "evidence": "la evidencia",
    "full name": "el nombre y apellido",
    "impact": "lo que van a notar los clientes",
    "label": "el nombre del token",
    "number": "número",
    "outcome": "cómo está",
    "phase": "estado",
    "reason": "el motivo",
    "reference": "la referencia",
    "revision": "revisión",
    "role": "rol",
    "scope": "alcance",
    "start": "comienzo",
    "text": "el texto",
    "title": "el título",
}
"""What a form's fields are called, and texts that a person writes."""
_NAMED = ("field", "what")


def in_spanish(fields: Fields) -> Fields:
    """The fields of a refusal as a Spanish sentence names them; programs read them as they are."""
    named = {name: NAMES.get(str(fields[name]), fields[name]) for name in _NAMED if name in fields}
    kind = {"kind": KINDS.get(str(fields["kind"]), fields["kind"])} if "kind" in fields else {}
    return {**fields, **named, **kind}


def _unknown(fields: Fields) -> str:
    if fields["near"]:
        return f"no hay {fields['kind']} {fields['wanted']}; ¿quiso decir {fields['near']}?"
    known = fields["known"]
    listed = f"; hay {', '.join(known)}" if known else "; todavía no hay nada"
    return f"no hay {fields['kind']} {fields['wanted']}{listed}"


def _short_notice(fields: Fields) -> str:
    wanted, given = _hours(fields["wanted_s"]), _hours(fields["given_s"])
    return f"se anuncia {wanted} antes del comienzo, y faltan {given}"


def _beyond_owner(fields: Fields) -> str:
    scopes = ", ".join(fields["scopes"])
    return f"a {fields['owner']} le falta {scopes}; un token no puede más que quien actúa con él"


def _invalid_file(fields: Fields) -> str:
    count = fields["count"]
    said = "hay 1 error" if count == 1 else f"hay {count} errores"
    return f"{said} en el archivo y no se guardó nada: están en errors"


def _no_arrow(fields: Fields) -> str:
    state, wanted = (STATES.get(fields[name], fields[name]) for name in ("state", "wanted"))
    return f"{fields['id']} está {state}: de ahí no pasa a estar {wanted}"


_TOOK_PART = {
    "asked": "{name} pidió {id}, o para el mismo tiempo de su contrato",
    "decided": "{name} dijo qué fueron los segundos sin datos de {id}",
    "proposed": "{name} propuso una exclusión en la que {id} se basa, o pudo basarse",
}


def _two_people(fields: Fields) -> str:
    said = _TOOK_PART.get(
        str(fields.get("why")), "{name} pidió {id}, o propuso o decidió aquello en lo que se basa"
    )
    return f"{said.format(**fields)}: decide otra persona"


def _hours(seconds: int) -> str:
    hours, rest = divmod(max(0, seconds), 3_600)
    return f"{hours} h {rest // 60} min"


SPANISH: Mapping[str, str | Callable[[Fields], str]] = {
    "scope.missing": "falta el alcance {scope}",
    "signin.needed": "inicie sesión: Authorization: Bearer, con un token o la clave de una sesión",
    "signin.refused": "el nombre, la contraseña o el código no son correctos",
    "signin.wait": "demasiados intentos: espere {seconds} s",
    "token.invalid": "este token no abre nada: no existe, venció o fue revocado",
    "session.over": "esta sesión terminó o no existe: inicie sesión de nuevo",
    "request.too_many": "como máximo {most} pedidos en {window_s} s: espere {seconds} s",
    "request.busy": "hay demasiado en curso: espere {seconds} s",
    "request.invalid": "campos que no son como se piden: {count}; están en errors",
    "journal.away": "el diario no se puede leer ni escribir ahora",
    "probe.running": "{check} se está ejecutando: espere {seconds} s",
    "probe.full": "ya se ejecutan {most} controles: espere {seconds} s",
    "events.gone": (
        "lo que siguió a este cursor ya no se guarda, o el cursor no es de aquí: lea el estado de "
        "nuevo y siga desde ahí"
    ),
    "events.too_many": "como máximo {most} flujos por clave o cuenta: cierre uno",
    "events.full": "hay demasiados flujos abiertos: espere {seconds} s",
    "scope.service": "esta cuenta está limitada a servicios, y no a los de {names}",
    "scope.every_service": "esta cuenta está limitada a servicios; esto es para las que no",
    "revision.stale": (
        "{id} cambió: usted vio la revisión {seen}, va por la {current}. Mírelo de nuevo y "
        "decida otra vez"
    ),
    "text.too_long": "{what} tiene {length} caracteres; como máximo {most}",
    "incident.still_down": "todavía caído o lento: {names}",
    "incident.resolved": "{id} está resuelto",
    "incident.merged": "{id} se unió a {into}: siga allí",
    "incident.open": "{id} no está resuelto",
    "incident.explained": "{id} ya tiene su análisis en la actualización {number}: corríjala",
    "incident.recovered": (
        "todo lo de {id} volvió a funcionar y nada de eso está caído: abra otro incidente y "
        "relacione los dos"
    ),
    "incident.long_over": (
        "{id} terminó hace más de {days} días: abra otro incidente y relacione los dos"
    ),
    "incident.goes_on": "lo de {id} sigue en {other}: escriba allí y relacione los dos",
    "incident.itself": "{id} es un solo incidente: indique otro",
    "incident.linked": "{id} y {other} ya están relacionados",
    "incident.not_linked": "{id} y {other} no están relacionados",
    "incident.split_nothing": "diga qué componentes pasan a un incidente propio",
    "incident.split_whole": "eso es todo {id}: tiene que quedar al menos un componente",
    "incident.not_yet": "eso está por venir: un incidente ya empezó, y puede haber terminado",
    "incident.too_early": "eso fue hace más de {days} días, y ninguna página lo muestra",
    "incident.ends_before_start": "el fin tiene que ser posterior al comienzo",
    "incident.end_without_resolution": "un fin es para lo que está resuelto",
    "update.unknown": "{incident} no tiene la actualización {number}; van de 1 a {last}",
    "update.next_range": "la próxima actualización se promete entre {minutes} minuto y {days} días",
    "update.next_of_resolved": "lo resuelto no promete otra actualización",
    "update.unchanged": "la actualización {number} ya dice exactamente eso",
    "maintenance.no_components": "diga qué componentes toca",
    "maintenance.outside_hours": "de {start} a {end} no está dentro del horario de mantenimiento",
    "maintenance.ends_before_start": "el fin tiene que ser posterior al comienzo",
    "maintenance.ends_no_later": "el nuevo fin tiene que ser posterior al actual y estar por venir",
    "maintenance.too_long": "una ventana dura como máximo {days} días; planee varias",
    "maintenance.has_passed": "el comienzo ya pasó; se anuncia lo que está por venir",
    "maintenance.too_far_ahead": "el comienzo está a más de {days} días",
    "account.no_role": "una cuenta tiene al menos un rol",
    "account.beyond": "{name} puede más que usted ({scopes}): solo lo cambia quien puede todo eso",
    "account.exists": "ya hay una cuenta {name}",
    "account.disabled": "la cuenta {name} ya está deshabilitada",
    "account.enabled": "la cuenta {name} ya está habilitada",
    "account.unchanged": "la cuenta {name} ya tiene exactamente esos roles y servicios",
    "account.reserved": "{name} es el nombre de la máquina misma en la auditoría: elija otro",
    "account.by_token": "un token no crea, cambia ni restablece cuentas: inicie sesión",
    "account.last_admin": "{name} es el último admin que puede entrar: cree otro antes",
    "password.short": "la contraseña tiene que tener al menos {least} caracteres",
    "password.long": "la contraseña puede tener como máximo {most} caracteres",
    "password.has_name": "esa contraseña es fácil de adivinar: contiene el nombre {name}",
    "password.repeats": "esa contraseña es fácil de adivinar: repite unos pocos caracteres",
    "oidc.away": "el proveedor no responde: pruebe de nuevo o entre con una contraseña",
    "oidc.untrusted": (
        "no se aceptó la respuesta del proveedor: el motivo está en el registro del monitor"
    ),
    "oidc.not_signed_in": "el proveedor no dejó entrar a nadie",
    "oidc.begin_again": "esta entrada empezó en otro lado, ya terminó o tardó: empiece de nuevo",
    "oidc.no_extra": "para entrar por un proveedor falta aquí el extra oidc",
    "signin.no_account": (
        "el proveedor lo conoce, pero ninguna cuenta de aquí es suya o está abierta: pregunte a "
        "quien cuida las cuentas"
    ),
    "signin.code": "el código no es correcto o ya se usó: espere el próximo",
    "session.not_fresh": (
        "esta cuenta no tiene contraseña: entre otra vez por el proveedor y hágalo antes de "
        "{minutes} min"
    ),
    "password.none": "esta cuenta no tiene contraseña que cambiar: entra por el proveedor",
    "account.email": "{email} no es una dirección de correo simple",
    "account.email_taken": "otra cuenta tiene la dirección {email}",
    "account.identity_taken": "la cuenta {name} ya está ligada a ese sujeto",
    "account.no_provider": "no hay proveedor por el cual entrar: operations.console.oidc",
    "account.no_way_in": "sin contraseña necesita una dirección o un sujeto en el proveedor",
    "password.same": "la contraseña nueva es la actual",
    "password.wrong": "la contraseña actual no es correcta",
    "proof.wrong": (
        "la contraseña o el código no son correctos; cada código sirve una vez: espere el próximo"
    ),
    "session.in_person": "con un token no se puede: inicie sesión",
    "second_factor.code": (
        "el código no es el que muestra ahora la aplicación; controle la hora de ambos"
    ),
    "second_factor.required": (
        "esta cuenta necesita un segundo factor: configúrelo antes de seguir"
    ),
    "second_factor.demanded": "un rol de esta cuenta exige el segundo factor: puede reemplazarlo",
    "second_factor.none": "esta cuenta no tiene segundo factor",
    "second_factor.begin_again": (
        "esto empezó en otra sesión o hace más de 15 minutos: empiece de nuevo"
    ),
    "second_factor.other_key": (
        "el segundo factor de {name} se cifró con otra clave que la que hay aquí: un admin tiene "
        "que reponer el archivo de la clave o restablecer la cuenta"
    ),
    "second_factor.no_key": "aquí no se pueden comprobar segundos factores: avise a un admin",
    "token.by_token": "un token no crea tokens: inicie sesión",
    "token.no_scope": "un token tiene al menos un alcance",
    "token.owner_disabled": "{name} está deshabilitada: habilite antes la cuenta",
    "token.revoked": "el token {id} ya está revocado",
    "text.empty": "falta {what}",
    "account.needed": (
        "quien propone, decide o acredita necesita una cuenta: entre en la consola, o dé --url y "
        "un token; la terminal de este servidor no es la cuenta de nadie"
    ),
    "exclusion.unknown": "no hay ninguna exclusión {id!r}",
    "exclusion.changed": "la exclusión {id} cambió desde que se leyó: mírela de nuevo",
    "exclusion.ends_before_start": "el fin tiene que ser posterior al comienzo",
    "exclusion.not_over": "el fin todavía no llegó: solo se excluye lo que ya pasó",
    "exclusion.too_long": "una exclusión abarca como máximo {days} días",
    "exclusion.cause": "{cause} no es una causa del contrato; hay {causes}",
    "exclusion.too_much_evidence": "como máximo {most} archivos y {most} enlaces",
    "exclusion.file_name": "no es el nombre de un archivo: {name!r}",
    "exclusion.file_unread": "{name} no se puede leer: {why}",
    "exclusion.file_hash": "{name} necesita su SHA-256, 64 cifras de 0-9 y a-f, y su tamaño",
    "exclusion.link": "un enlace empieza con https:// y no lleva contraseña: {link}",
    "exclusion.no_component": "diga qué componente, o el incidente del que se trata",
    "exclusion.no_time": (
        "diga desde cuándo y hasta cuándo: el incidente no terminó, o no se nombra ninguno"
    ),
    "exclusion.not_of_incident": "{component} no estuvo caído ni lento en {id}",
    "exclusion.which_component": "{id} es sobre varios componentes, nombre uno: {names}",
    "exclusion.other_component": ("{id} es sobre {component}; otro componente es otra exclusión"),
    "exclusion.not_in_force": (
        "nada de {id} está vigente; una propuesta que no corresponde la rechaza otra persona"
    ),
    "exclusion.not_pending": "nadie espera una decisión sobre {id}",
    "exclusion.which_revision": (
        "{id} se propuso de nuevo: lea la revisión {revision} y diga que decide sobre esa"
    ),
    "exclusion.own": "{name} propuso una revisión de {id}: decide otra persona",
    "exclusion.too_many": "ya hay cien exclusiones de exactamente ese tiempo de ese componente",
    "ruling.unknown": "no hay ninguna decisión {id!r}",
    "ruling.changed": "la decisión {id} cambió desde que se leyó: mírela de nuevo",
    "ruling.nothing_waits": "nada de {month} espera que sea así: vea estado unknown waiting",
    "ruling.causes": (
        "una decisión es sobre una sola causa y estas tienen varias: {causes}. Indique la causa, o "
        "las bonificaciones una por una"
    ),
    "ruling.which_credits": "indique qué mes, o qué bonificaciones una por una, y no ambas cosas",
    "ruling.too_many_named": (
        "una por una se nombran como máximo {most} bonificaciones: elíjalas por su causa"
    ),
    "ruling.not_waiting": "{id} está en {state} y no espera que se decida su tiempo desconocido",
    "ruling.unpriced": (
        "ninguna línea de factura da precio a {names}: importe las facturas o proponga cerrarlas"
    ),
    "ruling.unfit": (
        "no se decidió nada: desde entonces pasó algo con {count} de ellas: {names}. Proponga {id} "
        "de nuevo"
    ),
    "ruling.beyond_cap": (
        "no se decidió nada: bonificaciones posteriores ocuparon lo que quedaba del tope de "
        "{names}. Emita de nuevo el informe de ese mes: el próximo cierre vuelve a preguntar, con "
        "lo que queda"
    ),
    "ruling.not_pending": "nadie espera una decisión sobre {id}",
    "ruling.which_revision": (
        "{id} se revisó: lea la revisión {revision} y decida sobre esa indicando su número"
    ),
    "ruling.own": "{name} propuso una revisión de {id}: decide otra persona",
    "ruling.over": "{id} ya se aprobó: sus bonificaciones están decididas y otra decisión es otra",
    "ruling.assumed": "los segundos desconocidos fueron {choices}; se recibió {got!r}",
    "ruling.half_a_span": "indique desde cuándo y hasta cuándo, o ninguno de los dos",
    "ruling.month": "se esperaba un mes como 2026-10, se recibió {got!r}",
    "ruling.too_many": "en ese segundo ya empezaron cien decisiones",
    "credit.unknown": "no hay ninguna bonificación {id!r}",
    "credit.changed": "{id} cambió desde que se leyó: mírelo de nuevo",
    "credit.no_arrow": _no_arrow,
    "credit.ticket_required": "diga con qué ticket se pidió (cláusula 9a)",
    "credit.reason_required": "un rechazo dice por qué y según qué cláusula",
    "credit.ticket_code": (
        "{ticket!r} no es un código de ticket: letras y cifras, con - entre ellas"
    ),
    "credit.ticket_unknown": "el panel de facturación no conoce el ticket {ticket}",
    "credit.ticket_of_other": "el ticket {ticket} es de otro cliente que {client}",
    "credit.too_late": "el plazo para pedir {id} terminó el {ended}",
    "credit.of_other_client": "{id} es de otro cliente que {client}",
    "credit.too_many": (
        "{count} bonificaciones a la vez; caben {most} como máximo, las demás en otros pedidos"
    ),
    "credit.none_chosen": "no se eligió ninguna",
    "credit.twice": "{id} figura dos veces",
    "credit.two_people": _two_people,
    "credit.no_evidence": (
        "{period} se cerró con una versión que no guardó nada junto a su informe: {id} no tiene "
        "paquete; estado credits explain dice lo que se sabe"
    ),
    "credit.evidence_damaged": (
        "lo que se guardó de {id} no tiene su hash: ponga de nuevo la copia del diario"
    ),
    "credit.unpriced": (
        "ningún renglón de factura le pone precio a {id}: importe primero la factura del contrato"
    ),
    "paper.no_library": (
        "esta instalación no hace PDF: necesita el extra pdf (pip install 'estado[pdf]')"
    ),
    "paper.too_long": (
        "tiene {rows} bonificaciones y se ponen en papel {most} por vez como máximo: tome el CSV, "
        "un solo cliente, o estado report --format pdf"
    ),
    "statement.gone": "este enlace no abre nada: venció, se revocó o nunca lo fue",
    "statement.unknown": "no hay ningún enlace {id!r}",
    "statement.no_client": "nada en el informe de {month} es del cliente {client}",
    "credit.currencies": "{id} está en varias monedas ({currencies}): un saldo tiene una sola",
    "credit.too_many_confirmed": "se confirman {most} a la vez como máximo",
    "credit.in_flight": (
        "se está pidiendo {id} al panel de facturación en este momento: mire de nuevo en un minuto"
    ),
    "credit.not_unknown": "{id} está en {state}: solo se libera lo que nadie sabe cómo terminó",
    "credit.not_settled": (
        "{id} todavía puede llegar: se libera cuando se lo buscó en el panel después de "
        "apply_settle y no está"
    ),
    "text.not_plain": "{what}: un renglón de 1 a {most} caracteres",
    "contracts.panel_unread": (
        "no se pudieron leer los servicios del panel de facturación: {why}; no se guardó nada, y "
        "el próximo intento sigue desde aquí"
    ),
    "contracts.no_terms": "la configuración no tiene condiciones: un contrato promete algo",
    "contracts.no_panel": "credits.billing.kind es {kind}: solo de whmcs se leen servicios",
    "applying.file": "el archivo no es lo que se espera: {wanted}",
    "applying.month": "{month!r} no es un mes como 2026-10",
    "applying.pending": "el pedido {id} ya espera al programa central",
    "applying.paused": (
        "el freno está puesto: lo puso {name} ({reason}); estado credits resume lo suelta"
    ),
    "applying.no_request": "no hay ningún pedido {id}",
    "maintenance.over": "{id} ya terminó o fue cancelado",
    "token.days": "un token dura de 1 a {most} días, o hasta que se lo revoque; usted puso {days}",
    "account.name": (
        "{name!r} no sirve como usuario: minúsculas sin acento, cifras y . _ - entre ellas"
    ),
    "request.bad": "este pedido no se entiende",
    "request.unknown_path": "no hay nada en {path}",
    "request.failed": "algo se rompió aquí, y quedó registrado",
    "request.host": (
        "la consola no atiende con el nombre {host}: ponga su dirección en "
        "operations.console.public_url"
    ),
    "request.foreign": (
        "esto no se envió desde una página nuestra, o la página es de otra sesión: vuelva atrás, "
        "cárguela de nuevo y envíelo otra vez"
    ),
    "password.differs": "las dos veces no escribió la misma contraseña",
    "form.no_service": "diga de qué servicios, o que de todos",
    "form.number": "{field}: se espera un número entero, y dice {got!r}",
    "form.no_spanish": "falta el texto en castellano: es el que se muestra si no hay otro",
    "form.time": "{field}: se esperan un día y una hora, y dice {got!r}",
    "form.no_such_time": "{got} no existe en {zone}: a esa hora se adelantan los relojes",
    "form.choice": "{field}: no se puede elegir {got!r}",
    "form.month": "se espera un mes como 2026-12, y dice {got!r}",
    "form.day": "se espera un día como 2026-12-24, y dice {got!r}",
    "name.unknown": _unknown,
    "problem.unknown": "no hay ningún informe {ref!r}",
    "problem.closed": "ya lo cerró {by}",
    "incident.unknown": "no hay ningún incidente {id!r}; su id son seis letras y cifras: k3f9a2",
    "incident.exists": "el incidente {id} ya existe: mírelo de nuevo",
    "incident.changed": "el incidente {id} cambió desde que se leyó: mírelo de nuevo",
    "maintenance.short_notice": _short_notice,
    "maintenance.overran": "el fin de {id} ya pasó: diga por qué sigue",
    "maintenance.too_many": "en ese segundo ya empiezan cien ventanas de esos componentes",
    "maintenance.unknown": "no hay ningún mantenimiento {id!r}",
    "maintenance.exists": "el mantenimiento {id} ya existe: mírelo de nuevo",
    "maintenance.changed": "el mantenimiento {id} cambió desde que se leyó: mírelo de nuevo",
    "message.unknown": (
        "no hay ningún mensaje {event} a {target} pendiente; los sucesos son como "
        "incident:k3f9a2:opening"
    ),
    "message.delivered": "el mensaje {event} a {target} ya se entregó o se abandonó",
    "revision.unknown": "la configuración no tiene la revisión {number}; son números",
    "configuration.no_request": "al core nunca se le pidió eso con el id {id}",
    "configuration.pending": "el pedido {id} ya espera al core",
    "configuration.unchecked": "lleva más tiempo o memoria que los que tiene una revisión",
    "configuration.unreadable": (
        "esta versión no puede leer la revisión {number} de la configuración"
    ),
    "contract.unknown": "no hay ningún contrato {id}",
    "contracts.invalid": _invalid_file,
    "contracts.changed": (
        "el archivo o los contratos guardados cambiaron durante la importación; impórtelo de nuevo"
    ),
    "report.no_month": "hay informes de meses como 2026-10, no de {got}",
    "report.not_issued": "de {month} no se emitió ningún informe",
    "report.no_revision": "{month} no tiene la revisión {revision}; la última es la {last}",
    "request.method": "{path} acepta {allowed}",
    "request.media_type": "el cuerpo tiene que ser {wanted}, y su tipo es {got}",
    "request.no_revision": "If-Match es para lo que cambia algo con revisión, no para esto",
    "request.no_json": "el cuerpo no es JSON",
    "request.if_match": 'If-Match tiene que ser una etiqueta como "3", o *',
    "request.too_large": "el cuerpo tiene más de {most} bytes",
    "request.too_slow": "el cuerpo no llegó en {limit_s} s",
    "key.invalid": (
        "esto no es un token ni la clave de una sesión: los tokens empiezan con estado_"
    ),
    "probe.failed": "falló la comprobación misma, y eso no dice nada del destino: {why}",
    "events.slow": "este flujo no se leyó a tiempo: siga desde su último suceso, o de nuevo",
    "events.closing": "este servicio termina o arranca de nuevo: vuelva",
    "idempotency.key": "una Idempotency-Key tiene de 1 a {most} caracteres visibles",
    "idempotency.reused": "esta Idempotency-Key era de otro pedido",
    "idempotency.busy": "el primer pedido con esta Idempotency-Key está en curso",
    "session.by_token": "un token no tiene sesión que terminar; se lo puede revocar",
    "account.changed": "la cuenta {name} cambió desde que se leyó: mírela de nuevo",
    "token.beyond_owner": _beyond_owner,
}
