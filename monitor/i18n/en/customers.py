"""What is said in English to who asks whether a failure concerns them."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.i18n.forms.customers import AffectedWords, AnswerWords

AFFECTED = AffectedWords(
    title="Does it affect me?",
    lead="Type your domain, and we show you how the services that it uses are.",
    name="Your domain",
    hint="For example example.com, or your e-mail address there. We do not store what you type.",
    send="Look it up",
    all_services="All services",
    other_services="The other services",
    answers={
        NameAnswer.PAST: AnswerWords(
            title="These are the services that {x} uses.",
            lead="The data is not of now: the time is above.",
        ),
        NameAnswer.FAILING: AnswerWords(
            title="Yes: there is a failure in what {x} uses.",
            lead="The problem is ours. Open the service below to see what is known.",
        ),
        NameAnswer.MAINTENANCE: AnswerWords(
            title="Yes: there is maintenance in what {x} uses.",
            lead="It was planned. The main page says until when.",
        ),
        NameAnswer.NO_DATA: AnswerWords(
            title="We do not have data on all that {x} uses.",
            lead="It may be working: it is our monitoring that fails.",
        ),
        NameAnswer.WELL: AnswerWords(
            title="We see no failure in what {x} uses.",
            lead="If something fails for you, the main page says what to do.",
        ),
        NameAnswer.UNKNOWN: AnswerWords(
            title="We do not know which services {x} uses.",
            lead="Check the spelling. Below is the state of all of them.",
        ),
        NameAnswer.NO_NAME: AnswerWords(
            title="That is not a domain.",
            lead="Type one like example.com, or an e-mail address like ana@example.com.",
        ),
        NameAnswer.TOO_MANY: AnswerWords(
            title="There are too many questions from your connection.",
            lead="Wait a few minutes and try again. Below is the state of all services.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="We cannot look your domain up now.",
            lead="Below is the state of all services.",
        ),
    },
)
