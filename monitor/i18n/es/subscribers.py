"""What is said to subscribers in Spanish."""

from __future__ import annotations

from monitor.domain.subscriptions.note import Note
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords

SUBSCRIBERS = SubscriberWords(
    title="Recibir avisos por correo",
    lead="Le escribimos cuando empieza una falla o un mantenimiento, con cada novedad y cuando "
    "termina.",
    link="Correo",
    email="Su dirección de correo",
    which="¿De qué servicios?",
    which_hint="Si no marca ninguno, le avisamos de todos.",
    how_bad="¿Cuándo le escribimos?",
    everything="Siempre: fallas, lentitud y mantenimientos",
    serious="Solo en las fallas graves",
    send="Pedir los avisos",
    privacy="Usamos la dirección solo para estos avisos. Cada mensaje trae un enlace para darse de "
    "baja, y en ese momento la borramos.",
    when_back="Avíseme cuando vuelva",
    when_back_lead="Le escribimos con cada novedad de esta falla y cuando se resuelva. Después "
    "borramos la dirección.",
    when_back_send="Avísenme",
    confirm_title="Confirmar los avisos",
    confirm_lead="Falta un paso: confirme que quiere recibir los avisos en su correo.",
    confirm_send="Sí, quiero los avisos",
    end_title="Dejar de recibir avisos",
    end_lead="Dejamos de escribirle y borramos su dirección.",
    end_send="No quiero más avisos",
    notes={
        Note.RECEIVED: NoteWords(
            title="Revise su correo",
            lead="Le enviamos un mensaje con un enlace para confirmar: ábralo dentro de las 24 "
            "horas. Si ya pidió avisos en el último día, no enviamos otro: use el que ya tiene. "
            "Mire también en el correo no deseado.",
        ),
        Note.CONFIRMED: NoteWords(
            title="Listo: le vamos a avisar",
            lead="Recibimos su confirmación. Cada mensaje trae un enlace para darse de baja.",
        ),
        Note.ENDED: NoteWords(
            title="No le escribimos más",
            lead="Borramos su dirección. Un mensaje que ya salió puede llegarle todavía.",
        ),
        Note.BAD_ADDRESS: NoteWords(
            title="Esa dirección de correo no sirve",
            lead="Escriba una dirección como ana@ejemplo.com, sin espacios, y con letras sin "
            "acento antes de la arroba. Vuelva atrás para corregirla.",
        ),
        Note.BAD_FORM: NoteWords(
            title="No pudimos leer el formulario",
            lead="Ábralo de nuevo y complételo otra vez.",
        ),
        Note.FOREIGN: NoteWords(
            title="El pedido no salió de esta página",
            lead="Por seguridad, los avisos se piden solo desde el formulario de esta página.",
        ),
        Note.TOO_MANY: NoteWords(
            title="Demasiados pedidos desde su conexión",
            lead="Espere una hora y pruebe otra vez. No hace falta pedirlo dos veces: si ya lo "
            "pidió, revise su correo.",
        ),
        Note.FULL: NoteWords(
            title="Ahora no podemos recibir pedidos",
            lead="No guardamos el suyo. Pruebe otra vez dentro de unos minutos. El estado de los "
            "servicios se sigue publicando en esta página.",
        ),
        Note.BAD_LINK: NoteWords(
            title="Ese enlace no sirve",
            lead="Puede estar cortado: ábralo de nuevo desde el mensaje, o copie la dirección "
            "entera.",
        ),
        Note.EXPIRED: NoteWords(
            title="Ese enlace venció",
            lead="Para confirmar hay 24 horas. Pida los avisos otra vez.",
        ),
    },
    html_lang="es-AR",
    confirm_subject="Confirme los avisos de {x}",
    confirm_body="Alguien pidió recibir en esta dirección los avisos de {x}. Si fue usted, "
    "confírmelo dentro de las 24 horas:",
    confirm_button="Confirmar los avisos",
    confirm_closing="Si no fue usted, no haga nada: no le escribimos más y borramos su dirección "
    "mañana.",
    see="Ver la página",
    components="Servicios: {c}",
    closing="Recibe este mensaje porque pidió los avisos de {x}.",
    closing_incident="Recibe este mensaje porque pidió que le avisemos de esta falla en {x}.",
    unsubscribe="Para no recibir más avisos:",
)
