"""From the text of a configuration to its catalogue, or to everything that is wrong with it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic_core import ErrorDetails

from monitor.config.compiling.build import (
    BILLING_PATH,
    STORE_PATH,
    build,
    is_loopback,
    terms_fields,
)
from monitor.config.compiling.cross_references import (
    components_of,
    faults_in_document,
    faults_in_schema,
)
from monitor.config.compiling.messages import faults_of, keys_at, unknown
from monitor.config.compiling.recovery import RecoveredSchema, recovered_schema
from monitor.config.document import MAX_BYTES, Document, Unreadable, read_document
from monitor.config.errors import ConfigError, ConfigErrors, Fault, Path, show, write_path
from monitor.config.older_keys import as_written, rename_older_keys
from monitor.config.registries import Registries
from monitor.config.schema.services import ConfigSchema
from monitor.config.schema.specs import has_credentials, read_check_spec, read_settings
from monitor.config.schema.values import split_host_port
from monitor.domain.catalogue import Catalogue
from monitor.domain.customers.problems import CONSULTING
from monitor.domain.subscriptions.mail_address import BadAddress, read_address
from monitor.registry import KindUnusable

SpecsAndFaults = tuple[dict[Path, object], list[Fault]]
_UNKNOWN = "extra_forbidden"


def compile_catalogue(text: str, *, filename: str, registries: Registries) -> Catalogue:
    """The catalogue of a text. Raises ConfigErrors with every error; secrets stay references.

    It reads nothing but the text: the same text compiles to the same catalogue anywhere.
    """
    try:
        document = read_document(text)
    except Unreadable as error:
        raise ConfigErrors([_placed(error.fault, None, filename)]) from None
    older = rename_older_keys(document.value)
    recovered, faults = _read_schema(document)
    faults += older
    specs: dict[Path, object] = {}
    if recovered is not None:
        faulty = {fault.path[:depth] for fault in faults for depth in range(len(fault.path) + 1)}
        specs, found = _check_contents(recovered.shape, document.value, registries)
        originals = [_with_original_paths(fault, recovered) for fault in found]
        faults += [fault for fault in originals if faulty.isdisjoint(fault.compares)]
    if faults or recovered is None:
        raise ConfigErrors(_placed(fault, document, filename) for fault in faults)
    is_remote = registries.stores[recovered.shape.store.kind].is_remote
    return build(recovered.shape, specs, store_is_remote=is_remote)


def read_config(path: FilePath) -> str:
    """The text of a file. Raises ConfigErrors where it is too large or no text. Raises OSError
    where it cannot be read or is no regular file: reading a pipe might never end."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "is no file; wanted the configuration itself", str(path))
        content = file.read(MAX_BYTES + 1)
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"must be at most {MAX_BYTES} bytes long")
        return content.decode()
    except UnicodeDecodeError:
        wanted = "must be UTF-8 text"
    except ValueError as error:
        wanted = str(error)
    raise ConfigErrors([ConfigError(filename=str(path), line=1, path="", wanted=wanted)])


def _read_schema(document: Document) -> tuple[RecoveredSchema | None, list[Fault]]:
    recovered, errors = recovered_schema(document.value)
    faults = [*document.faults, *faults_in_document(document.value)]
    faults += faults_of(errors, document.value, _known_keys(errors))
    if recovered is None and not faults:
        faults.append(Fault(path=(), wanted="must be a mapping", got=show(document.value)))
    return recovered, faults


def _known_keys(errors: list[ErrorDetails]) -> dict[Path, tuple[str, ...]]:
    places = {error["loc"][:-1] for error in errors if error["type"] == _UNKNOWN}
    if not places:
        return {}
    schema = ConfigSchema.model_json_schema()
    return {place: keys_at(schema, place) for place in places}


def _check_contents(shape: ConfigSchema, value: Any, registries: Registries) -> SpecsAndFaults:
    """Checks specifications, references and numbers; paths are the shape's."""
    specs, faults = _check_specs(shape, registries)
    target_specs, target_faults = _target_specs(shape, registries)
    store_spec, store_faults = _store_spec(shape, registries)
    billing_spec, billing_faults = _billing_spec(shape, registries)
    faults += (
        target_faults
        + store_faults
        + billing_faults
        + faults_in_schema(shape, value, registries)
        + _terms_faults(shape, registries)
        + _journal_fault(shape)
        + _console_faults(shape)
        + _oidc_faults(shape)
        + _subscribers_faults(shape)
        + _brand_sender_faults(shape)
        + _problem_form_fault(shape)
    )
    return {**specs, **target_specs, **store_spec, **billing_spec}, faults


