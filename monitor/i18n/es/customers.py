"""What is said in Spanish to customers who ask, or who say that something fails."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.domain.customers.notes import ProblemNote
from monitor.i18n.forms.customers import AffectedWords, AnswerWords, ProblemWords

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
            title="Llegan demasiadas consultas en este momento.",
            lead="Espere unos minutos y pruebe otra vez. Abajo ve el estado de los servicios.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="Ahora no podemos buscar su dominio.",
            lead="Abajo ve el estado de todos los servicios.",
        ),
    },
)

PROBLEMS = ProblemWords(
    title="Informar un problema",
    lead="Cuéntenos qué no funciona. Lo miramos a cualquier hora.",
    link="Informarlo aquí",
    kind="¿De qué se trata?",
    fails="Algo no funciona",
    design="El diseño o el software de mi sitio",
    which="¿En qué servicio?",
    no_idea="No sé cuál es",
    text="¿Qué pasa?",
    text_hint="Diga qué quiso hacer y qué vio. No escriba contraseñas.",
    send="Enviar el informe",
    after="Qué pasa después",
    after_watched="Operaciones atiende las fallas a toda hora, también de noche.",
    after_look="Su informe hace que volvamos a mirar ese servicio.",
    after_answer="Si no es una falla nuestra, le contesta {x}:",
    received="Recibimos su informe",
    reference="Referencia",
    keep_it="Guarde la referencia y cítela cuando nos escriba: así no lo cuenta de nuevo.",
    who_answers="Quién le contesta",
    within="Le contestan dentro de {d} de atención.",
    your_service="Su servicio ahora",
    notes={
        ProblemNote.KNOWN: AnswerWords(
            title="Ya sabemos de una falla en ese servicio.",
            lead="Operaciones ya fue avisada. Las novedades están en la página del servicio.",
        ),
        ProblemNote.MAINTENANCE: AnswerWords(
            title="Hay un mantenimiento en ese servicio.",
            lead="Estaba previsto. Si sigue sin funcionar cuando termine, avísenos otra vez.",
        ),
        ProblemNote.LOOKING: AnswerWords(
            title="Nuestros controles no ven una falla ahí. Lo miramos otra vez ahora.",
            lead="Si hay una falla, aparece en esta página dentro de unos minutos.",
        ),
        ProblemNote.UNSAID: AnswerWords(
            title="Lo lee una persona.",
            lead="Abajo dice quién y cuándo. En la página principal ve si hay una falla ahora.",
        ),
        ProblemNote.DESIGN: AnswerWords(
            title="Su consulta queda para el equipo de diseño y software.",
            lead="Abajo dice cuándo atienden.",
        ),
        ProblemNote.KEPT: AnswerWords(
            title="Lo guardamos.",
            lead="Nuestro sistema no se actualiza en este momento: lo recibe en cuanto vuelva.",
        ),
        ProblemNote.NO_TEXT: AnswerWords(
            title="Falta decir qué pasa.",
            lead="Escriba al menos una frase, de hasta 2.000 letras.",
        ),
        ProblemNote.BAD_FORM: AnswerWords(
            title="No pudimos leer el formulario.",
            lead="Complételo otra vez.",
        ),
        ProblemNote.FOREIGN: AnswerWords(
            title="El informe no salió de esta página.",
            lead="Por seguridad se reciben solo los de este formulario.",
        ),
        ProblemNote.TOO_MANY: AnswerWords(
            title="Llegan demasiados informes en este momento.",
            lead="No guardamos este. Espere unos minutos, o escríbanos por los medios de abajo.",
        ),
        ProblemNote.FULL: AnswerWords(
            title="Ahora no podemos recibir informes.",
            lead="No guardamos el suyo. Pruebe otra vez en unos minutos, o escríbanos por los "
            "medios de abajo.",
        ),
    },
)
