"""A message as e-mail: threaded, both plain and HTML, nothing of it able to forge a header."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from re import sub

from monitor.alerting.ports import Message
from monitor.domain.time.interval import Second

_URGENT = frozenset({"opening", "update", "reminder"})


def as_email(
    message: Message, *, sender: str, recipients: Sequence[str], now: Second
) -> EmailMessage:
    """The whole mail. Raises ValueError for an address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address(sender)
    mail["To"] = [address(recipient) for recipient in recipients]
    mail["Subject"] = _one_line(message.subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(now, tz=UTC))
    mail["Message-ID"] = message_id(message.key, sender)
    if message.thread != message.key:
        root = message_id(message.thread, sender)
        mail["In-Reply-To"] = root
        mail["References"] = root
    # RFC 3834: no vacation responder answers, and no list takes it for a person's.
    mail["Auto-Submitted"] = "auto-generated"
    if message.fields.get("kind") in _URGENT or message.fields.get("severity") == "high":
        mail["X-Priority"] = "1"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return mail


def message_id(key: str, sender: str) -> str:
    """The same key gives the same id, so that a message which is sent twice is shown once.

    >>> message_id("incident:k3f9a2:opening|ops", "Guardia <guardia@estado.example>")
    '<incident.k3f9a2.opening.ops@estado.example>'
    """
    local = sub(r"[^A-Za-z0-9_-]+", ".", key).strip(".")
    return f"<{local[:200]}@{address(sender).domain}>"


def address(text: str) -> Address:
    """`Guardia <guardia@estado.example>` or the bare address.

    Raises ValueError for what is none, so that a line break never reaches a header.
    """
    name, spec = parseaddr(text)
    if not text.isprintable() or spec.count("@") != 1 or any(c.isspace() for c in spec):
        raise ValueError(f"want an address such as guardia@example.com, got {text!r}")
    local, _, domain = spec.partition("@")
    if not local or not domain or not spec.isascii():
        raise ValueError(f"want an address such as guardia@example.com, got {text!r}")
    return Address(display_name=name, username=local, domain=domain)


def _one_line(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
