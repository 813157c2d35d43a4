"""Organisations, buckets and tokens of an InfluxDB 2, requested with a token that may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.domain.time.interval import Second
from monitor.results.stores.influx.answers import judge_admin
from monitor.results.stores.influx.server import Server
from monitor.results.stores.ports import StoreMisconfigured

DAY = 86_400
OURS = "Estado: "
"""How the descriptions of what we made begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """`keeps_s` 0: for ever."""

    id: str
    name: str
    keeps_s: int
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that is there, without its secret."""

    id: str
    description: str
    buckets: frozenset[str]


class Admin:
    """Each method raises StoreUnavailable, StoreMisconfigured."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def is_empty(self) -> bool:
        """Whether nobody has set this server up yet."""
        allowed = (await self._request("GET", "/api/v2/setup")).get("allowed")
        if not isinstance(allowed, bool):
            raise StoreMisconfigured(
                "url: who answers there has nothing to set up: InfluxDB 3 makes its databases and "
                "tokens with a tool of its own, and nothing else than InfluxDB has any"
            )
        return allowed

    async def set_up(self, first: Mapping[str, Any]) -> str:
        """Make the owner, the organisation and a first bucket; the all-access token."""
        made = await self._request("POST", "/api/v2/setup", first)
        return str(made["auth"]["token"])

    async def organisation(self, name: str) -> str | None:
        """Its id."""
        found = (await self._request("GET", "/api/v2/orgs", query={"org": name})).get("orgs")
        return str(found[0]["id"]) if found else None

    async def make_organisation(self, name: str) -> str:
        return str((await self._request("POST", "/api/v2/orgs", {"name": name}))["id"])

    async def bucket(self, org: str, name: str) -> Bucket | None:
        """By the organisation's name."""
        query = {"org": org, "name": name}
        found = (await self._request("GET", "/api/v2/buckets", query=query)).get("buckets")
        return bucket_of(found[0]) if found else None

    async def make_bucket(self, org_id: str, name: str, days: int) -> None:
        await self._request(
            "POST", "/api/v2/buckets", {"orgID": org_id, "name": name, **_retention(days)}
        )

    async def keep(self, bucket: Bucket, days: int) -> None:
        """Change its retention, and say that it is ours."""
        await self._request("PATCH", f"/api/v2/buckets/{bucket.id}", _retention(days))

    async def tokens(self, org_id: str) -> Sequence[Token]:
        query = {"orgID": org_id}
        found = await self._request("GET", "/api/v2/authorizations", query=query)
        return [_token_of(fields) for fields in found.get("authorizations", ())]

    async def make_token(
        self, org_id: str, description: str, actions: Iterable[str], buckets: Iterable[str]
    ) -> str:
        """A token that may do these things with these buckets (by id) and nothing else."""
        places = [{"type": "buckets", "id": bucket_id, "orgID": org_id} for bucket_id in buckets]
        permissions = [{"action": a, "resource": place} for a in actions for place in places]
        body = {"orgID": org_id, "description": description, "permissions": permissions}
        return str((await self._request("POST", "/api/v2/authorizations", body))["token"])

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """What is not there has no fields."""
        answer = await self._server.request(method, path, query=query, body=body)
        judge_admin(answer, Second(0))
        return {} if answer.status == 404 else answer.fields()


def bucket_of(fields: Mapping[str, Any]) -> Bucket:
    """As InfluxDB describes one."""
    return Bucket(
        id=fields["id"],
        name=fields["name"],
        keeps_s=sum(rule["everySeconds"] for rule in fields["retentionRules"]),
        is_ours=fields.get("description", "").startswith(OURS),
    )


def how_long(seconds: int) -> str:
    """
    >>> how_long(0), how_long(86_400), how_long(7_776_000), how_long(5_400)
    ('for ever', '1 day', '90 days', '5400 s')
    """
    if seconds % DAY:
        return f"{seconds} s"
    days = seconds // DAY
    return "for ever" if days == 0 else "1 day" if days == 1 else f"{days} days"


def _retention(days: int) -> Mapping[str, Any]:
    # 0 is for ever, and has to be written: without a rule a bucket keeps the one it has.
    rules = [{"type": "expire", "everySeconds": days * DAY}]
    return {"description": f"{OURS}keeps {how_long(days * DAY)}", "retentionRules": rules}


def _token_of(fields: Mapping[str, Any]) -> Token:
    places = (permission["resource"] for permission in fields.get("permissions", ()))
    return Token(
        id=fields["id"],
        description=fields.get("description", ""),
        buckets=frozenset(place["id"] for place in places if place.get("id")),
    )
