"""What each answer of an InfluxDB means: stored, try later, never, or a person has to act."""

from __future__ import annotations

import re
from typing import NoReturn

import structlog

from monitor.domain.time.interval import Second
from monitor.net.http_errors import excerpt, retry_after, shown
from monitor.results.stores.influx.server import Answer
from monitor.results.stores.ports import StoreMisconfigured, StoreRefused, StoreUnavailable

_LONGEST = 300
_EXPIRED = re.compile(
    r"dropped (\d+) points outside retention|beyond retention policy dropped=(\d+)"
)
_log = structlog.get_logger(__name__)


def judge_write(answer: Answer, bucket: str, now: Second) -> None:
    """Returns where all that the bucket keeps is stored; raises what the store's port says.

    A point older than the bucket's retention is dropped by the server, which stores the others of
    its batch: it would be gone in a moment anyway, and cannot be stored.
    """
    if answer.status == 204:
        return
    text = reason_of(answer)
    if answer.status == 422 and (expired := _EXPIRED.search(text)):
        dropped = int(expired[1] or expired[2])
        _log.warning("influx.older_than_retention", bucket=bucket, dropped=dropped)
        return
    # A 400 of another server may mean anything; a 413 is a proxy's as often as not.
    if answer.status == 413 or (answer.status in (400, 422) and is_influx(answer)):
        raise StoreRefused(text)
    if answer.status < 300:
        raise StoreMisconfigured(
            f"url: who answers says {answer.status} to a write, InfluxDB 204: is it one?"
        )
    _raise(answer, bucket, now)


def judge_read(answer: Answer, bucket: str, now: Second) -> None:
    """Returns for 200; else raises StoreUnavailable or StoreMisconfigured."""
    if answer.status != 200:
        _raise(answer, bucket, now)


def judge_admin(answer: Answer, now: Second) -> None:
    """Returns for 2xx and for 404, which says that a thing is not there; else raises as above."""
    if 200 <= answer.status < 300 or answer.status == 404:
        return
    if answer.status in (401, 403):
        raise StoreMisconfigured(
            f"admin_token: InfluxDB does not know it, or it may not do this ({reason_of(answer)}): "
            "take the all-access token that InfluxDB gave when it was set up"
        )
    _raise(answer, "", now)


def is_influx(answer: Answer) -> bool:
    """Whether InfluxDB itself answered, not something in front of it (2: code and message, 3:
    error)."""
    fields = answer.fields()
    return "message" in fields or "error" in fields


def reason_of(answer: Answer) -> str:
    """The server's own words, shortened: fit for a terminal, and for a file in UTF-8."""
    fields = answer.fields()
    message = fields.get("message") or fields.get("error")
    if isinstance(message, str) and message:
        return f"{answer.status}: {shown(message, _LONGEST)}"
    return f"{answer.status}{excerpt(answer.body)}"


def _raise(answer: Answer, bucket: str, now: Second) -> NoReturn:
    status, text = answer.status, reason_of(answer)
    if status in (408, 429) or status >= 500:
        raise StoreUnavailable(text, retry_after(answer.headers.get("Retry-After", ""), now))
    if status == 401:
        raise StoreMisconfigured(
            f"token: InfluxDB does not know it ({text}): put a valid one where the setting points; "
            "`estado store init` makes one"
        )
    if status == 403:
        raise StoreMisconfigured(
            f"token: it may not do this with the bucket {bucket} ({text}): it needs read and write "
            "on the three buckets; `estado store init` makes one"
        )
    if status == 404:
        raise StoreMisconfigured(
            f"the bucket {bucket} or its organisation is not there ({text}): see org and the "
            "bucket's name; `estado store init` makes them"
        )
    if 300 <= status < 400:
        raise StoreMisconfigured("url: it leads to another address: write that one")
    raise StoreMisconfigured(f"url: who answers there says {text}: is it an InfluxDB?")
