"""What a customer notices, in English."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.forms.symptoms import Said, SymptomWords

_S = ServiceKind

_KEEP = (
    "If you see an error when you send mail, keep the message and send it once the service is back."
)
_RETURNED = "Mail sent to you may be delayed or returned to its sender."
_DELAYED = "Mail sent to you may be delayed."
_UNSEEN = "You may not see your mail."
_DOMAINS = "Sites and mail may fail."
_LISTENERS = "Your listeners may be unable to connect."
_VIEWERS = "Viewers and listeners may be unable to connect."
_NO_PASSWORDS = "Enter no passwords until we fix it."
_REFUSE = (
    "If your mail program shows a warning, do not accept it. Enter no password until we fix it."
)
_PLAYERS = "Some players may not connect."
_ENCRYPTED = "Encrypted lookups may stay without an answer."

SYMPTOMS: Mapping[Symptom, SymptomWords] = {
    Symptom.SILENT: SymptomWords(
        phrase="not responding",
        plain=Said(does="is not responding", effect="What depends on it may not work."),
        by_service={
            _S.WEB: Said(
                does="is not responding",
                effect="The pages of this service do not open, or do not finish loading.",
            ),
            _S.OUTGOING_MAIL: Said(
                does="is not responding",
                effect="Mail cannot be sent. If your program shows an error, keep the message and "
                "send it once the service is back.",
            ),
            _S.INCOMING_MAIL: Said(
                does="is not receiving mail",
                effect="Mail sent to you waits on the sender's server, which tries again.",
            ),
            _S.MAILBOXES: Said(
                does="is not responding",
                effect="You cannot read your mail in your program or on your phone.",
            ),
            _S.DNS: Said(does="does not respond when a domain is looked up", effect=_DOMAINS),
            _S.RADIO: Said(does="is not responding", effect="Your listeners cannot connect."),
            _S.STREAM: Said(
                does="is not responding", effect="Viewers and listeners cannot connect."
            ),
        },
    ),
    Symptom.ERRORS: SymptomWords(
        phrase="showing errors",
        plain=Said(does="answers with errors", effect="It may fail when you use it."),
        by_service={
            _S.WEB: Said(does="shows errors", effect="You may see an error when you open a page."),
            _S.OUTGOING_MAIL: Said(does="answers with errors", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="answers with errors", effect=_RETURNED),
            _S.MAILBOXES: Said(does="answers with errors", effect=_UNSEEN),
            _S.DNS: Said(does="answers with errors", effect=_DOMAINS),
            _S.RADIO: Said(does="answers with errors", effect=_LISTENERS),
            _S.STREAM: Said(does="answers with errors", effect=_VIEWERS),
        },
    ),
    Symptom.NOT_FOUND: SymptomWords(
        phrase="unreachable by its name",
        plain=Said(
            does="is not found by its name",
            effect="Whoever looks it up by name does not get there.",
        ),
        by_service={
            _S.WEB: Said(
                does="is not found by its name", effect="The pages of this service do not open."
            ),
            _S.OUTGOING_MAIL: Said(does="is not found by its name", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="is not found by its name", effect=_RETURNED),
            _S.MAILBOXES: Said(does="is not found by its name", effect=_UNSEEN),
            _S.DNS: Said(does="is not found by its name", effect=_DOMAINS),
            _S.RADIO: Said(does="is not found by its name", effect=_LISTENERS),
            _S.STREAM: Said(does="is not found by its name", effect=_VIEWERS),
        },
    ),
    Symptom.NO_DOMAINS: SymptomWords(
        phrase="not finding domains",
        plain=Said(does="does not find domains", effect=_DOMAINS),
        by_service={},
    ),
    Symptom.WRONG_DATA: SymptomWords(
        phrase="delivering wrong data",
        plain=Said(
            does="delivers wrong data", effect="What you receive may be incomplete or wrong."
        ),
        by_service={
            _S.WEB: Said(
                does="delivers wrong data",
                effect="What you see on a page may be incomplete or wrong.",
            ),
            _S.OUTGOING_MAIL: Said(does="delivers wrong data", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="delivers wrong data", effect=_RETURNED),
            _S.MAILBOXES: Said(does="delivers wrong data", effect=_UNSEEN),
            _S.DNS: Said(does="delivers wrong data", effect="Sites and mail may go elsewhere."),
            _S.RADIO: Said(
                does="delivers wrong data", effect="Your listeners may not hear the radio."
            ),
            _S.STREAM: Said(does="delivers wrong data", effect="Playback may fail."),
        },
    ),
    Symptom.OLD_DATA: SymptomWords(
        phrase="serving old data",
        plain=Said(does="delivers old data", effect="You may not see a recent change."),
        by_service={
            _S.WEB: Said(does="shows old data", effect="You may not see a recent change."),
        },
    ),
    Symptom.PARTIAL: SymptomWords(
        phrase="answering in part",
        plain=Said(
            does="does not answer every request", effect="It may be slow or fail when you use it."
        ),
        by_service={
            _S.DNS: Said(
                does="does not answer every request", effect="Sites and mail may be slow or fail."
            ),
        },
    ),
    Symptom.UNSAFE: SymptomWords(
        phrase="without a secure connection",
        plain=Said(does="offers no secure connection", effect=_NO_PASSWORDS),
        by_service={
            _S.WEB: Said(does="shows a security warning", effect=_NO_PASSWORDS),
            _S.OUTGOING_MAIL: Said(does="offers no secure connection", effect=_REFUSE),
            _S.INCOMING_MAIL: Said(does="offers no secure connection", effect=_DELAYED),
            _S.MAILBOXES: Said(does="offers no secure connection", effect=_REFUSE),
            _S.DNS: Said(does="offers no secure connection", effect=_ENCRYPTED),
            _S.RADIO: Said(does="offers no secure connection", effect=_PLAYERS),
            _S.STREAM: Said(does="offers no secure connection", effect=_PLAYERS),
        },
    ),
    Symptom.UNSECURED: SymptomWords(
        phrase="without a secure connection",
        plain=Said(does="cannot make a secure connection", effect="It may fail when you use it."),
        by_service={
            _S.WEB: Said(
                does="cannot make a secure connection",
                effect="The pages of this service do not open.",
            ),
            _S.OUTGOING_MAIL: Said(does="cannot make a secure connection", effect=_KEEP),
            _S.INCOMING_MAIL: Said(does="cannot make a secure connection", effect=_DELAYED),
            _S.MAILBOXES: Said(does="cannot make a secure connection", effect=_UNSEEN),
            _S.DNS: Said(does="cannot make a secure connection", effect=_ENCRYPTED),
            _S.RADIO: Said(does="cannot make a secure connection", effect=_LISTENERS),
            _S.STREAM: Said(does="cannot make a secure connection", effect=_VIEWERS),
        },
    ),
    Symptom.NO_ACCESS: SymptomWords(
        phrase="refusing a login",
        plain=Said(
            does="refuses the login of our test account",
            effect="If it refuses yours too, do not delete or change your account.",
        ),
        by_service={},
    ),
    Symptom.NO_SOUND: SymptomWords(
        phrase="silent",
        plain=Said(does="cannot be heard", effect="Your listeners hear silence or cannot connect."),
        by_service={},
    ),
    Symptom.NO_MEDIA: SymptomWords(
        phrase="off the air",
        plain=Said(
            does="is not broadcasting",
            effect="Viewers and listeners receive nothing or cannot connect.",
        ),
        by_service={},
    ),
    Symptom.FULL: SymptomWords(
        phrase="without room for more listeners",
        plain=Said(does="admits no more listeners", effect="Whoever connects now cannot listen."),
        by_service={},
    ),
    Symptom.CUTTING: SymptomWords(
        phrase="at risk of cutting out",
        plain=Said(does="may cut out", effect="Your listeners may hear gaps."),
        by_service={
            _S.STREAM: Said(does="may cut out", effect="Viewers and listeners may notice gaps."),
        },
    ),
    Symptom.STUCK: SymptomWords(
        phrase="stuck",
        plain=Said(does="is stuck", effect="Playback stops or does not start."),
        by_service={},
    ),
    Symptom.BEHIND: SymptomWords(
        phrase="possibly behind",
        plain=Said(does="may be behind", effect="What is seen or heard may arrive late."),
        by_service={},
    ),
    Symptom.OLD_PROTOCOL: SymptomWords(
        phrase="possibly slower",
        plain=Said(does="may take longer than usual", effect="It still works."),
        by_service={},
    ),
    Symptom.SLOW: SymptomWords(
        phrase="slow",
        plain=Said(does="is slow", effect="It takes about {v} s; {w} s is usual."),
        by_service={},
    ),
    Symptom.UNSEEN: SymptomWords(
        phrase="without data",
        plain=Said(does="cannot be checked now", effect="It may be working."),
        by_service={},
    ),
    Symptom.UNNOTICED: SymptomWords(
        phrase="due for renewal",
        plain=Said(does="has a certificate due for renewal", effect="You notice nothing."),
        by_service={},
    ),
}
