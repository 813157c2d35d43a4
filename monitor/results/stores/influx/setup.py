"""`estado store init`: what an InfluxDB 2 needs before results can go there.

Run again, it changes nothing but what the configuration has changed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from monitor.domain.secret import FILE_PREFIX, Secret, SecretMissing
from monitor.domain.time.interval import Second
from monitor.results.stores.influx.admin import DAY, OURS, Admin, Bucket, how_long
from monitor.results.stores.influx.answers import judge_write
from monitor.results.stores.influx.server import WRITE, connected, token_of
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.ports import StoreMisconfigured

Say = Callable[[str], None]
OWNER = "estado"
_NOTHING = b"# estado store init"
"""A comment: it needs the right to write, and writes nothing."""


async def init(spec: InfluxSpec, say: Say) -> None:
    """Organisation, buckets with their retention, a token for the product and one that only reads.

    Raises StoreUnavailable, StoreMisconfigured.
    """
    async with connected(spec) as nobody:
        admin_token = await _first_or_given(Admin(nobody), spec, say)
    async with connected(spec, lambda: admin_token) as server:
        admin = Admin(server)
        org_id = await _organisation(admin, spec.org, say)
        buckets = {
            name: await _bucket(admin, spec.org, org_id, name, days, say)
            for name, days in spec.buckets.items()
        }
        await _product_token(admin, spec, org_id, buckets, say)
        await _reading_token(admin, org_id, buckets, say)


async def _first_or_given(admin: Admin, spec: InfluxSpec, say: Say) -> str:
    """The all-access token; for a server that is set up, the one that the configuration names."""
    if await admin.is_empty():
        return await _set_up(admin, spec, say)
    if spec.admin_token is None:
        raise StoreMisconfigured(
            "InfluxDB has been set up before: name its all-access token as admin_token"
        )
    return token_of(spec.admin_token)


async def _set_up(admin: Admin, spec: InfluxSpec, say: Say) -> str:
    password, chosen = secrets.token_urlsafe(18), _known(spec.admin_token)
    first: dict[str, Any] = {
        "username": OWNER,
        "password": password,
        "org": spec.org,
        "bucket": spec.raw_bucket,
        "retentionPeriodSeconds": spec.raw_days * DAY,
    }
    token = await admin.set_up(first | ({} if chosen is None else {"token": chosen}))
    say(f"InfluxDB was empty. Its owner, for its web pages, is now {OWNER} with the password")
    say(f"    {password}")
    if chosen is None:
        _hand_over(
            spec.admin_token, token, "all-access token: made; the product never needs it", say
        )
    return token


async def _organisation(admin: Admin, name: str, say: Say) -> str:
    found = await admin.organisation(name)
    if found is not None:
        say(f"organisation {name}: is there")
        return found
    made = await admin.make_organisation(name)
    say(f"organisation {name}: made")
    return made


async def _bucket(admin: Admin, org: str, org_id: str, name: str, days: int, say: Say) -> Bucket:
    """A retention that the configuration changed is changed. A bucket that somebody else made to
    keep longer is left: shortening deletes, at once and for good."""
    found = await admin.bucket(org, name)
    wanted = how_long(days * DAY)
    if found is None:
        await admin.make_bucket(org_id, name, days)
        say(f"bucket {name}: made, keeps {wanted}")
    elif found.keeps_s == days * DAY:
        say(f"bucket {name}: is there, keeps {wanted}")
    elif found.is_ours or _is_longer(days * DAY, found.keeps_s):
        await admin.keep(found, days)
        say(f"bucket {name}: kept {how_long(found.keeps_s)}, keeps {wanted} from now on")
    else:
        say(
            f"bucket {name}: keeps {how_long(found.keeps_s)}, and was not made here; left so: "
            f"{wanted} would delete what is older (influx bucket update does it)"
        )
    made = found or await admin.bucket(org, name)
    if made is None:
        raise StoreMisconfigured(f"the bucket {name} is not there although it was made just now")
    return made


async def _product_token(
    admin: Admin, spec: InfluxSpec, org_id: str, buckets: Mapping[str, Bucket], say: Say
) -> None:
    if _known(spec.token) is not None:
        await _try(spec)
        say("token: is there, and may read and write the three buckets")
        return
    description = f"{OURS}writes and reads {', '.join(buckets)}"
    ids = [bucket.id for bucket in buckets.values()]
    token = await admin.make_token(org_id, description, ("read", "write"), ids)
    _hand_over(spec.token, token, "token: made; it may read and write the three buckets", say)


async def _try(spec: InfluxSpec) -> None:
    """Raises StoreMisconfigured where the product's token may not do what it has to."""
    async with connected(spec, partial(token_of, spec.token)) as server:
        for name in spec.buckets:
            where = {"org": spec.org, "bucket": name}
            answer = await server.request("POST", WRITE, query=where, body=_NOTHING)
            judge_write(answer, name, Second(0))
            if await Admin(server).bucket(spec.org, name) is None:
                raise StoreMisconfigured(
                    f"token: it may not read the bucket {name}: take it away from where the "
                    "setting points, and estado store init makes a better one"
                )


async def _reading_token(
    admin: Admin, org_id: str, buckets: Mapping[str, Bucket], say: Say
) -> None:
    description = f"{OURS}reads {', '.join(buckets)}"
    ids = frozenset(bucket.id for bucket in buckets.values())
    for token in await admin.tokens(org_id):
        if token.description == description and ids <= token.buckets:
            say(f"token for Grafana: is there (id {token.id}); delete it, and this makes another")
            return
    made = await admin.make_token(org_id, description, ("read",), ids)
    say("token for Grafana: made; it may only read the three buckets, and is shown this once")
    say(f"    {made}")


def _is_longer(one_s: int, other_s: int) -> bool:
    """0 is for ever."""
    return other_s != 0 and (one_s == 0 or one_s > other_s)


def _known(secret: Secret | None) -> str | None:
    """The token where there is one already. Raises StoreMisconfigured where it is no token."""
    if secret is None:
        return None
    try:
        secret.reveal()
    except SecretMissing:
        return None
    return token_of(secret)


def _hand_over(secret: Secret | None, token: str, what: str, say: Say) -> None:
    """Put it where the configuration will look for it: in a new file that only its owner may read,
    else among what is printed, this once."""
    reference = secret.reference if secret is not None else ""
    if reference.startswith(FILE_PREFIX):
        path = reference.removeprefix(FILE_PREFIX)
        try:
            _write(path, token)
        except OSError as error:
            say(f"{what}. It cannot be written to {path} ({error.strerror}): put it there")
            say(f"    {token}")
        else:
            say(f"{what}. It is in {path} (mode 600), for the user that the product runs as")
    elif reference:
        say(f"{what}. Set it in the environment; it is shown this once")
        say(f"    {reference.strip('${}')}={token}")
    else:
        say(f"{what}. Keep it apart; it is shown this once")
        say(f"    {token}")


def _write(path: str, token: str) -> None:
    """Raises OSError, also where the file is there."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(f"{token}\n")
