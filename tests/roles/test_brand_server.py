"""Pages of several brands over real connections, by both ways in which a request is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.customers.name_table import decode_table, encode_table
from monitor.domain.customers.problems import ProblemRef
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.domain.time.interval import Second
from monitor.runtime.http.servers import bounded_runner
from statuspage.serve.affected import NameDesk
from statuspage.serve.at_once import AnswersAtOnce
from statuspage.serve.late_rendering import LateRenderer
from statuspage.serve.problems import ProblemDesk
from statuspage.serve.server import make_app
from statuspage.serve.subscribing.desk import SubscriptionDesk
from tests.roles.brand_sites import ACME, BETA, BrandSites, brand_page, named
from tests.support.nginx_proxy import caching_nginx
from tests.support.patience import PATIENCE_S

LINKS = Links(bytes(range(32)))
ANA = SubscriptionId("a2b3c4d5e6f7g8h9")
ACME_HOST, BETA_HOST = ACME.hosts[0], BETA.hosts[0]


_KEY = bytes(range(32))
NAMES = decode_table(
    encode_table(
        {"a.example": [ComponentId("acme-web")], "b.example": [ComponentId("beta-web")]}, _KEY
    ),
    _KEY,
)


async def at_once(_: float) -> None:
    """Nobody waits in a test."""


@dataclass
class Served:
    """The same sites behind both ways; what was put into an inbox."""

    brands: BrandSites
    ports: Mapping[str, int]
    rows: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)

    async def ask(self, said: bytes, way: str = "at once") -> bytes:
        """The whole answer but its date."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[way])
        try:
            writer.write(said)
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Date:")]
                lengths = [int(x[15:]) for x in lines if x.startswith(b"Content-Length:")]
                is_empty = said.startswith(b"HEAD") or not lengths
                body = b"" if is_empty else await reader.readexactly(lengths[0])
        finally:
            writer.close()
        return b"\r\n".join((*sorted(lines), body))

    async def both(self, said: bytes) -> bytes:
        """The answer, which is the same by both ways."""
        answers = {way: await self.ask(said, way) for way in self.ports}
        assert len(set(answers.values())) == 1, said
        return answers["at once"]


