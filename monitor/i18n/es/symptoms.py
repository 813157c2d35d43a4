"""What a customer notices, in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.forms.symptoms import Said, SymptomWords

_S = ServiceKind

SYMPTOMS: Mapping[Symptom, SymptomWords] = {
    Symptom.SILENT: SymptomWords(
        phrase="sin respuesta",
        plain=Said(does="no responde", effect="Lo que depende de él no abre."),
        by_service={
            _S.WEB: Said(does="no responde", effect="Sus páginas no abren."),
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
            _S.DNS: Said(
                does="no responde cuando se busca un dominio",
                effect="Sitios y correo pueden fallar.",
            ),
            _S.RADIO: Said(does="no responde", effect="Sus oyentes no logran conectarse."),
            _S.STREAM: Said(
                does="no responde", effect="Quienes miran o escuchan no logran conectarse."
            ),
        },
    ),
    Symptom.ERRORS: SymptomWords(
        phrase="con errores",
        plain=Said(does="responde con errores", effect="Puede fallar al usarlo."),
        by_service={
            _S.WEB: Said(does="muestra errores", effect="Al abrir una página puede ver un error."),
            _S.OUTGOING_MAIL: Said(
                does="responde con errores", effect="Al enviar puede ver un error."
            ),
            _S.INCOMING_MAIL: Said(
                does="responde con errores", effect="Los correos que le envían pueden demorarse."
            ),
            _S.MAILBOXES: Said(does="responde con errores", effect="Puede que no vea sus correos."),
            _S.DNS: Said(does="responde con errores", effect="Sitios y correo pueden fallar."),
            _S.RADIO: Said(
                does="responde con errores", effect="Sus oyentes pueden no lograr conectarse."
            ),
            _S.STREAM: Said(
                does="responde con errores",
                effect="Quienes miran o escuchan pueden no lograr conectarse.",
            ),
        },
    ),
    Symptom.NOT_FOUND: SymptomWords(
        phrase="sin encontrarse por su nombre",
        plain=Said(
            does="no se encuentra por su nombre",
            effect="Quien lo busca por su nombre no llega.",
        ),
        by_service={
            _S.WEB: Said(does="no se encuentra por su nombre", effect="Sus páginas no abren."),
        },
    ),
    Symptom.NO_DOMAINS: SymptomWords(
        phrase="sin encontrar dominios",
        plain=Said(does="no encuentra dominios", effect="Sitios y correo pueden fallar."),
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
            _S.DNS: Said(
                does="entrega datos equivocados",
                effect="Sitios y correo pueden ir a otro lado.",
            ),
        },
    ),
    Symptom.OLD_DATA: SymptomWords(
        phrase="con datos viejos",
        plain=Said(does="entrega datos viejos", effect="Un cambio reciente puede no verse."),
        by_service={
            _S.WEB: Said(does="muestra datos viejos", effect="Un cambio reciente puede no verse."),
        },
    ),
    Symptom.PARTIAL: SymptomWords(
        phrase="con respuestas incompletas",
        plain=Said(
            does="no responde a todas las consultas", effect="Puede tardar o fallar al usarlo."
        ),
        by_service={
            _S.DNS: Said(
                does="no responde a todas las consultas",
                effect="Sitios y correo pueden tardar o fallar.",
            ),
        },
    ),
    Symptom.UNSAFE: SymptomWords(
        phrase="con un aviso de seguridad",
        plain=Said(
            does="no ofrece una conexión segura",
            effect="No ingrese contraseñas hasta que lo resolvamos.",
        ),
        by_service={
            _S.WEB: Said(
                does="muestra un aviso de seguridad",
                effect="No ingrese contraseñas hasta que lo resolvamos.",
            ),
            _S.OUTGOING_MAIL: Said(
                does="no ofrece una conexión segura",
                effect="Si su programa de correo muestra un aviso, no lo acepte ni ingrese su "
                "contraseña hasta que lo resolvamos.",
            ),
            _S.INCOMING_MAIL: Said(
                does="no ofrece una conexión segura",
                effect="Los correos que le envían pueden demorarse.",
            ),
            _S.MAILBOXES: Said(
                does="no ofrece una conexión segura",
                effect="Si su programa de correo muestra un aviso, no lo acepte ni ingrese su "
                "contraseña hasta que lo resolvamos.",
            ),
            _S.DNS: Said(
                does="no ofrece una conexión segura",
                effect="Quien pregunta de forma cifrada puede no obtener respuesta.",
            ),
            _S.RADIO: Said(
                does="no ofrece una conexión segura",
                effect="Algunos reproductores pueden negarse a conectar.",
            ),
            _S.STREAM: Said(
                does="no ofrece una conexión segura",
                effect="Algunos reproductores pueden negarse a conectar.",
            ),
        },
    ),
    Symptom.NO_ACCESS: SymptomWords(
        phrase="sin acceso",
        plain=Said(
            does="rechaza el ingreso de nuestra cuenta de prueba",
            effect="Si a usted también lo rechaza, no borre ni cambie su cuenta.",
        ),
        by_service={},
    ),
    Symptom.NO_SOUND: SymptomWords(
        phrase="sin sonido",
        plain=Said(
            does="no se escucha",
            effect="Sus oyentes escuchan silencio o no logran conectarse.",
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
        phrase="con cortes",
        plain=Said(does="puede cortarse", effect="Sus oyentes pueden escuchar cortes."),
        by_service={
            _S.STREAM: Said(
                does="puede cortarse", effect="Quienes miran o escuchan pueden notar cortes."
            ),
        },
    ),
    Symptom.STUCK: SymptomWords(
        phrase="detenido",
        plain=Said(does="no avanza", effect="El reproductor se detiene."),
        by_service={},
    ),
    Symptom.BEHIND: SymptomWords(
        phrase="atrasado",
        plain=Said(does="llega con atraso", effect="Lo que se ve o escucha llega tarde."),
        by_service={},
    ),
    Symptom.OLD_PROTOCOL: SymptomWords(
        phrase="con un protocolo anterior",
        plain=Said(does="usa un protocolo anterior", effect="Puede abrir más lento."),
        by_service={},
    ),
    Symptom.SLOW: SymptomWords(
        phrase="lento",
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