def _check_specs(shape: ConfigSchema, registries: Registries) -> SpecsAndFaults:
    specs: dict[Path, object] = {}
    faults: list[Fault] = []
    for at, component in components_of(shape):
        for index, check in enumerate(component.checks):
            place = (*at, "checks", index)
            try:
                kind = registries.probes[check.probe]
            except LookupError as error:
                faults.append(_no_kind((*place, "probe"), registries.probes, "probe", error))
                continue
            spec, found = read_check_spec(check.probe, kind, check.target, check.settings, place)
            specs[place] = spec
            faults += found
    return specs, faults


def _target_specs(shape: ConfigSchema, registries: Registries) -> SpecsAndFaults:
    specs: dict[Path, object] = {}
    faults: list[Fault] = []
    for r, route in enumerate(shape.alerts.routes):
        for index, target in enumerate(route.via):
            place: Path = ("alerts", "routes", r, "via", index)
            try:
                kind = registries.notifiers[target.kind]
            except LookupError as error:
                known = registries.notifiers
                faults.append(_no_kind((*place, "kind"), known, "notifier", error))
                continue
            specs[place], found = read_settings(target.kind, kind.spec, target.settings, place)
            faults += found
    return specs, faults


def _store_spec(shape: ConfigSchema, registries: Registries) -> SpecsAndFaults:
    try:
        kind = registries.stores[shape.store.kind]
    except LookupError as error:
        return {}, [_no_kind((*STORE_PATH, "kind"), registries.stores, "store", error)]
    spec, faults = read_settings(shape.store.kind, kind.spec, shape.store.settings, STORE_PATH)
    return {STORE_PATH: spec}, faults


def _billing_spec(shape: ConfigSchema, registries: Registries) -> SpecsAndFaults:
    billing = shape.credits.billing
    try:
        kind = registries.panels[billing.kind]
    except LookupError as error:
        at = (*BILLING_PATH, "kind")
        return {}, [_no_kind(at, registries.panels, "billing panel", error)]
    spec, faults = read_settings(billing.kind, kind.spec, billing.settings, BILLING_PATH)
    return {BILLING_PATH: spec}, faults


def _terms_faults(shape: ConfigSchema, registries: Registries) -> list[Fault]:
    """What the policies find wrong with their terms."""
    return [
        Fault(path=path, wanted=f"must be {wanted}", compares=(path,))
        for index, terms in enumerate(shape.terms)
        if (terms.policy, terms.policy_version) in registries.policies
        for field, wanted in registries.problems_of_terms(terms_fields(terms, shape))
        for path in [("terms", index, *field)]
    ]


def _no_kind(path: Path, known: Mapping[str, Any], what: str, error: LookupError) -> Fault:
    if isinstance(error, KindUnusable):
        return Fault(path=path, wanted=str(error))
    (got,) = error.args
    return Fault(path=path, wanted=unknown(got, list(known), what), got=show(got))


def _journal_fault(shape: ConfigSchema) -> list[Fault]:
    """A password is a secret also in a database's address."""
    if shape.operations.journal is None or not has_credentials(shape.operations.journal):
        return []
    wanted = "must hold no password: give the whole address by reference, as ${NAME}"
    return [Fault(path=("operations", "journal"), wanted=wanted)]


def _console_faults(shape: ConfigSchema) -> list[Fault]:
    """Passwords and tokens pass there: unencrypted they may pass within one machine alone."""
    console = shape.operations.console
    host, _ = split_host_port(console.listen)
    is_encrypted = urlsplit(console.public_url or "").scheme == "https"
    if is_encrypted or is_loopback(host):
        return _public_url_faults(console.public_url)
    wanted = (
        "must be on loopback, such as 127.0.0.1:9092, for passwords pass there; or put a web "
        "server with TLS in front, and its https address into operations.console.public_url"
    )
    return [
        Fault(
            path=("operations", "console", "listen"),
            wanted=wanted,
            got=show(console.listen),
            compares=(("operations", "console", "public_url"),),
        )
    ]


