"""Addresses of webhooks as strangers type them: which ones anything is sent to.

Whoever types an address chooses where this machine sends a request. So it is https on its own port
to a name with a dot, without a login in it; where the name leads is judged when it is dialled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.domain.subscriptions.mail_address import BadAddress, ascii_domain

LONGEST = 500
_PORTS = (None, 443, 8443)
_SLACK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_SLACK_PATH = re.compile(r"/services/[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,40}/[A-Za-z0-9]{1,80}")
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_QUERY = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


@dataclass(frozen=True, slots=True)
class HookAddress:
    """`receiver` is the address without its query, which strangers could vary for ever."""

    url: str
    receiver: str


def read_webhook(typed: str) -> HookAddress:
    """Any public receiver. One of Slack is refused: it takes only messages in Slack's own form.
    Raises BadAddress.

    >>> read_webhook(" https://Hooks.Example.com/estado?key=1 ").url
    'https://hooks.example.com/estado?key=1'
    >>> read_webhook("https://Hooks.Example.com/estado?key=1").receiver
    'https://hooks.example.com/estado'
    """
    found = _read(typed)
    if urlsplit(found.url).hostname in _SLACK_HOSTS:
        raise BadAddress("an address of Slack")
    return found


def read_slack_hook(typed: str) -> HookAddress:
    """An incoming webhook of Slack. Raises BadAddress."""
    found = _read(typed)
    parts = urlsplit(found.url)
    is_slack = parts.netloc in _SLACK_HOSTS and not parts.query
    if not is_slack or not _SLACK_PATH.fullmatch(parts.path):
        raise BadAddress("no incoming webhook of Slack")
    return found


def _read(typed: str) -> HookAddress:
    text = typed.strip(" ")
    if len(text) > LONGEST or not text.isprintable():
        raise BadAddress(f"longer than {LONGEST} characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadAddress("no address") from error
    if parts.scheme != "https" or "@" in parts.netloc or port not in _PORTS:
        raise BadAddress("must begin with https://, without a login, on port 443 or 8443")
    if not _PATH.fullmatch(parts.path) or not _QUERY.fullmatch(parts.query):
        raise BadAddress("has letters that no address has")
    # RFC 1035: a name has at most 253 letters, and only a name can be looked at when it is dialled.
    name = ascii_domain(host)
    place = f"https://{name}{'' if port in (None, 443) else f':{port}'}{parts.path or '/'}"
    return HookAddress(f"{place}?{parts.query}" if parts.query else place, place)
