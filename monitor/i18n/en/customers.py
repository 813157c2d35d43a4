"""What is said in English to customers who ask, or who say that something fails."""

from __future__ import annotations

from monitor.domain.customers.answers import NameAnswer
from monitor.domain.customers.notes import ProblemNote
from monitor.i18n.forms.customers import AffectedWords, AnswerWords, ProblemWords

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
            title="Too many questions are coming in now.",
            lead="Wait a few minutes and try again. Below is the state of all services.",
        ),
        NameAnswer.UNAVAILABLE: AnswerWords(
            title="We cannot look your domain up now.",
            lead="Below is the state of all services.",
        ),
    },
)

PROBLEMS = ProblemWords(
    title="Report a problem",
    lead="Tell us what does not work. We look at it at any hour.",
    link="Report it here",
    kind="What is it about?",
    fails="Something does not work",
    design="My site's design or software",
    which="In which service?",
    no_idea="I do not know",
    text="What happens?",
    text_hint="Say what you tried and what you saw. Write no passwords.",
    send="Send the report",
    after="What happens next",
    after_watched="Operations works on failures around the clock, at night too.",
    after_look="Your report makes us look at that service again.",
    after_answer="If it is no failure of ours, you get an answer from {x}:",
    received="We have your report",
    reference="Reference",
    keep_it="Keep the reference and quote it when you write to us: you need not tell it again.",
    who_answers="Who answers you",
    within="They answer within {d} of their hours.",
    your_service="Your service now",
    notes={
        ProblemNote.KNOWN: AnswerWords(
            title="We know of a failure in that service.",
            lead="Operations has been alerted. The service's page has the news.",
        ),
        ProblemNote.MAINTENANCE: AnswerWords(
            title="That service is under maintenance.",
            lead="It was planned. If it does not work once that is over, tell us again.",
        ),
        ProblemNote.LOOKING: AnswerWords(
            title="Our checks see no failure there. We look again now.",
            lead="If there is a failure, it appears on this page within minutes.",
        ),
        ProblemNote.UNSAID: AnswerWords(
            title="A person reads it.",
            lead="Who and when is said below. The main page shows whether there is a failure now.",
        ),
        ProblemNote.DESIGN: AnswerWords(
            title="Your question goes to the team for design and software.",
            lead="Their hours are below.",
        ),
        ProblemNote.KEPT: AnswerWords(
            title="We stored it.",
            lead="Our system is not updating at the moment: it gets it as soon as it is back.",
        ),
        ProblemNote.NO_TEXT: AnswerWords(
            title="Say what happens.",
            lead="Write one sentence at least, of up to 2,000 characters.",
        ),
        ProblemNote.BAD_FORM: AnswerWords(
            title="We could not read the form.",
            lead="Please fill it in again.",
        ),
        ProblemNote.FOREIGN: AnswerWords(
            title="The report did not come from this page.",
            lead="For safety only those of this form are taken.",
        ),
        ProblemNote.TOO_MANY: AnswerWords(
            title="Too many reports are coming in now.",
            lead="This one was not stored. Wait a few minutes, or write to us as said below.",
        ),
        ProblemNote.FULL: AnswerWords(
            title="We cannot take reports now.",
            lead="Yours was not stored. Try again in a few minutes, or write to us as said below.",
        ),
    },
)
