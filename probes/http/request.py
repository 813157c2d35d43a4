"""The request as bytes, and as the transcript may show it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.net.session import Session
from probes.http.spec import HttpSpec
from probes.http.url import LONGEST_KEPT, Place, parse_url

_SIGNING_IN = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that go to no other origin, however they are set: what browsers keep back."""
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
USER_AGENT = "estado (uptime monitor)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one request asks for: after a redirect the method may change, and secrets, what signs
    somebody in and the body stay home; `cookies` are those that earlier answers of the same look
    have set."""

    place: Place
    method: str
    has_body: bool
    has_secrets: bool
    cookies: str = ""


def first_request(spec: HttpSpec, place: Place) -> Request:
    return Request(
        place=place, method=spec.method, has_body=spec.body is not None, has_secrets=True
    )


def redirected(asked: Request, status: int, place: Place, cookies: str = "") -> Request:
    """RFC 9110 15.4: 303 becomes GET, and so does a POST at 301 and 302, as everybody does."""
    becomes_get = status == 303 or (status in (301, 302) and asked.method == "POST")
    is_home = place.origin == asked.place.origin
    return Request(
        place=place,
        method="GET" if becomes_get and asked.method != "HEAD" else asked.method,
        has_body=asked.has_body
        and not becomes_get
        and (is_home or _is_upgrade(asked.place, place)),
        has_secrets=asked.has_secrets and is_home,
        cookies=cookies,
    )


def _is_upgrade(here: Place, there: Place) -> bool:
    """From http to https of the same host: whoever answers there holds its certificate."""
    ports = ((here.scheme, here.port), (there.scheme, there.port))
    return here.host == there.host and ports == (("http", 80), ("https", 443))


def withheld(spec: HttpSpec, asked: Request, then: Request) -> list[str]:
    """What the next request of a look lacks because it goes to another origin."""
    found = [] if then.has_secrets else [n for n in spec.headers if n.lower() in _SIGNING_IN]
    # After a GET that was made of a POST nothing is missing.
    if asked.has_body and not then.has_body and then.method == asked.method:
        found.append("body")
    return found


def encode_request(run: Session, spec: HttpSpec, asked: Request) -> bytes:
    """The bytes to send. Secrets in them are hidden from the transcript. Raises SecretMissing."""
    has_secrets = asked.has_secrets and (spec.secret_headers or spec.username is not None)
    if not (spec.headers or has_secrets or spec.body is not None or asked.cookies):
        plain = _plain if len(asked.place.url) <= LONGEST_KEPT else _plain.__wrapped__
        return plain(asked.place.url, asked.method, spec.compression)
    return _encoded(asked, request_headers(run, spec, asked), request_body(spec, asked))


def request_body(spec: HttpSpec, asked: Request) -> bytes:
    return (spec.body or "").encode() if asked.has_body else b""


def request_headers(run: Session, spec: HttpSpec, asked: Request) -> dict[str, str]:
    """Every field of the request. Raises SecretMissing."""
    headers = _usual(asked, compression=spec.compression)
    for name, value in spec.headers.items():
        if asked.has_secrets or name.lower() not in _SIGNING_IN:
            _put(headers, name, value)
    if asked.has_secrets:
        _put_secrets(run, spec, headers)
    if asked.cookies:
        _add_cookies(headers, asked.cookies)
    if asked.has_body:
        headers["Content-Length"] = str(len(request_body(spec, asked)))
    elif spec.body is not None and asked.method not in _WITHOUT_BODY:
        # RFC 9110 8.6: a method that has one says that it comes without.
        headers["Content-Length"] = "0"
    return headers


def _usual(asked: Request, *, compression: bool) -> dict[str, str]:
    return {
        "Host": asked.place.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd" if compression else "identity",
        "Connection": "close",
    }


def _encoded(asked: Request, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{asked.method} {asked.place.target} HTTP/1.1"]
    lines.extend(f"{name}: {value}" for name, value in headers.items())
    return "\r\n".join((*lines, "", "")).encode("utf-8") + body


@lru_cache(maxsize=16384)
def _plain(url: str, method: str, compression: bool) -> bytes:
    """A request without anything of its own: what nearly every check sends, time after time."""
    asked = Request(place=parse_url(url), method=method, has_body=False, has_secrets=False)
    return _encoded(asked, _usual(asked, compression=compression), b"")


def _put(headers: dict[str, str], name: str, value: str) -> None:
    """Set a header, in place of a default that differs in case alone."""
    for known in headers:
        if known.lower() == name.lower():
            del headers[known]
            break
    headers[name] = value


def _put_secrets(run: Session, spec: HttpSpec, headers: dict[str, str]) -> None:
    for name, secret in spec.secret_headers.items():
        value = secret.reveal()
        run.hide(value)
        _put(headers, name, _one_line(name, value))
    if spec.username is not None and spec.password is not None:
        password = spec.password.reveal()
        token = b64encode(f"{spec.username}:{password}".encode()).decode("ascii")
        run.hide(password)
        run.hide(token)
        _put(headers, "Authorization", f"Basic {token}")


def _add_cookies(headers: dict[str, str], cookies: str) -> None:
    """Behind those that the settings send, in one field (RFC 6265 5.4)."""
    own = next((value for name, value in headers.items() if name.lower() == "cookie"), None)
    _put(headers, "Cookie", cookies if own is None else f"{own}; {cookies}")


def _one_line(name: str, value: str) -> str:
    if any(c in value for c in "\r\n\0"):
        raise ValueError(f"the secret of the header {name} has a line end in it")
    return value
