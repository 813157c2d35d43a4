"""What a customer notices, in English."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.forms.symptoms import Said, SymptomWords

_S = ServiceKind

SYMPTOMS: Mapping[Symptom, SymptomWords] = {
    Symptom.SILENT: SymptomWords(
        phrase="not responding",
        plain=Said(does="is not responding", effect="What depends on it does not open."),
        by_service={
            _S.WEB: Said(does="is not responding", effect="Its pages do not open."),
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
            _S.DNS: Said(
                does="does not respond when a domain is looked up",
                effect="Sites and mail may fail.",
            ),
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
            _S.OUTGOING_MAIL: Said(
                does="answers with errors", effect="You may see an error when you send mail."
            ),
            _S.INCOMING_MAIL: Said(
                does="answers with errors", effect="Mail sent to you may be delayed."
            ),
            _S.MAILBOXES: Said(does="answers with errors", effect="You may not see your mail."),
            _S.DNS: Said(does="answers with errors", effect="Sites and mail may fail."),
            _S.RADIO: Said(
                does="answers with errors", effect="Your listeners may be unable to connect."
            ),
            _S.STREAM: Said(
                does="answers with errors", effect="Viewers and listeners may be unable to connect."
            ),
        },
    ),
    Symptom.NOT_FOUND: SymptomWords(
        phrase="not found by name",
        plain=Said(
            does="is not found by its name",
            effect="Whoever looks it up by name does not get there.",
        ),
        by_service={
            _S.WEB: Said(does="is not found by its name", effect="Its pages do not open."),
        },
    ),
    Symptom.NO_DOMAINS: SymptomWords(
        phrase="not finding domains",
        plain=Said(does="does not find domains", effect="Sites and mail may fail."),
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
            _S.DNS: Said(does="delivers wrong data", effect="Sites and mail may go elsewhere."),
        },
    ),
    Symptom.OLD_DATA: SymptomWords(
        phrase="serving old data",
        plain=Said(does="delivers old data", effect="A recent change may not show."),
        by_service={
            _S.WEB: Said(does="shows old data", effect="A recent change may not show."),
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
        phrase="showing a security warning",
        plain=Said(
            does="offers no secure connection", effect="Enter no passwords until we fix it."
        ),
        by_service={
            _S.WEB: Said(
                does="shows a security warning", effect="Enter no passwords until we fix it."
            ),
            _S.OUTGOING_MAIL: Said(
                does="offers no secure connection",
                effect="If your mail program shows a warning, do not accept it. Enter no "
                "password until we fix it.",
            ),
            _S.INCOMING_MAIL: Said(
                does="offers no secure connection", effect="Mail sent to you may be delayed."
            ),
            _S.MAILBOXES: Said(
                does="offers no secure connection",
                effect="If your mail program shows a warning, do not accept it. Enter no "
                "password until we fix it.",
            ),
            _S.DNS: Said(
                does="offers no secure connection",
                effect="Encrypted lookups may stay without an answer.",
            ),
            _S.RADIO: Said(
                does="offers no secure connection", effect="Some players may refuse to connect."
            ),
            _S.STREAM: Said(
                does="offers no secure connection", effect="Some players may refuse to connect."
            ),
        },
    ),
    Symptom.NO_ACCESS: SymptomWords(
        phrase="not letting users in",
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
        phrase="cutting out",
        plain=Said(does="may cut out", effect="Your listeners may hear gaps."),
        by_service={
            _S.STREAM: Said(does="may cut out", effect="Viewers and listeners may notice gaps."),
        },
    ),
    Symptom.STUCK: SymptomWords(
        phrase="stuck",
        plain=Said(does="does not go on", effect="Players stop."),
        by_service={},
    ),
    Symptom.BEHIND: SymptomWords(
        phrase="behind",
        plain=Said(does="is behind", effect="What is seen or heard arrives late."),
        by_service={},
    ),
    Symptom.OLD_PROTOCOL: SymptomWords(
        phrase="using an older protocol",
        plain=Said(does="uses an older protocol", effect="It may open more slowly."),
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
