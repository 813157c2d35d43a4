"""What a client is told of a credit, in English."""

from __future__ import annotations

from monitor.i18n.forms.billing.client_mails import ClientMail, ClientMailWords

CLIENT_MAILS = ClientMailWords(
    html_lang="en",
    period="{a} to {b}",
    one_ticket="ticket {t}",
    several_tickets="tickets {t}",
    received=ClientMail(
        subject="We have your request for a credit for {x}",
        body="We have your request ({t}) for a credit for {x}.\n\n"
        "Period: {p}.\nAmount computed: {a}.\n\n"
        "It is not approved yet. We write to you once it is decided.",
    ),
    approved=ClientMail(
        subject="Your credit for {x} is approved",
        body="The credit that you asked for ({t}) for {x} is approved.\n\n"
        "Period: {p}.\nAmount: {a}.\n\n"
        "It goes to the balance of your account; it is not paid in cash. We write to you once it "
        "is there.",
    ),
    rejected=ClientMail(
        subject="No credit is due for {x}",
        body="We looked at your request ({t}) for a credit for {x}, {p}, and none is due by clause "
        "{c} of the contract.\n\n"
        "If you disagree, answer in the same ticket: a person reads it.",
    ),
    blocked=ClientMail(
        subject="Your credit for {x} is on hold",
        body="Your credit for {x} ({t}), of {a}, is approved and cannot be added while the account "
        "is suspended for non-payment (clause 5a).\n\n"
        "It is not lost: we add it once the account is paid up.",
    ),
    held=ClientMail(
        subject="Your credit for {x} is on hold",
        body="Your credit for {x} ({t}), of {a}, is approved and held: the bank took a payment of "
        "the account back (clause 5d).\n\n"
        "A person looks at it. If that was a mistake, write to us in the same ticket.",
    ),
    applied=ClientMail(
        subject="Your credit for {x} is in your balance",
        body="We added {a} to the balance of your account: the credit that you asked for ({t}) for "
        "{x}, {p}.",
    ),
    adjusted=ClientMail(
        subject="We adjusted your credit for {x}",
        body="We counted the period {p} of {x} again, and more was due. We added the difference, "
        "{a}, to the balance of your account.",
    ),
    taken_back=ClientMail(
        subject="We adjusted your credit for {x}",
        body="We counted the period {p} of {x} again, and less was due than we had added. We took "
        "the difference, {a}, out of your balance.\n\n"
        "If you disagree, write to us in a ticket: a person reads it.",
    ),
    closing="Credit {id}. To ask about it, name that code in a ticket; nobody reads answers to "
    "this message.",
)
