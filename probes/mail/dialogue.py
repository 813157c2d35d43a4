"""What the mail kinds share: how they connect, when TLS begins, and how they log in."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from monitor.domain.checks.observation import FailureClass, FailureId
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.secret import Secret
from monitor.net.connection import Connection
from monitor.net.errors import ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import required, setting
from probes._failures import failure, words
from probes._kind import TlsSettings, host_and_port

NO_STARTTLS = FailureId("no_starttls")
AUTH_FAILED = FailureId("auth_failed")
UNAVAILABLE = FailureId("service_unavailable")
MAILBOX_CLOSED = FailureId("mailbox_closed")
_CODE = re.compile(r"\[([A-Z][A-Z/-]*)")
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.\d{1,3}\b")
_SERVER_FAULTS = frozenset(
    (
        # POP3: RFC 2449 8 and RFC 3206.
        "IN-USE",
        "LOGIN-DELAY",
        "SYS/TEMP",
        "SYS/PERM",
        # IMAP: RFC 5530. Codes that are not here concern the account, or nothing (ALERT).
        "UNAVAILABLE",
        "INUSE",
        "LIMIT",
        "OVERQUOTA",
        "CONTACTADMIN",
        "CORRUPTION",
        "SERVERBUG",
        "CLIENTBUG",
        "CANNOT",
    )
)
"""Codes of a refused login whose reason is the server or the moment, not the account."""

MAIL_FAILURES: tuple[FailureClass, ...] = (
    failure(
        "no_starttls",
        Symptom.UNSAFE,
        summary=words("El servidor no ofrece STARTTLS.", "The server does not offer STARTTLS."),
        cause=words(
            "TLS no está configurado, no se lee su certificado, o alguien lo quita en el camino.",
            "TLS is not configured, its certificate cannot be read, or somebody strips it.",
        ),
        remedy=words(
            "Revise la configuración TLS del servidor y su registro al arrancar.",
            "Look at the server's TLS settings and its log at start.",
        ),
    ),
    failure(
        "auth_failed",
        Symptom.NO_ACCESS,
        summary=words(
            "El servidor rechazó el inicio de sesión de la prueba.",
            "The server refused the probe's login.",
        ),
        cause=words(
            "Cambió la contraseña, la cuenta ya no existe, o no se llega a la base de usuarios.",
            "The password changed, the account is gone, or the user database is out of reach.",
        ),
        remedy=words(
            "Inicie sesión a mano con la misma cuenta; revise el registro de autenticación.",
            "Log in by hand with the same account; look at the authentication log.",
        ),
    ),
    failure(
        "service_unavailable",
        Symptom.ERRORS,
        summary=words(
            "El servidor respondió que ahora no acepta sesiones.",
            "The server answered that it takes no sessions now.",
        ),
        cause=words(
            "Está sobrecargado, apagándose o sin disco, o rechaza la dirección de este monitor.",
            "It is overloaded, shutting down, out of disk, or refuses this monitor's address.",
        ),
        remedy=words(
            "Lea lo que dice en el mensaje; revise su registro y sus límites.",
            "Read its words in the message; look at its log and its limits.",
        ),
    ),
)

MAILBOX_FAILURES: tuple[FailureClass, ...] = (
    *MAIL_FAILURES,
    failure(
        MAILBOX_CLOSED,
        Symptom.ERRORS,
        summary=words(
            "El usuario pudo entrar, pero no se pudo abrir el buzón.",
            "The user was let in but the mailbox could not be opened.",
        ),
        cause=words(
            "No se llega al almacenamiento, o el buzón no existe.",
            "The storage is out of reach, or the mailbox does not exist.",
        ),
        remedy=words(
            "Ábralo a mano; revise el almacenamiento y el registro del servidor.",
            "Open it by hand; look at the storage and at the server's log.",
        ),
    ),
)
"""What the kinds that open a mailbox share, with the classes of all mail kinds."""


class StartTls(StrEnum):
    """`auto`: STARTTLS where it is offered, and as `require` where a password is sent. `require`:
    the failure `no_starttls` where it is not offered. `never`: no STARTTLS."""

    AUTO = "auto"
    REQUIRE = "require"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings(TlsSettings):
    """A mail server to greet, and to log in to where an account is given."""

    host: str = required("name or address")
    port: int = required("1 to 65535")
    implicit_tls: bool = setting("TLS from the first byte (smtps, imaps, pop3s)", False)
    starttls: StartTls = setting("auto, require or never", StartTls.AUTO)
    username: str | None = setting("log in with this account", None)
    password: Secret | None = setting("its password: ${NAME} or file:/path", None)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port must be 1 to 65535, got {self.port}")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")


def mail_target(target: str, scheme: str, ports: tuple[int, int]) -> Mapping[str, Any]:
    """`smtp://host[:port]`, `smtps://...` or `host:port`; `ports` are the plain and TLS default.

    >>> mail_target("imaps://mail.example", "imap", (143, 993))["port"]
    993
    """
    implicit = target.startswith(f"{scheme}s://")
    bare = target.removeprefix(f"{scheme}s://").removeprefix(f"{scheme}://").rstrip("/")
    if "://" in bare:
        raise ValueError(f"want {scheme}://host[:port] or {scheme}s://host[:port], got {target!r}")
    has_scheme = bare != target.rstrip("/")
    host, port = host_and_port(bare, ports[implicit] if has_scheme else None)
    return {"host": host, "port": port, "implicit_tls": implicit or port == ports[1]}


async def dial_mail(transport: Transport, session: Session, spec: MailSettings) -> Connection:
    """Connect, with TLS where it is implicit; the phase `greeting` has begun afterwards."""
    connection = await transport.connect(session, spec.host, spec.port, family=spec.family)
    try:
        if spec.implicit_tls:
            await transport.start_tls(connection, spec.tls_options())
    except BaseException:
        connection.close()
        raise
    session.enter("greeting")
    return connection


def wants_starttls(spec: MailSettings, *, offered: bool) -> bool:
    """Whether the session switches to TLS now. Where it must, it tries even without an offer:
    somebody who strips the offer would get the password."""
    if spec.implicit_tls or spec.starttls is StartTls.NEVER:
        return False
    return offered or spec.starttls is StartTls.REQUIRE or spec.password is not None


def credentials(session: Session, spec: MailSettings) -> tuple[str, str] | None:
    """The account; its password is hidden from the transcript in every form that is sent.

    Raises SecretMissing.
    """
    if spec.username is None or spec.password is None:
        return None
    password = spec.password.reveal()
    for form in (password, encoded(password), plain_response(spec.username, password)):
        session.hide(form)
    return spec.username, password


def login_refused(command: str, words: str) -> ProbeFailure:
    """`auth_failed`, unless the server's code says that the fault is the server's own.

    >>> login_refused("PASS", "[IN-USE] another session").failure
    'service_unavailable'
    >>> login_refused("PASS", "[AUTH] no such user").failure
    'auth_failed'
    """
    code = _CODE.match(words.upper())
    is_server_fault = code is not None and code[1] in _SERVER_FAULTS
    return ProbeFailure(
        UNAVAILABLE if is_server_fault else AUTH_FAILED, f"{command} was answered {words}"
    )


def auth_refused(code: int, words: str) -> ProbeFailure:
    """The same for SMTP: a 4yz is the server's fault (RFC 4954 6), and so is an enhanced code of
    its system or its network (RFC 3463 3.4, 3.5). 432 asks for another password.

    >>> auth_refused(454, "4.7.0 no way to the users").failure
    'service_unavailable'
    >>> auth_refused(535, "5.7.8 no such user").failure
    'auth_failed'
    """
    enhanced = _ENHANCED.match(words)
    is_server_fault = code // 100 == 4 and code != 432
    if enhanced is not None and enhanced[1] in ("3", "4"):
        is_server_fault = True
    return ProbeFailure(
        UNAVAILABLE if is_server_fault else AUTH_FAILED, f"AUTH was answered {code} {words}"
    )


def is_count(text: str) -> bool:
    """Whether a server's word is a number of messages: `str.isdigit` accepts `\u00b2` too, and
    `int` refuses 5 000 digits.

    >>> is_count("12"), is_count("\u00b2"), is_count("9" * 5000)
    (True, False, False)
    """
    return text.isascii() and text.isdigit() and len(text) < 10


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def plain_response(username: str, password: str) -> str:
    """SASL PLAIN's one message (RFC 4616), in base64."""
    return encoded(f"\0{username}\0{password}")
