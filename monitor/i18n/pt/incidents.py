"""The sentences of incidents' automatic texts, in Portuguese."""

from __future__ import annotations

from monitor.i18n.forms.incidents import IncidentSentences

INCIDENTS = IncidentSentences(
    since="Desde as {t} o serviço {c} {does}.",
    since_too="O problema atinge também o serviço {c}: desde as {t} {does}.",
    since_again="O problema continua: desde as {t} o serviço {c} {does}.",
    fell_again="O serviço {c} voltou a falhar às {t}: {does}.",
    unstable=(
        "O serviço {c} falha e volta repetidas vezes. O incidente continua aberto até que fique "
        "estável."
    ),
    worsened="O serviço {c} piorou e agora {does}.",
    began_earlier="O problema do serviço {c} começou às {t}, antes do que informamos.",
    unwatched="O serviço {c} deixou de ser monitorado às {t}; não sabemos se voltou a funcionar.",
    watched_otherwise=(
        "O serviço {c} é monitorado de outra forma desde as {t}; não vimos o fim da falha."
    ),
    watched_again="O serviço {c} voltou a ser monitorado: desde as {t} {does}.",
    depends_on="Depende de {c}.",
    alerted="A equipe de Operações já foi avisada.",
    alerted_of_failure="A equipe de Operações já foi avisada da falha.",
    no_news="Ainda não há novidades.",
    still_since="O serviço {c} continua {phrase} desde as {t}.",
    still_many_since="Continuam afetados {c}; o primeiro, desde as {t}.",
    looked_after="A equipe de Operações está cuidando do problema.",
    back="O serviço {c} voltou a funcionar às {t}.",
    back_to_normal="O serviço {c} voltou a funcionar normalmente às {t}.",
    all_back="{s} voltaram a funcionar; o último, às {t}.",
    still="O serviço {c} continua {phrase}.",
    still_many="Continuam afetados {c}.",
    watch="Vamos observá-lo por {d} antes de considerá-lo resolvido.",
    watch_all="Vamos observá-los por {d} antes de considerar o problema resolvido.",
    normal="O serviço {c} funciona normalmente desde as {t}.",
    all_normal="{s} funcionam normalmente desde as {t}.",
    out="{s} fora do ar por {d}, que contam em {month}.",
    out_uncounted="{s} fora do ar por {d}.",
    out_partly="{s} fora do ar por {d}; sem a manutenção prevista contam {k} em {month}.",
    out_planned="{s} fora do ar por {d}; não contam, porque a manutenção estava prevista.",
    slow_or_out="{s} com lentidão, com falhas ou fora do ar por {d}; o tempo fora do ar conta em "
    "{month}.",
    slow_or_out_uncounted="{s} com lentidão, com falhas ou fora do ar por {d}.",
    was_slow="{s} lento por {d}.",
    was_faulty="{s} com falhas por {d}.",
    longest="O tempo fora do ar de cada um conta em {month}; o mais longo, {c}: {d}.",
    it_was="Ficou",
    name_was="O serviço {c} ficou",
    in_time="{t}",
    on_day="{t} de {day}",
    affected="afetado",
    many="{n} serviços",
    all_named="Os serviços {c}",
    all_many="Os {n} serviços",
    name_and_more="{c} e mais {n} serviços",
    out_of_service=("fora do ar", "não funciona", "Se você usa este serviço, o problema é nosso."),
    slow=("com lentidão", "funciona com lentidão", "Se você percebe lentidão, o problema é nosso."),
    clock_set=(
        "O relógio do nosso monitoramento estava errado e foi corrigido. O que ele registrou com"
        " o horário errado não vale: não temos dados desse período."
    ),
    over_limit="Demora mais de {v}; o habitual é {w}.",
)