def _public_url_faults(url: str | None) -> list[Fault]:
    """Also in front of a listener on loopback: browsers would come to it unencrypted."""
    if url is None:
        return []
    at: Path = ("operations", "console", "public_url")
    wanted = "must be an https address of host and port alone, such as https://console.example"
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        return [Fault(path=at, wanted=f"{wanted}, without name and password")]
    is_safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
    is_root = parts.path in ("", "/") and not parts.query and not parts.fragment
    if is_safe and is_root and _has_port(parts):
        return []
    return [Fault(path=at, wanted=wanted, got=show(url))]


def _has_port(parts: SplitResult) -> bool:
    """One that can be, or none."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _oidc_faults(shape: ConfigSchema) -> list[Fault]:
    """Its word is who somebody is: over plain http anybody on the way could give it."""
    oidc = shape.operations.console.oidc
    if oidc is None:
        return []
    at: Path = ("operations", "console", "oidc")
    parts = urlsplit(oidc.issuer)
    is_safe = parts.scheme == "https" or is_loopback(parts.hostname or "")
    if not is_safe or parts.query or parts.fragment or parts.username:
        wanted = "must be an https address without query, as the provider calls itself"
        return [Fault(path=(*at, "issuer"), wanted=wanted, got=show(oidc.issuer))]
    names = [group.name for group in oidc.groups]
    return [
        Fault(path=(*at, "groups", n, "name"), wanted="is there twice", got=show(name))
        for n, name in enumerate(names)
        if name in names[:n]
    ]


def _subscribers_faults(shape: ConfigSchema) -> list[Fault]:
    subscribers = shape.subscribers
    if subscribers is None:
        return []
    faults, server = [], subscribers.server
    if not _is_sender(subscribers.sender):
        faults.append(_sender_fault(("subscribers", "sender"), subscribers.sender))
    bounces = subscribers.bounces
    if bounces is not None and not _is_bounce_address(bounces.address):
        wanted, got = "must be an address such as bounces@example.com", show(bounces.address)
        faults.append(Fault(path=("subscribers", "bounces", "address"), wanted=wanted, got=got))
    at: Path = ("subscribers", "server")
    if (server.username is None) != (server.password is None):
        faults.append(Fault(path=at, wanted="must have both username and password, or neither"))
    if server.username is not None and server.security == "none":
        wanted = "must be starttls or tls, for a password is sent"
        faults.append(Fault(path=(*at, "security"), wanted=wanted, got=show(server.security)))
    return faults


def _brand_sender_faults(shape: ConfigSchema) -> list[Fault]:
    return [
        _sender_fault(("page", "brands", place, "page", "sender"), brand.page.sender)
        for place, brand in enumerate(shape.page.brands)
        if brand.page is not None and brand.page.sender and not _is_sender(brand.page.sender)
    ]


def _sender_fault(at: Path, sender: str) -> Fault:
    wanted = "must be an address such as estado@example.com, or Estado <estado@example.com>"
    return Fault(path=at, wanted=wanted, got=show(sender))


def _problem_form_fault(shape: ConfigSchema) -> list[Fault]:
    """Whoever sends the form is told when somebody of that level answers."""
    if not shape.page.problem_form or any(level.id == CONSULTING for level in shape.support):
        return []
    wanted = (
        f"needs a level {CONSULTING} in support, whose hours say when somebody answers: add it, or "
        "leave problem_form out"
    )
    return [Fault(path=("page", "problem_form"), wanted=wanted)]


def _is_bounce_address(text: str) -> bool:
    """Short enough for the word that follows it, and without one of its own."""
    try:
        local = read_address(text).local
    except BadAddress:
        return False
    return len(local) <= 20 and "+" not in local


def _is_sender(text: str) -> bool:
    name, spec = parseaddr(text)
    try:
        read_address(spec)
    except BadAddress:
        return False
    return name.isprintable()


def _with_original_paths(fault: Fault, recovered: RecoveredSchema) -> Fault:
    return replace(
        fault,
        path=recovered.original(fault.path),
        compares=tuple(recovered.original(path) for path in fault.compares),
    )


def _placed(fault: Fault, document: Document | None, filename: str) -> ConfigError:
    path, line = fault.path, fault.line
    if document is not None:
        path = as_written(path, document)
    if line is None:
        line = document.line(path) if document else 1
    return ConfigError(
        filename=filename,
        line=line,
        path=write_path(path),
        wanted=fault.wanted,
        got=fault.got,
    )
