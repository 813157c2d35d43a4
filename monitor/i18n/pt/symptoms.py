"""What a customer notices, in Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.forms.symptoms import Said, SymptomWords

_S = ServiceKind

_KEEP = "Se vir um erro ao enviar, guarde a mensagem e envie quando o serviço voltar."
_RETURNED = "Os e-mails enviados a você podem demorar ou voltar para quem os enviou."
_DELAYED = "Os e-mails enviados a você podem demorar."
_UNSEEN = "Você pode não ver seus e-mails."
_DOMAINS = "Sites e e-mail podem falhar."
_LISTENERS = "Seus ouvintes podem não conseguir se conectar."
_VIEWERS = "Quem assiste ou escuta pode não conseguir se conectar."
_NO_PASSWORDS = "Não digite senhas até resolvermos."
_REFUSE = (
    "Se o seu programa de e-mail mostrar um aviso, não o aceite nem digite sua senha até "
    "resolvermos."
)
_PLAYERS = "Alguns reprodutores podem não se conectar."
_ENCRYPTED = "Quem consulta de forma cifrada pode ficar sem resposta."

SYMPTOMS: Mapping[Symptom, SymptomWords] = {
    Symptom.SILENT: SymptomWords(
        phrase="sem resposta",
        plain=Said(does="não responde", effect="O que depende dele pode não funcionar."),
        by_service={
            _S.WEB: Said(
                does="não responde",
                effect="As páginas deste serviço não abrem ou não terminam de carregar.",
            ),
            _S.OUTGOING_MAIL: Said(
                does="não responde",
                effect="Os e-mails não saem. Se o seu programa mostrar um erro, guarde a mensagem "
                "e envie quando o serviço voltar.",
            ),
            _S.INCOMING_MAIL: Said(
                does="não recebe e-mails",
                effect="Os e-mails enviados a você esperam no servidor de quem os envia, que tenta "
                "de novo.",
            ),
            _S.MAILBOXES: Said(
                does="não responde",
                effect="Você não consegue ler seus e-mails no seu programa ou no celular.",
            ),
            _S.DNS: Said(does="não responde quando se busca um domínio", effect=_DOMAINS),
            _S.RADIO: Said(does="não responde", effect="Seus ouvintes não conseguem se conectar."),
            _S.STREAM: Said(
                does="não responde", effect="Quem assiste ou escuta não consegue se conectar."
            ),
        },
    ),
    Symptom.ERRORS: SymptomWords(
        phrase="com erros",
        plain=Said(does="responde com erros", effect="Pode falhar quando você o usa."),
        by_service={
            _S.WEB: Said(does="mostra erros", effect="Ao abrir uma página você pode ver um erro."),
            _S.OUTGOING_MAIL: Said(does="responde com erros", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="responde com erros", effect=_RETURNED),
            _S.MAILBOXES: Said(does="responde com erros", effect=_UNSEEN),
            _S.DNS: Said(does="responde com erros", effect=_DOMAINS),
            _S.RADIO: Said(does="responde com erros", effect=_LISTENERS),
            _S.STREAM: Said(does="responde com erros", effect=_VIEWERS),
        },
    ),
    Symptom.NOT_FOUND: SymptomWords(
        phrase="inacessível pelo nome",
        plain=Said(does="não é encontrado pelo nome", effect="Quem o procura pelo nome não chega."),
        by_service={
            _S.WEB: Said(
                does="não é encontrado pelo nome", effect="As páginas deste serviço não abrem."
            ),
            _S.OUTGOING_MAIL: Said(does="não é encontrado pelo nome", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="não é encontrado pelo nome", effect=_RETURNED),
            _S.MAILBOXES: Said(does="não é encontrado pelo nome", effect=_UNSEEN),
            _S.DNS: Said(does="não é encontrado pelo nome", effect=_DOMAINS),
            _S.RADIO: Said(does="não é encontrado pelo nome", effect=_LISTENERS),
            _S.STREAM: Said(does="não é encontrado pelo nome", effect=_VIEWERS),
        },
    ),
    Symptom.NO_DOMAINS: SymptomWords(
        phrase="sem encontrar domínios",
        plain=Said(does="não encontra domínios", effect=_DOMAINS),
        by_service={},
    ),
    Symptom.WRONG_DATA: SymptomWords(
        phrase="com dados errados",
        plain=Said(
            does="entrega dados errados",
            effect="O que você recebe pode estar incompleto ou errado.",
        ),
        by_service={
            _S.WEB: Said(
                does="entrega dados errados",
                effect="O que você vê em uma página pode estar incompleto ou errado.",
            ),
            _S.OUTGOING_MAIL: Said(does="entrega dados errados", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="entrega dados errados", effect=_RETURNED),
            _S.MAILBOXES: Said(does="entrega dados errados", effect=_UNSEEN),
            _S.DNS: Said(
                does="entrega dados errados", effect="Sites e e-mail podem ir para outro lugar."
            ),
            _S.RADIO: Said(
                does="entrega dados errados", effect="Seus ouvintes podem não escutar a rádio."
            ),
            _S.STREAM: Said(does="entrega dados errados", effect="A reprodução pode falhar."),
        },
    ),
    Symptom.OLD_DATA: SymptomWords(
        phrase="com dados antigos",
        plain=Said(does="entrega dados antigos", effect="Você pode não ver uma mudança recente."),
        by_service={
            _S.WEB: Said(
                does="mostra dados antigos", effect="Você pode não ver uma mudança recente."
            ),
        },
    ),
    Symptom.PARTIAL: SymptomWords(
        phrase="com respostas incompletas",
        plain=Said(
            does="não responde a todas as consultas",
            effect="Pode demorar ou falhar quando você o usa.",
        ),
        by_service={
            _S.DNS: Said(
                does="não responde a todas as consultas",
                effect="Sites e e-mail podem demorar ou falhar.",
            ),
        },
    ),
    Symptom.UNSAFE: SymptomWords(
        phrase="sem conexão segura",
        plain=Said(does="não oferece uma conexão segura", effect=_NO_PASSWORDS),
        by_service={
            _S.WEB: Said(does="mostra um aviso de segurança", effect=_NO_PASSWORDS),
            _S.OUTGOING_MAIL: Said(does="não oferece uma conexão segura", effect=_REFUSE),
            _S.INCOMING_MAIL: Said(does="não oferece uma conexão segura", effect=_DELAYED),
            _S.MAILBOXES: Said(does="não oferece uma conexão segura", effect=_REFUSE),
            _S.DNS: Said(does="não oferece uma conexão segura", effect=_ENCRYPTED),
            _S.RADIO: Said(does="não oferece uma conexão segura", effect=_PLAYERS),
            _S.STREAM: Said(does="não oferece uma conexão segura", effect=_PLAYERS),
        },
    ),
    Symptom.UNSECURED: SymptomWords(
        phrase="sem conexão segura",
        plain=Said(
            does="não consegue fazer uma conexão segura", effect="Pode falhar quando você o usa."
        ),
        by_service={
            _S.WEB: Said(
                does="não consegue fazer uma conexão segura",
                effect="As páginas deste serviço não abrem.",
            ),
            _S.OUTGOING_MAIL: Said(does="não consegue fazer uma conexão segura", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="não consegue fazer uma conexão segura", effect=_DELAYED),
            _S.MAILBOXES: Said(does="não consegue fazer uma conexão segura", effect=_UNSEEN),
            _S.DNS: Said(does="não consegue fazer uma conexão segura", effect=_ENCRYPTED),
            _S.RADIO: Said(does="não consegue fazer uma conexão segura", effect=_LISTENERS),
            _S.STREAM: Said(does="não consegue fazer uma conexão segura", effect=_VIEWERS),
        },
    ),
    Symptom.NO_ACCESS: SymptomWords(
        phrase="com um acesso recusado",
        plain=Said(
            does="recusa o acesso da nossa conta de teste",
            effect="Se também recusar o seu, não apague nem altere sua conta.",
        ),
        by_service={},
    ),
    Symptom.NO_SOUND: SymptomWords(
        phrase="sem som",
        plain=Said(
            does="está sem som",
            effect="Seus ouvintes escutam silêncio ou não conseguem se conectar.",
        ),
        by_service={},
    ),
    Symptom.NO_MEDIA: SymptomWords(
        phrase="sem transmissão",
        plain=Said(
            does="não transmite",
            effect="Quem assiste ou escuta não recebe nada ou não consegue se conectar.",
        ),
        by_service={},
    ),
    Symptom.FULL: SymptomWords(
        phrase="sem lugar para mais ouvintes",
        plain=Said(
            does="não aceita mais ouvintes", effect="Quem se conecta agora não consegue escutar."
        ),
        by_service={},
    ),
    Symptom.CUTTING: SymptomWords(
        phrase="com possíveis cortes",
        plain=Said(does="pode ter cortes", effect="Seus ouvintes podem escutar cortes."),
        by_service={
            _S.STREAM: Said(
                does="pode ter cortes", effect="Quem assiste ou escuta pode notar cortes."
            ),
        },
    ),
    Symptom.STUCK: SymptomWords(
        phrase="sem avançar",
        plain=Said(does="não avança", effect="A reprodução para ou não começa."),
        by_service={},
    ),
    Symptom.BEHIND: SymptomWords(
        phrase="com possível atraso",
        plain=Said(
            does="pode chegar com atraso", effect="O que se vê ou escuta pode chegar tarde."
        ),
        by_service={},
    ),
    Symptom.OLD_PROTOCOL: SymptomWords(
        phrase="com possível lentidão",
        plain=Said(does="pode demorar mais do que o habitual", effect="Continua funcionando."),
        by_service={},
    ),
    Symptom.SLOW: SymptomWords(
        phrase="com lentidão",
        plain=Said(
            does="funciona com lentidão", effect="Demora cerca de {v} s; o habitual é {w} s."
        ),
        by_service={},
    ),
    Symptom.UNSEEN: SymptomWords(
        phrase="sem dados",
        plain=Said(does="não pode ser verificado agora", effect="Pode estar funcionando."),
        by_service={},
    ),
    Symptom.UNNOTICED: SymptomWords(
        phrase="com renovação pendente",
        plain=Said(does="tem um certificado a renovar", effect="Você não nota nada."),
        by_service={},
    ),
}
