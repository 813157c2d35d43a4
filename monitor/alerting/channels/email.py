"""`email`: a message to people, through a mail server of the operators' choice.

A server that says 4xx, hangs or is away is transient; 5xx is permanent. Encryption that was asked
for is never given up for a server that does not offer it.
"""

from __future__ import annotations

import re
import ssl
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import aiosmtplib
import structlog
from aiohttp.abc import AbstractResolver

from monitor.alerting.channels.email_message import address, as_email
from monitor.alerting.channels.kind import ChannelDependencies, ChannelKind
from monitor.alerting.channels.last_known_addresses import LastKnownResolver, dial
from monitor.alerting.ports import Message, Permanent, ReceiverGone, ServerAway, Transient
from monitor.domain.secret import Secret, SecretMissing
from monitor.registry import EXTRA_FORBIDDEN, required, setting

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_MOST_KEYS = 1_000
_LONGEST_REASON = 300
_NO_MAILBOX = re.compile(r"5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
"""RFC 3463: no such mailbox or system, a moved or a disabled one."""


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSpec:
    """One mail server, one sender, the recipients of one target."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    host: str = required("the mail server")
    sender: str = required("who it comes from: guardia@example.com, or Guardia <guardia@…>")
    recipients: tuple[str, ...] = required("who gets it")
    port: int | None = setting("default: 587 for starttls, 465 for tls, 25 for none", None)
    security: Security = setting("starttls, tls (from the first byte) or none", Security.STARTTLS)
    username: str | None = setting("to log in with", None)
    password: Secret | None = setting("to log in with: ${ENV} or file:/path", None)
    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    timeout_s: float = setting("seconds that the server may take for each answer", 10.0)

    def __post_init__(self) -> None:
        if not self.recipients:
            raise ValueError("recipients must name at least one address")
        for one in (self.sender, *self.recipients):
            address(one)
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        if self.username is not None and self.security is Security.NONE:
            raise ValueError("a password is sent over starttls or tls alone")
        if not 0 < self.timeout_s <= 60:
            raise ValueError(f"timeout_s must be above 0 and at most 60, got {self.timeout_s:g}")

    @property
    def dialled_port(self) -> int:
        return self.port if self.port is not None else _PORTS[self.security]


class EmailNotifier:
    """Sends by a new connection each time: alerts are rare, and idle connections get cut."""

    def __init__(
        self, dependencies: ChannelDependencies, resolver: AbstractResolver | None = None
    ) -> None:
        self._clock = dependencies.clock
        self._resolver = resolver or LastKnownResolver()
        self._delivered: OrderedDict[str, set[str]] = OrderedDict()

    async def send(self, message: Message, spec: EmailSpec) -> None:
        """To every recipient that does not have it; see the module. Raises Transient, Permanent."""
        left = [r for r in spec.recipients if r not in self._delivered.get(message.key, ())]
        mail = as_email(
            message, sender=spec.sender, recipients=spec.recipients, now=self._clock.now()
        )
        try:
            refused = await _submit(spec, left, mail.as_bytes(), self._resolver)
        except SecretMissing as error:
            raise Permanent(str(error)) from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _of_codes(error.recipients) from error
        except aiosmtplib.SMTPException as error:
            raise _of_smtp(error) from error
        except (OSError, TimeoutError) as error:
            raise Transient(f"{spec.host}: {_reason(error)}") from error
        self._note_refusals(message.key, left, refused)

    def _note_refusals(
        self, key: str, tried: Sequence[str], refused: Mapping[str, aiosmtplib.SMTPResponse]
    ) -> None:
        """Some recipients have it. Those refused for now are tried alone next time: it raises
        Transient for them. Those refused for good are named in the log, for the message arrived."""
        later = {r: response for r, response in refused.items() if not _is_permanent(response.code)}
        if later:
            self._delivered.setdefault(key, set()).update(r for r in tried if r not in later)
            while len(self._delivered) > _MOST_KEYS:
                self._delivered.popitem(last=False)
            raise _of_codes([_refusal(r, response) for r, response in later.items()])
        self._delivered.pop(key, None)
        for recipient, response in refused.items():
            structlog.get_logger().warning(
                "email.recipient_refused", recipient=recipient, code=response.code
            )


class MailConnection:
    """Sends messages one after the other over one connection, which is opened where there is none
    and closed where anything goes wrong. One task at a time uses it."""

    def __init__(self, spec: EmailSpec, resolver: AbstractResolver | None = None) -> None:
        self._spec = spec
        self._resolver = resolver or LastKnownResolver()
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, recipient: str, mail: bytes, return_path: str = "") -> None:
        """`return_path` is where it comes back to, if not to the sender. Raises ReceiverGone;
        Permanent where the server refuses the message itself; ServerAway; Transient. No reason that
        is raised names the recipient."""
        client = await self._opened()
        try:
            sender = return_path or address(self._spec.sender).addr_spec
            await client.sendmail(sender, [recipient], mail)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise self._refused(error.recipients[0]) from None
        except aiosmtplib.SMTPDataError as error:
            self.close()
            refusal = Permanent if _is_permanent(error.code) else Transient
            raise refusal(f"{error.code} for the message") from None
        except aiosmtplib.SMTPResponseException as error:
            self.close()
            raise ServerAway(f"{self._spec.host}: {error.code}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self.close()
            raise Transient(f"{self._spec.host}: {type(error).__name__}") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None

    def _refused(self, refusal: aiosmtplib.SMTPRecipientRefused) -> Transient | Permanent:
        # Beside a mailbox that is gone, a 5xx may be the operator's own fault (relaying denied).
        if _is_permanent(refusal.code) and _NO_MAILBOX.match(refusal.message):
            return ReceiverGone(f"{refusal.code} for the mailbox")
        return Transient(f"{refusal.code} for the recipient")

    async def _opened(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        try:
            self._client = await _connected(self._spec, self._resolver)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise ServerAway(f"{self._spec.host}: {_reason(error)}") from error
        except (SecretMissing, Permanent) as error:
            raise ServerAway(str(error)) from error
        return self._client


async def _connected(spec: EmailSpec, resolver: AbstractResolver) -> aiosmtplib.SMTP:
    """A connection that takes mail, logged in where that is asked for."""
    context = _context(spec)
    client = aiosmtplib.SMTP(
        hostname=spec.host,
        sock=await dial(resolver, spec.host, spec.dialled_port, spec.timeout_s),
        timeout=spec.timeout_s,
        use_tls=spec.security is Security.TLS,
        start_tls=spec.security is Security.STARTTLS,
        tls_context=context,
    )
    try:
        await client.connect()
        if spec.username is not None and spec.password is not None:
            await client.login(spec.username, spec.password.reveal())
    except BaseException:
        client.close()
        raise
    return client


async def _submit(
    spec: EmailSpec, recipients: Sequence[str], mail: bytes, resolver: AbstractResolver
) -> Mapping[str, aiosmtplib.SMTPResponse]:
    """One SMTP transaction. Returns those who were refused while others were not."""
    client = await _connected(spec, resolver)
    try:
        envelope = [address(r).addr_spec for r in recipients]
        sender = address(spec.sender).addr_spec
        refused, _ = await client.sendmail(sender, envelope, mail)
        by_address = dict(zip(envelope, recipients, strict=True))
        return {by_address[spec_]: response for spec_, response in refused.items()}
    finally:
        # The server has answered for the message: a failing QUIT must not change that.
        client.close()


def _context(spec: EmailSpec) -> ssl.SSLContext | None:
    if spec.security is Security.NONE:
        return None
    try:
        return ssl.create_default_context(cafile=spec.ca_file)
    except OSError as error:
        raise Permanent(f"ca_file {spec.ca_file}: {error.strerror or error}") from error


def _of_smtp(error: aiosmtplib.SMTPException) -> Transient | Permanent:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        error_type = Permanent if _is_permanent(error.code) else Transient
        return error_type(f"{error.code} {_short(error.message)}")
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Permanent(_reason(error))
    # Where the server does not offer STARTTLS, that comes as a plain error.
    if "STARTTLS" in str(error) and "not supported" in str(error):
        return Permanent(_reason(error))
    return Transient(_reason(error))


def _of_codes(refusals: Iterable[aiosmtplib.SMTPRecipientRefused]) -> Transient | Permanent:
    """Permanent only where every recipient was refused for good."""
    refused = list(refusals)
    said = "; ".join(f"{r.recipient}: {r.code} {_short(r.message)}" for r in refused[:3])
    is_final = all(_is_permanent(r.code) for r in refused)
    return Permanent(said) if is_final else Transient(said)


def _refusal(recipient: str, response: aiosmtplib.SMTPResponse) -> aiosmtplib.SMTPRecipientRefused:
    return aiosmtplib.SMTPRecipientRefused(response.code, response.message, recipient)


def _is_permanent(code: int) -> bool:
    return 500 <= code < 600


def _reason(error: BaseException) -> str:
    return _short(str(error) or type(error).__name__)


def _short(words: str) -> str:
    """What a server said, as one line of limited length."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line[:_LONGEST_REASON]


KIND = ChannelKind(
    name="email", spec=EmailSpec, build=EmailNotifier, summary="e-mail through a mail server"
)
