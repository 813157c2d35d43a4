"""What is said to subscribers in Portuguese."""

from __future__ import annotations

from monitor.domain.subscriptions.note import Note
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords, WayWords

SUBSCRIBERS = SubscriberWords(
    title="Receber avisos por e-mail",
    any_title="Receber avisos",
    lead="Escrevemos para você quando começa uma falha ou uma manutenção, a cada novidade e quando "
    "termina.",
    link="E-mail",
    email="Seu endereço de e-mail",
    which="De quais serviços?",
    which_hint="Se não marcar nenhum, avisamos de todos.",
    how_bad="Quando devemos escrever?",
    everything="Sempre: falhas, lentidão e manutenções",
    serious="Só nas falhas graves",
    send="Pedir os avisos",
    privacy="Usamos o endereço só para estes avisos. Cada mensagem traz um link para cancelar, e "
    "nesse momento o apagamos.",
    when_back="Avise-me quando voltar",
    when_over="Avise-me quando for dada por resolvida",
    when_back_lead="Escrevemos para você a cada novidade desta falha e quando for resolvida. "
    "Depois apagamos o endereço.",
    when_back_send="Avisem-me",
    other_ways="Também por outros meios",
    ways={
        "webhook": WayWords(
            title="Webhook",
            lead="Para programas: enviamos cada novidade como JSON, no formato do Statuspage, a um "
            "endereço https seu. O primeiro envio traz um link para confirmar.",
            label="Endereço https que recebe os avisos",
        ),
        "slack": WayWords(
            title="Slack",
            lead="Escrevemos no canal que você escolher. Crie um «incoming webhook» no Slack e "
            "cole aqui o endereço. A primeira mensagem traz um link para confirmar.",
            label="Endereço do incoming webhook",
        ),
        "telegram": WayWords(
            title="Telegram",
            lead="Abra o bot e toque em Iniciar. Para não receber mais avisos, escreva /stop.",
        ),
    },
    way_privacy="Usamos o endereço só para estes avisos. Cada mensagem traz um link para cancelar, "
    "e nesse momento o apagamos.",
    bot_everything="Todos os avisos pelo Telegram",
    bot_serious="Só as falhas graves, pelo Telegram",
    when_back_bot="Avisem-me pelo Telegram",
    confirm_title="Confirmar os avisos",
    confirm_lead="Falta um passo: confirme que quer receber os avisos.",
    confirm_send="Sim, quero os avisos",
    end_title="Deixar de receber avisos",
    end_lead="Toque no botão: deixamos de escrever para você e apagamos seu endereço.",
    end_send="Não quero mais avisos",
    notes={
        Note.RECEIVED: NoteWords(
            title="Verifique seu e-mail",
            lead="Enviamos uma mensagem com um link para confirmar: abra-o dentro de 24 horas. Se "
            "você já pediu avisos no último dia, não enviamos outra: use a que já tem. Veja "
            "também na caixa de spam.",
        ),
        Note.RECEIVED_ELSEWHERE: NoteWords(
            title="Falta confirmar",
            lead="Enviamos a esse endereço uma mensagem com um link para confirmar: abra dentro de "
            "24 horas. Se já pediu avisos no último dia, não enviamos outra: use a que você tem.",
        ),
        Note.CONFIRMED: NoteWords(
            title="Pronto: vamos avisar você",
            lead="Recebemos sua confirmação. Cada mensagem traz um link para cancelar.",
        ),
        Note.ENDED: NoteWords(
            title="Não escrevemos mais para você",
            lead="Apagamos seu endereço. Uma mensagem que já saiu ainda pode chegar.",
        ),
        Note.BAD_ADDRESS: NoteWords(
            title="Esse endereço de e-mail não serve",
            lead="Escreva um endereço como ana@exemplo.com, sem espaços, e com letras sem acento "
            "antes da arroba.",
        ),
        Note.BAD_HOOK: NoteWords(
            title="Não podemos enviar avisos a esse endereço",
            lead="Ele precisa começar com https:// e levar por um nome, não por um número, a um "
            "servidor público na porta 443 ou 8443, sem usuário nem senha. Um endereço do Slack "
            "(https://hooks.slack.com/services/…) é colado inteiro e na parte do Slack.",
        ),
        Note.BAD_FORM: NoteWords(
            title="Não conseguimos ler o formulário",
            lead="Preencha-o outra vez.",
        ),
        Note.FOREIGN: NoteWords(
            title="O pedido não saiu desta página",
            lead="Por segurança, os avisos são pedidos só no formulário desta página.",
        ),
        Note.TOO_MANY: NoteWords(
            title="Pedidos demais a partir da sua conexão",
            lead="Espere uma hora e tente outra vez. Não é preciso pedir duas vezes: se já pediu, "
            "procure a mensagem com o link.",
        ),
        Note.FULL: NoteWords(
            title="Agora não podemos receber pedidos",
            lead="Não guardamos o seu. Tente outra vez dentro de alguns minutos. O estado dos "
            "serviços continua sendo publicado nesta página.",
        ),
        Note.BAD_LINK: NoteWords(
            title="Esse link não serve",
            lead="Pode estar cortado: abra-o de novo a partir da mensagem, ou copie o endereço "
            "inteiro.",
        ),
        Note.EXPIRED: NoteWords(
            title="Esse link expirou",
            lead="Há 24 horas para confirmar. Peça os avisos outra vez.",
        ),
    },
    html_lang="pt-BR",
    confirm_subject="Confirme os avisos de {x}",
    confirm_body="Alguém pediu para receber neste endereço os avisos de {x}. Se foi você, confirme "
    "dentro de 24 horas:",
    confirm_button="Confirmar os avisos",
    confirm_closing="Se não foi você, não faça nada: não escrevemos mais e apagamos seu endereço "
    "amanhã.",
    confirm_elsewhere="Alguém pediu para receber aqui os avisos de {x}. Se foi você, confirme "
    "dentro de 24 horas:",
    confirm_elsewhere_closing="Se não foi você, não faça nada: não escrevemos mais e apagamos este "
    "endereço amanhã.",
    bot_started="Pronto: vamos avisar você. Para não receber mais avisos, escreva /stop.",
    see="Ver a página",
    components="Serviços: {c}",
    closing="Você recebe esta mensagem porque pediu os avisos de {x}.",
    closing_incident="Você recebe esta mensagem porque pediu para ser avisado desta falha em {x}.",
    unsubscribe="Para não receber mais avisos:",
)
