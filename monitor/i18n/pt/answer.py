"""The answer at the top of the page, in Portuguese."""

from __future__ import annotations

from monitor.domain.rollup import Shown
from monitor.i18n.forms.answer import AnswerSentences

_OURS = (
    "Se você usa este serviço, o problema é nosso.",
    "Se você usa estes serviços, o problema é nosso.",
)


ANSWER = AnswerSentences(
    stale="Estes dados são das {t}.",
    stale_lead="A página não está sendo atualizada: o que segue pode ter mudado.",
    all_unknown="No momento não podemos verificar os serviços.",
    all_unknown_lead="Nosso monitoramento falhou; isso não significa que estejam fora do ar.",
    general="Há uma falha geral.",
    general_lead="O problema é nosso.",
    titles={
        Shown.DOWN: ("O serviço {x} não funciona.", "{x} não funcionam."),
        Shown.REPAIR: ("Estamos consertando {x}.", "Estamos consertando {x}."),
        Shown.SLOW: (
            "O serviço {x} funciona com lentidão.",
            "{x} funcionam com lentidão.",
        ),
        Shown.MAINTENANCE: ("Manutenção em andamento: {x}.", "Manutenção em andamento: {x}."),
        Shown.NO_DATA: ("Não temos dados de {x}.", "Não temos dados de {x}."),
    },
    leads={
        Shown.DOWN: _OURS,
        Shown.REPAIR: _OURS,
        Shown.SLOW: (
            "Se você percebe lentidão, o problema é nosso.",
            "Se você percebe lentidão, o problema é nosso.",
        ),
        Shown.MAINTENANCE: (
            "Estava prevista e termina {t}.",
            "Estava prevista e termina {t}.",
        ),
        Shown.NO_DATA: ("Pode estar funcionando.", "Podem estar funcionando."),
    },
    one_does="o serviço {x} {does}",
    troubled="{x} têm falhas.",
    clauses={
        Shown.REPAIR: ("estamos consertando {x}", "estamos consertando {x}"),
        Shown.SLOW: (
            "o serviço {x} funciona com lentidão",
            "{x} funcionam com lentidão",
        ),
        Shown.MAINTENANCE: (
            "o serviço {x} está em manutenção",
            "{x} estão em manutenção",
        ),
        Shown.NO_DATA: ("não temos dados de {x}", "não temos dados de {x}"),
    },
    stable="Todos os serviços estão estáveis.",
    stable_lead="Nossos testes não veem nenhuma falha. Se algo não funciona, veja o que fazer.",
    stable_link="veja o que fazer",
    told=("Há um incidente em aberto.", "Há {n} incidentes em aberto."),
    told_leads=(
        "Uma pessoa de Operações o informou. Nossos testes não veem nenhuma falha.",
        "Uma pessoa de Operações os informou. Nossos testes não veem nenhuma falha.",
    ),
    told_clauses=("há um incidente em aberto", "há {n} incidentes em aberto"),
    also="Além disso, {clauses}.",
    rest="O restante está estável.",
    many="{n} serviços",
    at_time="às {t}",
    on_day_at_time="{day}, às {t}",
)
