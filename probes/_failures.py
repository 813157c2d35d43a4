"""The failure classes that any kind may meet, with what customers and operators read of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain.failure import FailureClass
from monitor.domain.observation import FailureId, Outcome
from monitor.domain.text import Text


def words(es: str, en: str) -> Text:
    """A public text in both languages."""
    return Text({"es": es, "en": en})


SILENT = (
    words("sin respuesta", "not responding"),
    words("Lo que depende de él no abre.", "What depends on it does not open."),
)
ERRORS = (
    words("con errores", "showing errors"),
    words("Algunas páginas muestran un error.", "Some pages show an error."),
)
NO_NAMES = (
    words("sin encontrar dominios", "not finding domains"),
    words("Sitios y correo pueden fallar.", "Sites and mail may fail."),
)
UNSAFE = (
    words("con un aviso de seguridad", "showing a security warning"),
    words("No escriba claves hasta que lo resolvamos.", "Enter no passwords until we fix it."),
)
SLOW = (
    words("lento", "slow"),
    words("Tarda unos {v} s; lo habitual es {w} s.", "It takes about {v} s; {w} s is usual."),
)
UNSEEN = (
    words("sin datos", "without data"),
    words("Puede estar funcionando.", "It may be working."),
)
UNNOTICED = (
    words("por renovar", "due for renewal"),
    words("Usted no nota nada.", "You notice nothing."),
)


def failure(
    ident: str,
    public: tuple[Text, Text],
    *,
    summary: str,
    cause: str,
    remedy: str,
    outcome: Outcome = Outcome.DOWN,
) -> FailureClass:
    """A class; `public` is its phrase and its effect."""
    phrase, effect = public
    return FailureClass(
        id=FailureId(ident),
        outcome=outcome,
        phrase=phrase,
        effect=effect,
        summary=summary,
        cause=cause,
        remedy=remedy,
    )


REACHING = (
    failure(
        "conn_refused",
        SILENT,
        summary="The host refused the connection.",
        cause="Nothing listens on that port, or a firewall rejects it.",
        remedy="See whether the service runs and on which address it listens.",
    ),
    failure(
        "conn_reset",
        SILENT,
        summary="The connection was closed before the answer was whole.",
        cause="The service crashed or restarted, or something between cuts connections.",
        remedy="Read the service's log at that second; look at proxies and connection limits.",
    ),
    failure(
        "net_unreachable",
        SILENT,
        summary="There is no way to the address.",
        cause="A route is missing, the host is off, or this machine lacks that family.",
        remedy="Trace the route from here and from elsewhere.",
    ),
    failure(
        "dns_nxdomain",
        NO_NAMES,
        summary="The name does not exist.",
        cause="The record was removed, the domain expired, or the name is misspelt.",
        remedy="Ask the zone's own name servers; check the registration.",
    ),
    failure(
        "dns_fail",
        NO_NAMES,
        summary="The name could not be resolved.",
        cause="The name servers answer with an error, or have no address of the wanted family.",
        remedy="Ask each name server in turn; look at delegation and DNSSEC.",
    ),
    failure(
        "dns_timeout",
        SILENT,
        summary="No name server answered in time.",
        cause="The resolver or the zone's servers are down or unreachable.",
        remedy="Ask the resolver in resolv.conf and the zone's servers directly.",
    ),
    failure(
        "connect_timeout",
        SILENT,
        summary="Nobody answered the connection in time.",
        cause="The host is off, a firewall drops packets, or the queue of connections is full.",
        remedy="Look at the host's load and at the firewall; trace the route.",
    ),
    failure(
        "greeting_timeout",
        SILENT,
        summary="The connection stands but the service did not greet in time.",
        cause="The service hangs or is out of workers.",
        remedy="Look at its workers and what they wait for; restart it if it hangs.",
    ),
    failure(
        "read_timeout",
        SILENT,
        summary="The service took the request and did not answer in time.",
        cause="It hangs, waits for something behind it, or is overloaded.",
        remedy="Look at its workers, its database and the load.",
    ),
    failure(
        "total_timeout",
        SILENT,
        summary="Time ran out while bytes still came.",
        cause="The answer is endless or trickles: overload, or a limit on the rate.",
        remedy="Fetch it by hand and watch its speed; raise the timeout if that is how it is.",
    ),
    failure(
        "protocol_error",
        ERRORS,
        summary="What came is not the protocol that was expected.",
        cause="Another service answers on that port, or it is broken.",
        remedy="Repeat with --transcript and read what it says.",
    ),
    failure(
        "too_large",
        ERRORS,
        summary="A message that must end went past its limit.",
        cause="The service sends without end, or far more than it should.",
        remedy="Fetch it by hand; raise max_bytes if that size is right.",
    ),
)  # fmt: skip

TLS = (
    failure(
        "tls_timeout",
        SILENT,
        summary="The TLS handshake did not end in time.",
        cause="The service hangs, is overloaded, or speaks no TLS on that port.",
        remedy="Try the handshake by hand; look at the service's load.",
    ),
    failure(
        "tls_handshake",
        SILENT,
        summary="The TLS handshake failed.",
        cause="No version or cipher in common, or that port speaks no TLS.",
        remedy="Repeat with --transcript; check the service's TLS settings.",
    ),
    failure(
        "cert_expired",
        UNSAFE,
        summary="The certificate has expired.",
        cause="It was not renewed, or the service was not reloaded after it was.",
        remedy="Renew it, reload the service.",
    ),
    failure(
        "self_signed",
        UNSAFE,
        summary="The certificate is signed by itself or by a root that nobody here trusts.",
        cause="A default certificate is in place, or a private authority's.",
        remedy="Install the real certificate; for a private authority set ca_file.",
    ),
    failure(
        "incomplete_chain",
        UNSAFE,
        summary="The certificate's issuer is missing: the chain does not reach a trusted root.",
        cause="The service sends its own certificate without the intermediate one.",
        remedy="Configure the full chain (fullchain.pem).",
    ),
    failure(
        "hostname_mismatch",
        UNSAFE,
        summary="The certificate is for another name.",
        cause="The name is not in the certificate, or another site answers at this address.",
        remedy="Issue it with this name; check SNI and the default site.",
    ),
    failure(
        "cert_expiring",
        UNNOTICED,
        outcome=Outcome.DEGRADED,
        summary="The certificate expires soon.",
        cause="Its renewal has not happened when it should have.",
        remedy="Look at the renewal job; renew by hand if it is a matter of days.",
    ),
)

OURS = (
    failure(
        "address_refused",
        UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary="The target led to an address that is not public, and was not followed.",
        cause="A redirect, a playlist or a changed name points inside.",
        remedy="If it is meant, list its network under operations.allow_private.",
    ),
    failure(
        "no_network",
        UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary="The monitor itself was without network.",
        cause="None of the connectivity gate's targets answered.",
        remedy="Look at the monitor's own line; nothing is said about the target.",
    ),
    failure(
        "probe_error",
        UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary="The look itself failed.",
        cause="A bug, a missing secret or file, or no resources left on the monitor.",
        remedy="Read the prober's log at that second.",
    ),
)

JUDGED = (
    failure(
        "too_slow",
        SLOW,
        outcome=Outcome.DEGRADED,
        summary="It worked, and took longer than the threshold.",
        cause="Load, a slow database or network, or a threshold that is too tight.",
        remedy="Compare the phases with a normal day's: the one that grew says where.",
    ),
)

SHARED = (*REACHING, *TLS, *OURS, *JUDGED)
"""What any kind may meet; a kind over TLS or not."""

BY_ID: Mapping[FailureId, FailureClass] = MappingProxyType({f.id: f for f in SHARED})
