"""Messages to subscribers as e-mail: what happened, where to read all of it, and how to be told no
more, by one click."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape

from monitor.alerting.channels.email_message import as_email, message_id
from monitor.alerting.ports import Message
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, Subscription
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, unsubscribe_path
from monitor.i18n.formats import Lang
from monitor.i18n.forms.subscribers import SubscriberWords
from monitor.i18n.words import SUBSCRIBERS
from monitor.subscribers.channels.kind import Update, lang_of
from monitor.subscribers.channels.told_page import Pages, ToldPage, page_of
from monitor.subscribers.html_mail import html_button, html_mail

RETURN_PATH = b"Return-Path: <"
_PLACE = "@@unsubscribe@@"
_NOBODY = "nobody@localhost.invalid"
_MOST_KNOWN = 20
_WIDTH = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWriter:
    """Writes what one configuration's pages send. Equal calls give the same Message-ID. Where there
    is an address for `bounces`, a mail's first line says where it comes back to."""

    pages: Pages
    links: Links
    bounces: str = ""
    _known: dict[tuple[str, Lang, bool], bytes] = field(default_factory=dict)

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        """The one message to an address that nobody has confirmed yet: nothing of it is anybody's
        own text, so that no stranger can have us send theirs."""
        lang, page = lang_of(asked), page_of(self.pages, asked)
        words, name = SUBSCRIBERS[lang], page.name.in_locale(lang)
        until = Second(asked.created_at + CONFIRM_WITHIN_S)
        token = self.links.token(Purpose.CONFIRM, asked.id, until)
        url = page.at(confirm_path(lang, token))
        mail = self._mail(
            key=f"confirm|{asked.id}",
            thread=f"confirm|{asked.id}",
            subject=words.confirm_subject.format(x=name),
            paragraphs=(words.confirm_body.format(x=name),),
            url=url,
            button=words.confirm_button,
            closing=(words.confirm_closing,),
            words=words,
            address=address,
            now=now,
            page=page,
        )
        return self._return_path(asked) + mail.as_bytes()

    def update(self, update: Update, to: Subscription, address: str) -> bytes:
        """One public update to one subscriber: written once in each language, and completed with
        what is the subscriber's own."""
        lang, incident, page = lang_of(to), to.wanted.incident, page_of(self.pages, to)
        token = self.links.token(Purpose.MANAGE, to.id, Second(0))
        unsubscribe = page.at(unsubscribe_path(lang, token))
        written = self._written(update, lang, page, is_of_incident=incident is not None)
        thread = message_id(f"{update.subject}|{to.id}", page.sender)
        own = (
            f"To: {address}",
            f"Message-ID: {message_id(f'{update.key}|{to.id}', page.sender)}",
            f"In-Reply-To: {thread}",
            f"References: {thread}",
            # RFC 8058: the mail program's own button, without a browser.
            f"List-Unsubscribe: <{unsubscribe}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        )
        head = "".join(f"{line}\r\n" for line in own).encode("ascii")
        return self._return_path(to) + head + written.replace(_PLACE.encode(), _quoted(unsubscribe))

    def _return_path(self, to: Subscription) -> bytes:
        if not self.bounces:
            return b""
        return RETURN_PATH + f"{self.links.bounce_address(self.bounces, to.id)}>\r\n".encode()

    def _written(
        self, update: Update, lang: Lang, page: ToldPage, *, is_of_incident: bool
    ) -> bytes:
        """All of it but the subscriber's own headers, with a place for the link to unsubscribe."""
        known = self._known.get((update.key, lang, is_of_incident))
        if known is not None:
            return known
        words, said = SUBSCRIBERS[lang], update.said_in(lang)
        name = page.name.in_locale(lang)
        why = words.closing_incident if is_of_incident else words.closing
        components = (words.components.format(c=said.components),) if said.components else ()
        mail = self._mail(
            key=update.key,
            thread=update.key,
            subject=said.subject,
            paragraphs=(*said.body.split("\n\n"), *components),
            url=said.url,
            button=words.see,
            # The place stands on a line of its own, so that no encoding parts it.
            closing=(why.format(x=name), words.unsubscribe, _PLACE),
            words=words,
            address=_NOBODY,
            now=update.at,
            page=page,
        )
        for header in ("To", "Message-ID"):
            del mail[header]
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[update.key, lang, is_of_incident] = mail.as_bytes()
        return self._known[update.key, lang, is_of_incident]

    def _mail(
        self,
        *,
        key: str,
        thread: str,
        subject: str,
        paragraphs: tuple[str, ...],
        url: str,
        button: str,
        closing: tuple[str, ...],
        words: SubscriberWords,
        address: str,
        now: Second,
        page: ToldPage,
    ) -> EmailMessage:
        html = html_mail(
            lang=words.html_lang,
            title=subject,
            paragraphs=paragraphs,
            button=html_button(url, button, page.colour),
            closing="<br>".join(map(_linked, closing)),
        )
        text = "\n\n".join((*paragraphs, url, "\n".join(closing))) + "\n"
        message = Message(key=key, thread=thread, subject=subject, text=text, html=html)
        return as_email(message, sender=page.sender, recipients=[address], now=now)


def _linked(line: str) -> str:
    """A link on a line of its own: quoted-printable parts no line that is so short."""
    if line != _PLACE:
        return escape(line)
    return f'\n<a href="{_PLACE}">\n{_PLACE}</a>'


def _quoted(url: str) -> bytes:
    """An address as quoted-printable (RFC 2045): its lines are parted, and it has no `=`."""
    parts = [url[start : start + _WIDTH] for start in range(0, len(url), _WIDTH)]
    return ("=\r\n" + "=\r\n".join(parts) + "=\r\n").encode("ascii")
