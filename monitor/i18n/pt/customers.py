"""What is said in Portuguese to customers who ask, or who say that something fails."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.domain.customers.notes import ProblemNote
from monitor.i18n.forms.customers import AffectedWords, AnswerWords, ProblemWords

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
            title="Chegam consultas demais neste momento.",
            lead="Espere alguns minutos e tente de novo. Abaixo está o estado dos serviços.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="Agora não podemos procurar o seu domínio.",
            lead="Abaixo está o estado de todos os serviços.",
        ),
    },
)

PROBLEMS = ProblemWords(
    title="Informar um problema",
    lead="Conte o que não funciona. Verificamos a qualquer hora.",
    link="Informar aqui",
    kind="Do que se trata?",
    fails="Algo não funciona",
    design="O design ou o software do meu site",
    which="Em qual serviço?",
    no_idea="Não sei qual é",
    text="O que acontece?",
    text_hint="Diga o que tentou fazer e o que viu. Não escreva senhas.",
    send="Enviar",
    after="O que acontece depois",
    after_watched="A equipe de Operações atende as falhas a qualquer hora, também à noite.",
    after_look="Com o seu aviso verificamos de novo esse serviço.",
    after_answer="Se não for uma falha nossa, quem responde é {x}:",
    received="Recebemos o seu aviso",
    reference="Referência",
    keep_it="Guarde a referência e cite-a quando nos escrever: assim não precisa contar de novo.",
    who_answers="Quem responde",
    within="A resposta vem dentro de {d} de atendimento.",
    your_service="Seu serviço agora",
    notes={
        ProblemNote.KNOWN: AnswerWords(
            title="Já sabemos de uma falha nesse serviço.",
            lead="A equipe de Operações já foi avisada. As novidades estão na página do serviço.",
        ),
        ProblemNote.MAINTENANCE: AnswerWords(
            title="Há uma manutenção nesse serviço.",
            lead="Estava prevista. Se não funcionar quando terminar, avise de novo.",
        ),
        ProblemNote.LOOKING: AnswerWords(
            title="Nosso monitoramento não vê uma falha aí. Estamos verificando de novo.",
            lead="Se houver uma falha, ela aparece nesta página em poucos minutos.",
        ),
        ProblemNote.UNSAID: AnswerWords(
            title="Uma pessoa vai ler.",
            lead="Abaixo está quem e quando. A página principal mostra se há uma falha agora.",
        ),
        ProblemNote.DESIGN: AnswerWords(
            title="Sua pergunta vai para a equipe de design e software.",
            lead="Abaixo está o horário de atendimento.",
        ),
        ProblemNote.KEPT: AnswerWords(
            title="Guardamos o seu aviso.",
            lead="Nosso sistema não se atualiza neste momento: ele o recebe assim que voltar.",
        ),
        ProblemNote.NO_TEXT: AnswerWords(
            title="Falta dizer o que acontece.",
            lead="Escreva ao menos uma frase, de até 2.000 letras.",
        ),
        ProblemNote.BAD_FORM: AnswerWords(
            title="Não conseguimos ler o formulário.",
            lead="Preencha-o de novo.",
        ),
        ProblemNote.FOREIGN: AnswerWords(
            title="O aviso não veio desta página.",
            lead="Por segurança são aceitos só os deste formulário.",
        ),
        ProblemNote.TOO_MANY: AnswerWords(
            title="Chegam avisos demais neste momento.",
            lead="Este não foi guardado. Espere alguns minutos, ou escreva pelos meios abaixo.",
        ),
        ProblemNote.FULL: AnswerWords(
            title="Agora não podemos receber avisos.",
            lead="O seu não foi guardado. Tente de novo em alguns minutos, ou escreva pelos meios "
            "abaixo.",
        ),
    },
)
