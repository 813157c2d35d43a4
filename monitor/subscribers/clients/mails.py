"""What a client is told of a step of his credit, as e-mail: the same step has one Message-ID."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from credits.assess import total
from credits.client import ClientAddress
from credits.life.credit import CreditRecord, CreditStep
from credits.life.states import CreditState
from credits.money import minor_units
from monitor.alerting.channels.email_message import as_email
from monitor.alerting.ports import Message
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.en.billing.client_mails import CLIENT_MAILS as ENGLISH
from monitor.i18n.es.billing.client_mails import CLIENT_MAILS as SPANISH
from monitor.i18n.formats import Lang, day_of_month, money
from monitor.i18n.forms.billing.client_mails import ClientMail, ClientMailWords
from monitor.subscribers.html_mail import html_lines, html_mail

_WORDS: Mapping[str, ClientMailWords] = {"es": SPANISH, "en": ENGLISH}


def is_told(record: CreditRecord, step: CreditStep, *, was_paid: bool) -> bool:
    """Whether the client can see the step. Nothing is told of a credit that nobody asked for, and
    of an adjustment nothing before it has moved money. `was_paid`: another credit of the same time
    was applied before; where none was, there is nothing that an adjustment has adjusted."""
    return _mail_of(SPANISH, record, step, was_paid=was_paid) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMailWriter:
    """`sender` and `name` are the page's; days are those of `zone`."""

    sender: str
    name: Text
    zone: ZoneInfo

    def written(
        self,
        record: CreditRecord,
        step: CreditStep,
        to: ClientAddress,
        at: Second,
        *,
        was_paid: bool,
    ) -> bytes | None:
        """The whole mail, dated `at`; None for a step of which nothing is told."""
        words = _WORDS.get(to.language, SPANISH)
        mail = _mail_of(words, record, step, was_paid=was_paid)
        if mail is None:
            return None
        lang = Lang(words.html_lang)
        said = self._said(record, step, words, lang)
        subject = mail.subject.format(**said)
        paragraphs = mail.body.format(**said).split("\n\n")
        closing = f"{words.closing.format(**said)}\n{self.name.in_locale(lang)}"
        message = Message(
            key=f"credit:{record.id}:{step.seq}",
            thread=f"credit:{record.id}",
            subject=subject,
            text="\n\n".join((*paragraphs, closing)) + "\n",
            html=html_mail(
                lang=words.html_lang,
                title=subject,
                paragraphs=paragraphs,
                closing=html_lines(closing),
            ),
        )
        recipients = [str(to.address)]
        return as_email(message, sender=self.sender, recipients=recipients, now=at).as_bytes()

    def _said(
        self, record: CreditRecord, step: CreditStep, words: ClientMailWords, lang: Lang
    ) -> Mapping[str, str]:
        window, tickets = record.credit.key.window, record.tickets
        form = words.one_ticket if len(tickets) == 1 else words.several_tickets
        first, last = self._day(window.start), self._day(Second(window.end - 1))
        return {
            "id": record.id,
            "x": record.credit.product,
            "t": form.format(t=", ".join(tickets)),
            "a": _amounts(record, lang),
            "p": words.period.format(a=_dated(first, lang), b=_dated(last, lang)),
            "c": step.clause,
            "n": self.name.in_locale(lang),
        }

    def _day(self, at: Second) -> date:
        return at_zone(at, self.zone).date()


def _mail_of(
    words: ClientMailWords, record: CreditRecord, step: CreditStep, *, was_paid: bool
) -> ClientMail | None:
    if record.credit.ordinal and step.after is CreditState.APPLIED:
        if sum(money.amount for _, money in record.amounts) < 0:
            return words.taken_back
        if was_paid:
            return words.adjusted
    if not record.tickets:
        return None
    if step.before is step.after or step.after is CreditState.REQUESTED:
        is_undecided = step.after in (CreditState.REQUESTED, CreditState.UNDER_REVIEW)
        return words.received if is_undecided else None
    return {
        CreditState.APPROVED: None if _is_release(step) else words.approved,
        CreditState.REJECTED: words.rejected,
        CreditState.BLOCKED_SUSPENDED: words.blocked,
        CreditState.HELD_CHARGEBACK: words.held,
        CreditState.APPLIED: words.applied,
    }.get(step.after)


def _is_release(step: CreditStep) -> bool:
    """What was approved before, and goes on."""
    return step.before is not CreditState.UNDER_REVIEW


def _amounts(record: CreditRecord, lang: Lang) -> str:
    """By currency, never across; what is taken back is said without a sign."""
    sums = total(one for _, one in record.amounts)
    return ", ".join(
        money(f"{abs(m.amount):.{minor_units(m.currency)}f}", m.currency, lang) for m in sums
    )


def _dated(day: date, lang: Lang) -> str:
    joined = " de " if lang is Lang.ES else " "
    return f"{day_of_month(day, lang)}{joined}{day.year}"
