"""The request as bytes, and as the transcript may show it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.net.session import Session
from probes.http.spec import HttpSpec
from probes.http.url import LONGEST_CACHED, Place, parse_url

_CREDENTIAL_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that go to no other origin, however they are set: browsers withhold them too."""
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
USER_AGENT = "estado (uptime monitor)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. After a redirect the method may change, and secrets, credential headers and the
    body are not sent to another origin. `cookies` are those that earlier answers of the same check
    run have set."""

    place: Place
    method: str
    has_body: bool
    has_secrets: bool
    cookies: str = ""


def first_request(spec: HttpSpec, place: Place) -> Request:
    return Request(
        place=place, method=spec.method, has_body=spec.body is not None, has_secrets=True
    )


def redirected(request: Request, status: int, place: Place, cookies: str = "") -> Request:
    """RFC 9110 15.4: 303 becomes GET; so does a POST after 301 or 302, as all clients do it."""
    becomes_get = status == 303 or (status in (301, 302) and request.method == "POST")
    is_same_origin = place.origin == request.place.origin
    return Request(
        place=place,
        method="GET" if becomes_get and request.method != "HEAD" else request.method,
        has_body=request.has_body
        and not becomes_get
        and (is_same_origin or _is_upgrade(request.place, place)),
        has_secrets=request.has_secrets and is_same_origin,
        cookies=cookies,
    )


def _is_upgrade(here: Place, there: Place) -> bool:
    """From http to https of the same host: the server there has the host's certificate."""
    ports = ((here.scheme, here.port), (there.scheme, there.port))
    return here.host == there.host and ports == (("http", 80), ("https", 443))


def withheld(spec: HttpSpec, request: Request, following: Request) -> list[str]:
    """What the next request of a check run lacks because it goes to another origin."""
    withheld_fields = (
        []
        if following.has_secrets
        else [n for n in spec.headers if n.lower() in _CREDENTIAL_HEADERS]
    )
    # A GET that replaces a POST lacks nothing.
    if request.has_body and not following.has_body and following.method == request.method:
        withheld_fields.append("body")
    return withheld_fields


def encode_request(session: Session, spec: HttpSpec, request: Request) -> bytes:
    """The bytes to send. Secrets in them are hidden from the transcript. Raises SecretMissing."""
    has_secrets = request.has_secrets and (spec.secret_headers or spec.username is not None)
    if not (spec.headers or has_secrets or spec.body is not None or request.cookies):
        plain = _plain if len(request.place.url) <= LONGEST_CACHED else _plain.__wrapped__
        return plain(request.place.url, request.method, spec.compression)
    return _encoded(request, request_headers(session, spec, request), request_body(spec, request))


def request_body(spec: HttpSpec, request: Request) -> bytes:
    return (spec.body or "").encode() if request.has_body else b""


def request_headers(session: Session, spec: HttpSpec, request: Request) -> dict[str, str]:
    """Every field of the request. Raises SecretMissing."""
    headers = _default_headers(request, compression=spec.compression)
    for name, value in spec.headers.items():
        if request.has_secrets or name.lower() not in _CREDENTIAL_HEADERS:
            _put(headers, name, value)
    if request.has_secrets:
        _put_secrets(session, spec, headers)
    if request.cookies:
        _add_cookies(headers, request.cookies)
    if request.has_body:
        headers["Content-Length"] = str(len(request_body(spec, request)))
    elif spec.body is not None and request.method not in _WITHOUT_BODY:
        # RFC 9110 8.6: a method that expects a body has to say that there is none.
        headers["Content-Length"] = "0"
    return headers


def _default_headers(request: Request, *, compression: bool) -> dict[str, str]:
    return {
        "Host": request.place.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd" if compression else "identity",
        "Connection": "close",
    }


def _encoded(request: Request, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{request.method} {request.place.target} HTTP/1.1"]
    lines.extend(f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join((*lines, "", "")).encode("utf-8") + body


@lru_cache(maxsize=16384)
def _plain(url: str, method: str, compression: bool) -> bytes:
    """A request without settings of its own: nearly every check sends such a one each time."""
    request = Request(place=parse_url(url), method=method, has_body=False, has_secrets=False)
    return _encoded(request, _default_headers(request, compression=compression), b"")


def _put(headers: dict[str, str], name: str, value: str) -> None:
    """Set a header, in place of a default that differs in case alone."""
    for known in headers:
        if known.lower() == name.lower():
            del headers[known]
            break
    headers[name] = value


def _put_secrets(session: Session, spec: HttpSpec, headers: dict[str, str]) -> None:
    for name, secret in spec.secret_headers.items():
        value = secret.reveal()
        session.hide(value)
        _put(headers, name, _one_line(name, value))
    if spec.username is not None and spec.password is not None:
        password = spec.password.reveal()
        token = b64encode(f"{spec.username}:{password}".encode()).decode("ascii")
        session.hide(password)
        session.hide(token)
        _put(headers, "Authorization", f"Basic {token}")


def _add_cookies(headers: dict[str, str], cookies: str) -> None:
    """Add them after the cookies of the settings, in one field (RFC 6265 5.4)."""
    own = next((value for name, value in headers.items() if name.lower() == "cookie"), None)
    _put(headers, "Cookie", cookies if own is None else f"{own}; {cookies}")


def _one_line(name: str, value: str) -> str:
    if any(c in value for c in "\r\n\0"):
        raise ValueError(f"the secret of the header {name} has a line end in it")
    return value
