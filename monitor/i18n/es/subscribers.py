"""What is said to subscribers in Spanish."""

from __future__ import annotations

from monitor.domain.subscriptions.note import Note
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords, WayWords

SUBSCRIBERS = SubscriberWords(
    title="Recibir avisos por correo",
    any_title="Recibir avisos",
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
    when_over="Avíseme cuando se dé por resuelto",
    when_back_lead="Le escribimos con cada novedad de esta falla y cuando se resuelva. Después "
    "borramos la dirección.",
    when_back_send="Avísenme",
    other_ways="También por otros medios",
    ways={
        "webhook": WayWords(
            title="Webhook",
            lead="Para programas: enviamos cada novedad como JSON, con la forma de Statuspage, a "
            "una dirección https suya. El primer envío trae un enlace para confirmar.",
            label="Dirección https que recibe los avisos",
        ),
        "slack": WayWords(
            title="Slack",
            lead="Escribimos en el canal que usted elija. Cree un «incoming webhook» en Slack y "
            "pegue aquí su dirección. El primer mensaje trae un enlace para confirmar.",
            label="Dirección del incoming webhook",
        ),
        "telegram": WayWords(
            title="Telegram",
            lead="Abra el bot y toque Iniciar. Para no recibir más avisos, escriba /stop.",
        ),
    },
    way_privacy="Usamos la dirección solo para estos avisos. Cada mensaje trae un enlace para "
    "darse de baja, y en ese momento la borramos.",
    bot_everything="Todos los avisos por Telegram",
    bot_serious="Solo las fallas graves, por Telegram",
    when_back_bot="Avísenme por Telegram",
    confirm_title="Confirmar los avisos",
    confirm_lead="Falta un paso: confirme que quiere recibir los avisos.",
    confirm_send="Sí, quiero los avisos",
    end_title="Dejar de recibir avisos",
    end_lead="Toque el botón: dejamos de escribirle y borramos su dirección.",
    end_send="No quiero más avisos",
    notes={
        Note.RECEIVED: NoteWords(
            title="Revise su correo",
            lead="Le enviamos un mensaje con un enlace para confirmar: ábralo dentro de las 24 "
            "horas. Si ya pidió avisos en el último día, no enviamos otro: use el que ya tiene. "
            "Mire también en el correo no deseado.",
        ),
        Note.RECEIVED_ELSEWHERE: NoteWords(
            title="Falta confirmar",
            lead="Enviamos a esa dirección un mensaje con un enlace para confirmar: ábralo dentro "
            "de las 24 horas. Si ya pidió avisos en el último día, no enviamos otro: use el que ya "
            "tiene.",
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
            "acento antes de la arroba.",
        ),
        Note.BAD_HOOK: NoteWords(
            title="A esa dirección no podemos enviar avisos",
            lead="Tiene que empezar con https:// y llevar por su nombre, no por un número, a un "
            "servidor público en el puerto 443 u 8443, sin usuario ni contraseña. Una dirección de "
            "Slack (https://hooks.slack.com/services/…) se pega entera y en la parte de Slack.",
        ),
        Note.BAD_FORM: NoteWords(
            title="No pudimos leer el formulario",
            lead="Complételo otra vez.",
        ),
        Note.FOREIGN: NoteWords(
            title="El pedido no salió de esta página",
            lead="Por seguridad, los avisos se piden solo desde el formulario de esta página.",
        ),
        Note.TOO_MANY: NoteWords(
            title="Demasiados pedidos desde su conexión",
            lead="Espere una hora y pruebe otra vez. No hace falta pedirlo dos veces: si ya lo "
            "pidió, busque el mensaje con el enlace.",
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
    confirm_elsewhere="Alguien pidió recibir aquí los avisos de {x}. Si fue usted, confírmelo "
    "dentro de las 24 horas:",
    confirm_elsewhere_closing="Si no fue usted, no haga nada: no escribimos más y borramos esta "
    "dirección mañana.",
    bot_started="Listo: le vamos a avisar. Para no recibir más avisos, escriba /stop.",
    see="Ver la página",
    components="Servicios: {c}",
    closing="Recibe este mensaje porque pidió los avisos de {x}.",
    closing_incident="Recibe este mensaje porque pidió que le avisemos de esta falla en {x}.",
    unsubscribe="Para no recibir más avisos:",
)
