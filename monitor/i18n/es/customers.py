"""What is said in Spanish to who asks whether a failure concerns them."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.i18n.forms.customers import AffectedWords, AnswerWords

AFFECTED = AffectedWords(
    title="¿Me afecta?",
    lead="Escriba su dominio y le mostramos cómo están los servicios que usa.",
    name="Su dominio",
    hint="Por ejemplo ejemplo.com, o su correo en ese dominio. No guardamos lo que escribe.",
    send="Consultar",
    all_services="Todos los servicios",
    other_services="Los demás servicios",
    answers={
        NameAnswer.PAST: AnswerWords(
            title="Estos son los servicios que usa {x}.",
            lead="Los datos no son de ahora: arriba dice de qué hora son.",
        ),
        NameAnswer.FAILING: AnswerWords(
            title="Sí: hay una falla en lo que usa {x}.",
            lead="El problema es nuestro. Abra el servicio de abajo para ver qué se sabe.",
        ),
        NameAnswer.MAINTENANCE: AnswerWords(
            title="Sí: hay un mantenimiento en lo que usa {x}.",
            lead="Estaba previsto. En la página principal dice hasta cuándo.",
        ),
        NameAnswer.NO_DATA: AnswerWords(
            title="No tenemos datos de todo lo que usa {x}.",
            lead="Puede estar funcionando: es nuestro control el que falla.",
        ),
        NameAnswer.WELL: AnswerWords(
            title="No vemos ninguna falla en lo que usa {x}.",
            lead="Si algo no le funciona, en la página principal dice qué hacer.",
        ),
        NameAnswer.UNKNOWN: AnswerWords(
            title="No sabemos qué servicios usa {x}.",
            lead="Vea si está bien escrito. Abajo está el estado de todos.",
        ),
        NameAnswer.NO_NAME: AnswerWords(
            title="Eso no es un dominio.",
            lead="Escriba uno como ejemplo.com, o una dirección de correo como ana@ejemplo.com.",
        ),
        NameAnswer.TOO_MANY: AnswerWords(
            title="Hay demasiadas consultas desde su conexión.",
            lead="Espere unos minutos y pruebe otra vez. Abajo ve el estado de los servicios.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="Ahora no podemos buscar su dominio.",
            lead="Abajo ve el estado de todos los servicios.",
        ),
    },
)
