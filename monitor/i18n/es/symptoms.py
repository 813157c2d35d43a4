"""What a customer notices, in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.forms.symptoms import Said, SymptomWords

_S = ServiceKind

_KEEP = "Si al enviar ve un error, guarde el mensaje y envíelo cuando el servicio vuelva."
_RETURNED = "Los correos que le envían pueden demorarse o volver a quien los mandó."
_DELAYED = "Los correos que le envían pueden demorarse."
_UNSEEN = "Puede que no vea sus correos."
_DOMAINS = "Sitios y correo pueden fallar."
_LISTENERS = "Puede que sus oyentes no logren conectarse."
_VIEWERS = "Puede que quienes miran o escuchan no logren conectarse."
_NO_PASSWORDS = "No ingrese contraseñas hasta que lo resolvamos."
_REFUSE = (
    "Si su programa de correo muestra un aviso, no lo acepte ni ingrese su contraseña hasta que "
    "lo resolvamos."
)
_PLAYERS = "Puede que algunos reproductores no se conecten."

SYMPTOMS: Mapping[Symptom, SymptomWords] = {
    Symptom.SILENT: SymptomWords(
        phrase="sin respuesta",
        plain=Said(does="no responde", effect="Lo que depende de él puede no funcionar."),
        by_service={
            _S.WEB: Said(
                does="no responde",
                effect="Las páginas de este servicio no abren o no terminan de cargar.",
            ),
            _S.OUTGOING_MAIL: Said(
                does="no responde",
                effect="Los correos no salen. Si su programa muestra un error, guarde el mensaje y "
                "envíelo cuando el servicio vuelva.",
            ),
            _S.INCOMING_MAIL: Said(
                does="no recibe correos",
                effect="Los correos que le envían esperan en el servidor de quien los manda, que "
                "vuelve a intentarlo.",
            ),
            _S.MAILBOXES: Said(
                does="no responde",
                effect="No puede leer sus correos desde su programa o su teléfono.",
            ),
            _S.DNS: Said(does="no responde cuando se busca un dominio", effect=_DOMAINS),
            _S.RADIO: Said(does="no responde", effect="Sus oyentes no logran conectarse."),
            _S.STREAM: Said(
                does="no responde", effect="Quienes miran o escuchan no logran conectarse."
            ),
        },
    ),
    Symptom.ERRORS: SymptomWords(
        phrase="con errores",
        plain=Said(does="responde con errores", effect="Puede fallar cuando lo usa."),
        by_service={
            _S.WEB: Said(does="muestra errores", effect="Al abrir una página puede ver un error."),
            _S.OUTGOING_MAIL: Said(does="responde con errores", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="responde con errores", effect=_RETURNED),
            _S.MAILBOXES: Said(does="responde con errores", effect=_UNSEEN),
            _S.DNS: Said(does="responde con errores", effect=_DOMAINS),
            _S.RADIO: Said(does="responde con errores", effect=_LISTENERS),
            _S.STREAM: Said(does="responde con errores", effect=_VIEWERS),
        },
    ),
    Symptom.NOT_FOUND: SymptomWords(
        phrase="inaccesible por su nombre",
        plain=Said(
            does="no se encuentra por su nombre", effect="Quien lo busca por su nombre no llega."
        ),
        by_service={
            _S.WEB: Said(
                does="no se encuentra por su nombre",
                effect="Las páginas de este servicio no abren.",
            ),
            _S.OUTGOING_MAIL: Said(does="no se encuentra por su nombre", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="no se encuentra por su nombre", effect=_RETURNED),
            _S.MAILBOXES: Said(does="no se encuentra por su nombre", effect=_UNSEEN),
            _S.DNS: Said(does="no se encuentra por su nombre", effect=_DOMAINS),
            _S.RADIO: Said(does="no se encuentra por su nombre", effect=_LISTENERS),
            _S.STREAM: Said(does="no se encuentra por su nombre", effect=_VIEWERS),
        },
    ),
    Symptom.NO_DOMAINS: SymptomWords(
        phrase="sin encontrar dominios",
        plain=Said(does="no encuentra dominios", effect=_DOMAINS),
        by_service={},
    ),
    Symptom.WRONG_DATA: SymptomWords(
        phrase="con datos equivocados",
        plain=Said(
            does="entrega datos equivocados",
            effect="Lo que recibe puede estar incompleto o equivocado.",
        ),
        by_service={
            _S.WEB: Said(
                does="entrega datos equivocados",
                effect="Lo que ve en una página puede estar incompleto o equivocado.",
            ),
            _S.OUTGOING_MAIL: Said(does="entrega datos equivocados", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="entrega datos equivocados", effect=_RETURNED),
            _S.MAILBOXES: Said(does="entrega datos equivocados", effect=_UNSEEN),
            _S.DNS: Said(
                does="entrega datos equivocados", effect="Sitios y correo pueden ir a otro lado."
            ),
            _S.RADIO: Said(
                does="entrega datos equivocados",
                effect="Puede que sus oyentes no escuchen la radio.",
            ),
            _S.STREAM: Said(
                does="entrega datos equivocados", effect="Puede que la reproducción falle."
            ),
        },
    ),
    Symptom.OLD_DATA: SymptomWords(
        phrase="con datos viejos",
        plain=Said(does="entrega datos viejos", effect="Puede que no vea un cambio reciente."),
        by_service={
            _S.WEB: Said(
                does="muestra datos viejos", effect="Puede que no vea un cambio reciente."
            ),
        },
    ),
    Symptom.PARTIAL: SymptomWords(
        phrase="con respuestas incompletas",
        plain=Said(
            does="no responde a todas las consultas", effect="Puede tardar o fallar cuando lo usa."
        ),
        by_service={
            _S.DNS: Said(
                does="no responde a todas las consultas",
                effect="Sitios y correo pueden tardar o fallar.",
            ),
        },
    ),
    Symptom.UNSAFE: SymptomWords(
        phrase="sin conexión segura",
        plain=Said(does="no ofrece una conexión segura", effect=_NO_PASSWORDS),
        by_service={
            _S.WEB: Said(does="muestra un aviso de seguridad", effect=_NO_PASSWORDS),
            _S.OUTGOING_MAIL: Said(does="no ofrece una conexión segura", effect=_REFUSE),
            _S.INCOMING_MAIL: Said(does="no ofrece una conexión segura", effect=_DELAYED),
            _S.MAILBOXES: Said(does="no ofrece una conexión segura", effect=_REFUSE),
            _S.DNS: Said(
                does="no ofrece una conexión segura",
                effect="Quien pregunta de forma cifrada puede no obtener respuesta.",
            ),
            _S.RADIO: Said(does="no ofrece una conexión segura", effect=_PLAYERS),
            _S.STREAM: Said(does="no ofrece una conexión segura", effect=_PLAYERS),
        },
    ),
    Symptom.UNSECURED: SymptomWords(
        phrase="sin conexión segura",
        plain=Said(
            does="no logra conectarse de forma segura", effect="Puede fallar cuando lo usa."
        ),
        by_service={
            _S.WEB: Said(
                does="no logra conectarse de forma segura",
                effect="Las páginas de este servicio no abren.",
            ),
            _S.OUTGOING_MAIL: Said(does="no logra conectarse de forma segura", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="no logra conectarse de forma segura", effect=_DELAYED),
            _S.MAILBOXES: Said(does="no logra conectarse de forma segura", effect=_UNSEEN),
            _S.DNS: Said(
                does="no logra conectarse de forma segura",
                effect="Quien pregunta de forma cifrada puede no obtener respuesta.",
            ),
            _S.RADIO: Said(does="no logra conectarse de forma segura", effect=_LISTENERS),
            _S.STREAM: Said(does="no logra conectarse de forma segura", effect=_VIEWERS),
        },
    ),
    Symptom.NO_ACCESS: SymptomWords(
        phrase="con un ingreso rechazado",
        plain=Said(
            does="rechaza el ingreso de nuestra cuenta de prueba",
            effect="Si a usted también lo rechaza, no borre ni cambie su cuenta.",
        ),
        by_service={},
    ),
    Symptom.NO_SOUND: SymptomWords(
        phrase="sin sonido",
        plain=Said(
            does="no se escucha", effect="Sus oyentes escuchan silencio o no logran conectarse."
        ),
        by_service={},
    ),
    Symptom.NO_MEDIA: SymptomWords(
        phrase="sin transmisión",
        plain=Said(
            does="no transmite",
            effect="Quienes miran o escuchan no reciben nada o no logran conectarse.",
        ),
        by_service={},
    ),
    Symptom.FULL: SymptomWords(
        phrase="sin lugar para más oyentes",
        plain=Said(
            does="no admite más oyentes", effect="Quien se conecta ahora no logra escuchar."
        ),
        by_service={},
    ),
    Symptom.CUTTING: SymptomWords(
        phrase="con posibles cortes",
        plain=Said(does="puede cortarse", effect="Sus oyentes pueden escuchar cortes."),
        by_service={
            _S.STREAM: Said(
                does="puede cortarse", effect="Quienes miran o escuchan pueden notar cortes."
            ),
        },
    ),
    Symptom.STUCK: SymptomWords(
        phrase="sin avanzar",
        plain=Said(does="no avanza", effect="La reproducción se detiene o no empieza."),
        by_service={},
    ),
    Symptom.BEHIND: SymptomWords(
        phrase="con posible atraso",
        plain=Said(
            does="puede llegar con atraso", effect="Lo que se ve o escucha puede llegar tarde."
        ),
        by_service={},
    ),
    Symptom.OLD_PROTOCOL: SymptomWords(
        phrase="con posible lentitud",
        plain=Said(does="puede tardar más de lo habitual", effect="Sigue funcionando."),
        by_service={},
    ),
    Symptom.SLOW: SymptomWords(
        phrase="con lentitud",
        plain=Said(does="funciona con lentitud", effect="Tarda unos {v} s; lo habitual es {w} s."),
        by_service={},
    ),
    Symptom.UNSEEN: SymptomWords(
        phrase="sin datos",
        plain=Said(does="no se puede comprobar ahora", effect="Puede estar funcionando."),
        by_service={},
    ),
    Symptom.UNNOTICED: SymptomWords(
        phrase="por renovar",
        plain=Said(does="tiene un certificado por renovar", effect="Usted no nota nada."),
        by_service={},
    ),
}
