"""What is said in Portuguese to who asks whether a failure concerns them."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.i18n.forms.customers import AffectedWords, AnswerWords

AFFECTED = AffectedWords(
    title="Isso me afeta?",
    lead="Digite o seu domínio e mostramos como estão os serviços que ele usa.",
    name="Seu domínio",
    hint="Por exemplo exemplo.com, ou o seu e-mail nesse domínio. Não guardamos o que você digita.",
    send="Consultar",
    all_services="Todos os serviços",
    other_services="Os demais serviços",
    answers={
        NameAnswer.PAST: AnswerWords(
            title="Estes são os serviços que {x} usa.",
            lead="Os dados não são de agora: acima está a hora deles.",
        ),
        NameAnswer.FAILING: AnswerWords(
            title="Sim: há uma falha no que {x} usa.",
            lead="O problema é nosso. Abra o serviço abaixo para ver o que se sabe.",
        ),
        NameAnswer.MAINTENANCE: AnswerWords(
            title="Sim: há uma manutenção no que {x} usa.",
            lead="Estava prevista. A página principal diz até quando.",
        ),
        NameAnswer.NO_DATA: AnswerWords(
            title="Não temos dados de tudo o que {x} usa.",
            lead="Pode estar funcionando: é o nosso monitoramento que falha.",
        ),
        NameAnswer.WELL: AnswerWords(
            title="Não vemos nenhuma falha no que {x} usa.",
            lead="Se algo não funcionar, a página principal diz o que fazer.",
        ),
        NameAnswer.UNKNOWN: AnswerWords(
            title="Não sabemos quais serviços {x} usa.",
            lead="Veja se está escrito corretamente. Abaixo está o estado de todos.",
        ),
        NameAnswer.NO_NAME: AnswerWords(
            title="Isso não é um domínio.",
            lead="Digite um como exemplo.com, ou um e-mail como ana@exemplo.com.",
        ),
        NameAnswer.TOO_MANY: AnswerWords(
            title="Há consultas demais vindas da sua conexão.",
            lead="Espere alguns minutos e tente de novo. Abaixo está o estado dos serviços.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="Agora não podemos procurar o seu domínio.",
            lead="Abaixo está o estado de todos os serviços.",
        ),
    },
)