@pytest.fixture
async def served(brands: BrandSites) -> AsyncIterator[Served]:
    found = Served(brands, {})
    runners = []

    async def append(kind: str, body: Mapping[str, Json]) -> None:
        found.rows.append((kind, body))

    ports = {}
    for way in ("at once", "library"):
        late = LateRenderer()
        app = make_app(
            brands.sites,
            SubscriptionDesk(append, lambda: LINKS, lambda _: "192.0.2.7", brands.clock),
            NameDesk(lambda: NAMES, lambda _: "192.0.2.7", brands.clock, at_once),
            ProblemDesk(
                append, lambda _: "192.0.2.7", brands.clock, lambda: ProblemRef("PRBLEM22")
            ),
            late_renderer=late,
        )
        plain = AnswersAtOnce(brands.sites.by_host.answer, late, brands.clock)
        runner = bounded_runner(app, at_once=plain if way == "at once" else None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        ports[way] = runner.addresses[0][1]
    found.ports = ports
    yield found
    for runner in runners:
        await runner.cleanup()


def get(host: str, path: str = "/es/", *more: str, method: str = "GET") -> bytes:
    """Not compressed, so that what it names can be read."""
    lines = (
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        "Accept-Encoding: identity",
        *more,
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1")


def post(host: str, path: str, body: bytes, *more: str) -> bytes:
    form = "Content-Type: application/x-www-form-urlencoded"
    length = f"Content-Length: {len(body)}"
    return get(host, path, form, length, *more, method="POST") + body


async def test_both_ways_choose_the_same_page_and_keep_the_same_door(served: Served) -> None:
    token = served.brands.link()
    cookie = f"Cookie: a=b; __Host-estado-page={token}"
    for path in ("/es/", "/", "/historial.atom", "/api/v2/summary.json", "/none", "/healthz"):
        assert named(await served.both(get(ACME_HOST, path))) <= {"acme"}
        assert named(await served.both(get(BETA_HOST, path))) == set()
        assert named(await served.both(get(BETA_HOST, path, cookie))) <= {"beta"}
    assert named(await served.both(get("estado.example", "/es/"))) == {"company"}
    assert b" 303 " in await served.both(get(BETA_HOST, f"/acceso/{token}"))
    assert b" 403 " in await served.both(get(BETA_HOST, "/es/", "If-None-Match: *"))
    assert b" 403 " in await served.both(get(BETA_HOST, "/es/", "Range: bytes=0-99"))
    assert b" 200 " in await served.both(get(BETA_HOST, "/es/", "Cookie: a=b", cookie))
    head = get(BETA_HOST, f"/acceso/{token}", method="HEAD")
    assert b"Set-Cookie: __Host-" in await served.ask(head)


async def test_a_page_is_chosen_by_what_was_asked_for_and_by_nothing_else(served: Served) -> None:
    forwarded = ("X-Forwarded-Host: status.acme.example", "Forwarded: host=status.acme.example")
    assert named(await served.both(get("estado.example", "/es/", *forwarded))) == {"company"}
    absolute = get(ACME_HOST, f"http://{ACME_HOST}:80/es/")
    assert named(await served.both(absolute)) == {"acme"}
    without = b"GET /es/ HTTP/1.0\r\n\r\n"
    assert named(await served.both(without)) == {"company"}
    old = b"GET /es/ HTTP/1.0\r\nHost: status.acme.example\r\n\r\n"
    assert named(await served.both(old)) == {"acme"}
    served.brands.configure(brand_page("acme", hosts=("xn--espaol-zwa.example", "2001:db8::1")))
    for host in ("xn--espaol-zwa.example", "[2001:db8::1]:80"):
        assert named(await served.both(get(host, f"http://ana@{host}/es/"))) == {"acme"}


TWO_HOSTS = (
    get("estado.example", "/es/", f"Host: {BETA_HOST}"),
    get(BETA_HOST, "/es/", "Host: estado.example"),
    get("estado.example", f"http://{ACME_HOST}/es/"),
    get(ACME_HOST, "http://estado.example/es/"),
)


async def test_who_names_two_hosts_gets_neither_page(served: Served) -> None:
    """What is in front may keep the answer for the other one."""
    for said in TWO_HOSTS:
        answer = await served.both(said)
        assert (b" 400 Bad Request" in answer, named(answer)) == (True, set()), said


async def test_what_is_asked_for_belongs_to_the_page_where_it_was(served: Served) -> None:
    form = b"email=ana%40example.com"
    for host in ("estado.example", ACME_HOST):
        assert b"303 See Other" in await served.ask(post(host, "/suscripcion", form))
    assert [body.get("page") for _, body in served.rows] == [None, "acme"]


async def test_a_private_page_takes_forms_of_those_alone_who_see_it(served: Served) -> None:
    cookie = f"Cookie: __Host-estado-page={served.brands.link()}"
    for path, form in (
        ("/suscripcion", b"email=ana%40example.com"),
        ("/informar", b"text=No+abre"),
    ):
        said = await served.ask(post(BETA_HOST, path, form))
        assert (b"403 Forbidden" in said, named(said), served.rows) == (True, set(), [])
        said = await served.ask(post(BETA_HOST, path, form, cookie))
        assert b"private, no-store" in said
        assert len(served.rows) == 1
        served.rows.clear()


async def test_a_subscriber_without_a_link_ends_it_and_reads_no_name(served: Served) -> None:
    token = LINKS.token(Purpose.MANAGE, ANA, Second(0))
    ended = await served.ask(post(BETA_HOST, f"/suscripcion/baja/{token}", b""))
    assert ("No le escribimos más".encode() in ended, named(ended)) == (True, set())
    assert served.rows == [("subscription.unsubscribed", {"subscription": ANA})]
    forged = await served.ask(post(BETA_HOST, "/suscripcion/baja/x.0.y", b""))
    assert (b"Ese enlace no sirve" in forged, named(forged)) == (True, set())
    assert len(served.rows) == 1


async def test_a_problem_names_a_component_of_that_page_alone(served: Served) -> None:
    await served.ask(post(ACME_HOST, "/informar", b"text=No+abre&component=beta-web"))
    await served.ask(post(ACME_HOST, "/informar", b"text=No+abre&component=acme-web"))
    assert [body["component"] for _, body in served.rows] == [None, "acme-web"]


async def test_a_domain_of_another_page_is_as_unknown_as_any(served: Served) -> None:
    async def asked(host: str, name: bytes, *more: str) -> bytes:
        said = await served.ask(post(host, "/me-afecta", b"name=" + name, *more))
        return said.replace(name, b"x.example")

    ours, other, unknown = [
        await asked(ACME_HOST, name) for name in (b"a.example", b"b.example", b"c.example")
    ]
    assert other == unknown
    assert (named(other), len(ours)) == ({"acme"}, len(other))
    assert ours != other
    assert named(await asked(BETA_HOST, b"b.example")) == set()
    cookie = f"Cookie: __Host-estado-page={served.brands.link()}"
    opened = await asked(BETA_HOST, b"b.example", cookie)
    # A cache may neither keep it nor give it another size.
    assert b"Cache-Control: private, no-store, no-transform" in opened


async def test_a_cache_in_front_as_the_manual_has_it_keeps_pages_apart(
    served: Served, tmp_path: Path
) -> None:
    """It is told to keep what we say that nothing may keep."""
    cookie = f"Cookie: __Host-estado-page={served.brands.link()}"
    (folder := tmp_path / "nginx").mkdir()
    with caching_nginx(folder, served.ports["library"]) as port:
        served.ports = {"nginx": port}
        assert named(await served.ask(get(BETA_HOST, "/es/", cookie), "nginx")) == {"beta"}
        assert named(await served.ask(get(BETA_HOST, "/es/"), "nginx")) == set()
        for cached in (b"X-Cached: MISS", b"X-Cached: HIT"):
            for host, name in (("estado.example", "company"), (ACME_HOST, "acme")):
                answer = await served.ask(get(host, "/es/"), "nginx")
                assert (cached in answer, named(answer)) == (True, {name})
