"""A private page is shown to holders of a signed link that is in force, and names nothing to
anybody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from monitor.domain.customers.page_links import BadPageLink, PageLink, PageLinkId, PageLinkKey
from monitor.domain.subscriptions.note import Note
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import subscription_note_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE, SUBSCRIBERS
from monitor.roles.page_parts import page_links
from monitor.roles.page_parts.page_links import (
    add_page_link,
    new_link_id,
    page_links_in_force,
    revoke_page_link,
)
from monitor.roles.settings import brand_published_dir
from statuspage.publish.archive.manifest import FOLDER
from statuspage.serve.responses import Response
from tests.roles.brand_sites import (
    BETA,
    DAY,
    GAMMA,
    BrandSites,
    body_of,
    named,
    publish_page,
)
from tests.statuspage.closed import march, write_month

PATHS = (
    "/", "/es/", "/en/", "/pt/", "/historial", "/componente/beta-web", "/componente/none", "/none",
    "/historial.atom", "/historial/beta-web.rss", "/historial.json", "/mantenimiento.ics",
    "/api/v2/summary.json", "/api/v2/none", "/badge.svg", "/badge.json", "/badge/beta-web.svg",
    "/sitemap.xml", "/robots.txt", "/favicon.ico", "/history", "/incidents/x", "/history.atom",
    "/es/insertar", "/me-afecta", "/informar", "/suscripcion", "/healthz", "/acceso", "/acceso/",
    "/acceso/x", "/acceso/x/historial.atom", "/historial/2026-03", "/api/availability/2026-03.json",
)  # fmt: skip
LINK = PageLink(
    id=PageLinkId("a" * 12), page="beta", until=Second(2_000), made_at=Second(0), made_by="ana"
)


def headers_of(response: Response) -> dict[str, str]:
    names = [name for name, _ in response.headers]
    assert len(names) == len(set(names)), "a header twice"
    return dict(response.headers)


def cookie_of(response: Response) -> str:
    return headers_of(response)["Set-Cookie"].partition(";")[0]


def is_guarded(response: Response) -> bool:
    said = headers_of(response)
    return (
        said["Cache-Control"].startswith("private, no-store")
        and said["X-Robots-Tag"] == "noindex"
        and "Cookie" in said["Vary"].split(", ")
        and "Access-Control-Allow-Origin" not in said
        and said["Referrer-Policy"] == "no-referrer"
    )


def test_without_a_link_every_address_is_closed_alike_and_names_nothing(brands: BrandSites) -> None:
    for path in PATHS:
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
            answer = brands.beta(path, method=method)
            assert answer.status == (200 if path in ("/healthz", "/robots.txt") else 403), path
            said = str(answer.headers).encode() + body_of(answer)
            assert (named(said), b"Web" in said) == (set(), False), path
            assert is_guarded(answer), path
    assert brands.beta("/es/") == brands.beta("/none") == brands.beta("/componente/beta-web")


def test_the_closed_page_says_what_to_do_in_each_language(brands: BrandSites) -> None:
    page = body_of(brands.beta()).decode()
    for lang in Lang:
        assert PAGE[lang].closed_title in page
        assert f'lang="{lang.value}"' in page
    assert headers_of(brands.beta("/api/v2/status.json"))["Content-Type"] == "application/json"
    assert body_of(brands.beta("/robots.txt")) == b"User-agent: *\nDisallow: /\n"
    assert body_of(brands.beta("/healthz")) == b'{"status": "ok", "stale": false}'


def test_the_style_of_the_closed_page_is_the_one_that_its_policy_names(brands: BrandSites) -> None:
    import base64
    import hashlib

    style = re.findall(rb"<style>(.*)</style>", body_of(brands.beta()))[0]
    named_hash = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert (
        f"style-src 'sha256-{named_hash}'" in headers_of(brands.beta())["Content-Security-Policy"]
    )


def test_a_link_opens_the_page_and_may_be_opened_again_and_again(brands: BrandSites) -> None:
    token = brands.link()
    answers = [brands.beta(f"/acceso/{token}", method=m) for m in ("HEAD", "GET", "GET")]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0].status, headers_of(answers[0])["Location"]) == (303, "/")
    assert is_guarded(answers[0])
    opened = brands.get(BETA.hosts[0], "/es/", cookie=cookie_of(answers[0]))
    assert (opened.status, named(body_of(opened))) == (200, {"beta"})
    assert is_guarded(opened)


def test_the_cookie_is_of_that_host_alone_and_out_of_reach_of_scripts(brands: BrandSites) -> None:
    said = headers_of(brands.beta(f"/acceso/{brands.link()}"))["Set-Cookie"]
    assert said.startswith("__Host-estado-page=")
    rest = set(said.split("; ")[1:])
    assert rest == {"Max-Age=2592000", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"}


def test_over_plain_http_the_cookie_is_one_that_browsers_keep(brands: BrandSites) -> None:
    token = brands.link(GAMMA)
    entered = brands.get(GAMMA.hosts[0], f"/acceso/{token}")
    assert "Secure" not in headers_of(entered)["Set-Cookie"]
    assert brands.get(GAMMA.hosts[0], "/es/", cookie=cookie_of(entered)).status == 200


def test_every_address_of_an_opened_page_is_guarded(brands: BrandSites) -> None:
    token = brands.link()
    for path in PATHS:
        for etag in ("", "*"):
            assert is_guarded(brands.beta(path, token, if_none_match=etag)), path


def test_known_bytes_are_confirmed_to_nobody_without_a_link(brands: BrandSites) -> None:
    token = brands.link()
    etag = headers_of(brands.beta(token=token))["ETag"]
    assert brands.beta(token=token, if_none_match=etag).status == 304
    for tag in (etag, "*"):
        assert brands.beta(if_none_match=tag).status == 403


def test_old_data_is_closed_too(brands: BrandSites) -> None:
    token = brands.link()
    brands.clock.advance(DAY)
    assert named(body_of(brands.beta(token=token))) == {"beta"}
    assert brands.beta().status == 403


def test_programs_have_the_link_before_the_address(brands: BrandSites) -> None:
    token = brands.link()
    for path in (
        "/historial.atom", "/historial/beta-web.rss", "/en/history.json", "/mantenimiento.ics",
        "/api/v2/summary.json", "/badge.svg", "/badge/beta-web.svg", "/badge.json",
    ):  # fmt: skip
        found = brands.beta(f"/acceso/{token}{path}")
        assert (found.status, is_guarded(found)) == (200, True), path
        assert body_of(found) == body_of(brands.beta(path, token))
        assert token.encode() not in body_of(found)
        assert "Set-Cookie" not in headers_of(found)
    moved = brands.beta(f"/acceso/{token}/api/v2/summary.json/")
    assert headers_of(moved)["Location"] == f"/acceso/{token}/api/v2/summary.json"
    assert brands.beta(f"/acceso/{token}/api/v2/none").status == 404
    assert brands.beta(f"/acceso/{token}/api/v2/status.json", method="POST").status == 405


def test_a_link_leads_to_no_other_site(brands: BrandSites) -> None:
    token = brands.link()
    onward = {
        rest: headers_of(brands.beta(f"/acceso/{token}{rest}"))["Location"]
        for rest in (
            "",
            "/",
            "/historial",
            "//evil.example",
            "/https://evil.example",
            "/..",
            "/none",
        )
    }
    assert onward.pop("/historial") == "/historial"
    assert set(onward.values()) == {"/"}
    assert brands.beta(f"/acceso/{token}", method="POST").status == 405


def test_what_is_over_is_behind_the_same_door(brands: BrandSites) -> None:
    (brands.data_dir / "private-pages").unlink()
    brands.configure()
    write_month(march(), brand_published_dir(brands.data_dir, BETA) / FOLDER)
    publish_page("beta", brand_published_dir(brands.data_dir, BETA))
    brands.configure(BETA)
    token = brands.link()
    for path in ("/historial/2026-03", "/api/availability/2026-03.json"):
        opened = brands.beta(path, token)
        assert (opened.status, is_guarded(opened), len(body_of(opened)) > 500) == (200, True, True)
        etag = headers_of(opened)["ETag"]
        assert brands.beta(path, token, if_none_match=etag).status == 304
        closed = brands.beta(path, if_none_match=etag)
        assert (closed.status, closed) == (403, brands.beta(path.replace("03", "02")))
    entered = brands.beta(f"/acceso/{token}/historial/2026-03")
    assert headers_of(entered)["Location"] == "/historial/2026-03"
    assert brands.beta(f"/acceso/{token}/api/availability/2026-03.json").status == 200


def test_a_link_of_another_page_opens_nothing(brands: BrandSites) -> None:
    token = brands.link(GAMMA)
    assert brands.beta(token=token).status == 403
    assert brands.beta(f"/acceso/{token}").status == 403
    assert brands.beta(f"/acceso/{token}/historial.atom").status == 403


def test_a_token_that_was_changed_opens_nothing(brands: BrandSites) -> None:
    token = brands.link()
    link, until, proof = token.split(".")
    forged = [
        "", ".", "..", token[:-1], token[1:], token + "A", token.upper(), f"{token}\0",
        f'"{token}"',
        f"{link}.{int(until) + 1}.{proof}", f"{'b' * 12}.{until}.{proof}", f"{link}..{proof}",
        f"{link}.{until}.{'A' * 43}", f"{link}.{until}.", f"{link}.0{until}.{proof}",
        f"{link}.-1.{proof}", f"{link}.{until}.{proof[:-1]}\u00e9", "a" * 100_000,
    ]  # fmt: skip
    for bad in forged:
        assert brands.beta(token=bad).status == 403, bad
        assert brands.beta(f"/acceso/{bad}").status == 403, bad
    assert brands.beta(token=token).status == 200


def test_a_token_of_another_key_is_no_token() -> None:
    ours, other = PageLinkKey(bytes(32)), PageLinkKey(bytes([1]) * 32)
    assert ours.read("beta", ours.token(LINK)) == (LINK.id, LINK.until)
    for page, token in (("beta", other.token(LINK)), ("acme", ours.token(LINK))):
        with pytest.raises(BadPageLink):
            ours.read(page, token)


def test_a_signed_token_that_is_not_in_force_opens_nothing(brands: BrandSites) -> None:
    """Whoever has the key and not the list makes no link."""
    token = brands.link()
    key = PageLinkKey((brands.data_dir / "page-links.key").read_bytes())
    link = page_links_in_force(brands.data_dir, brands.clock.now())[0]
    assert brands.beta(token=key.token(replace(link, id=PageLinkId("b" * 12)))).status == 403
    assert brands.beta(token=key.token(replace(link, until=Second(link.until + 1)))).status == 403
    assert brands.beta(token=token).status == 200


def test_a_link_that_is_revoked_opens_nothing_with_an_old_cookie_either(brands: BrandSites) -> None:
    kept, token = brands.link(), brands.link()
    revoked = revoke_page_link(brands.data_dir, token.split(".")[0])
    assert revoked is not None
    brands.sites.refresh()
    assert brands.beta(token=token).status == 403
    assert brands.beta(f"/acceso/{token}").status == 403
    assert brands.beta(f"/acceso/{token}/historial.atom").status == 403
    assert brands.beta(token=kept).status == 200
    assert revoke_page_link(brands.data_dir, token.split(".")[0]) is None


def test_a_link_ends_in_its_second(brands: BrandSites) -> None:
    token = brands.link(lasts_s=100)
    brands.clock.advance(99)
    assert "Max-Age=1;" in headers_of(brands.beta(f"/acceso/{token}"))["Set-Cookie"]
    brands.clock.advance(1)
    assert brands.beta(token=token).status == 403
    assert brands.beta(f"/acceso/{token}").status == 403


def test_a_clock_that_is_set_back_opens_no_link_that_was_over(brands: BrandSites) -> None:
    """The page is as young as what it shows."""
    now = brands.clock.now()
    over = PageLink(
        id=PageLinkId("a" * 12), page="beta", until=Second(now - 10), made_at=Second(now - 100),
        made_by="ana",
    )  # fmt: skip
    token = add_page_link(brands.data_dir, over)
    brands.clock.step(-DAY)
    brands.sites.refresh()
    assert brands.beta(token=token).status == 403


def test_a_link_opens_nothing_long_before_it_was_made(brands: BrandSites) -> None:
    """It was made under a clock of years ahead, or this one is of years ago."""
    now = brands.clock.now()
    for ahead, status in ((3_600, 200), (10_000 * DAY, 403)):
        made = Second(now + ahead)
        link = replace(LINK, until=Second(made + 30 * DAY), made_at=made)
        token = add_page_link(brands.data_dir, replace(link, id=new_link_id()))
        brands.sites.refresh()
        assert (brands.beta(token=token).status, ahead) == (status, ahead)


def test_a_command_under_a_clock_that_is_ahead_ends_no_other_link(brands: BrandSites) -> None:
    token, other = brands.link(), brands.link()
    brands.clock.step(10_000 * DAY)
    late = brands.link()
    assert revoke_page_link(brands.data_dir, other.split(".")[0]) is not None
    assert revoke_page_link(brands.data_dir, late.split(".")[0]) is not None
    brands.clock.step(-10_000 * DAY)
    brands.sites.refresh()
    assert [brands.beta(token=t).status for t in (token, other, late)] == [200, 403, 403]


def test_of_links_that_are_over_the_newest_are_listed(
    brands: BrandSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_links, "_MOST_OVER", 2)
    for end in (30, 10, 20, 40):
        ended = replace(LINK, id=PageLinkId(f"{end}".ljust(12, "a")), until=Second(end))
        add_page_link(brands.data_dir, ended)
    brands.link()
    assert [link.until for link in page_links_in_force(brands.data_dir, Second(0))][:-1] == [30, 40]


def test_the_right_cookie_is_found_among_others(brands: BrandSites) -> None:
    token = brands.link()
    name = "__Host-estado-page"
    for cookie in (f"a=b; {name}=x; {name}={token}", f"{name}={token};c", f" {name}={token} "):
        assert brands.get(BETA.hosts[0], cookie=cookie).status == 200, cookie
    for cookie in (f"{name}2={token}", f"x{name}={token}", f"estado-page={token}", token):
        assert brands.get(BETA.hosts[0], cookie=cookie).status == 403, cookie
    flood = f"{name}=x; " * 1_000
    assert brands.get(BETA.hosts[0], cookie=f"{flood}{name}={token}").status == 403


def test_another_pages_cookie_or_host_changes_nothing(brands: BrandSites) -> None:
    token = brands.link()
    assert named(body_of(brands.get("estado.example", cookie=f"__Host-estado-page={token}"))) == {
        "company"
    }
    assert brands.get("estado.example", f"/acceso/{token}").status == 404


def test_subscribers_end_their_mails_without_a_link_to_the_page(brands: BrandSites) -> None:
    for lang, path in ((Lang.ES, "/suscripcion/baja/x.0.y"), (Lang.EN, "/en/subscribe/confirm/x")):
        page = brands.beta(path)
        assert (page.status, named(body_of(page))) == (200, set()), path
        words = SUBSCRIBERS[lang]
        button = words.end_send if lang is Lang.ES else words.confirm_send
        assert f'<form method="post"><button>{button}</button></form>' in body_of(page).decode()
    for note in (Note.ENDED, Note.CONFIRMED, Note.BAD_LINK):
        page = brands.beta(subscription_note_path(note, "pt-BR"))
        assert SUBSCRIBERS[Lang.PT].notes[note].title in body_of(page).decode()
        assert named(body_of(page)) == set()
        assert is_guarded(page)


@contextmanager
def nothing_logged() -> Iterator[None]:
    with capture_logs() as logs:
        yield
    assert logs == []


def test_no_token_is_logged(brands: BrandSites) -> None:
    token = brands.link()
    with nothing_logged():
        brands.beta(f"/acceso/{token}")
        brands.beta(f"/acceso/{token[:-1]}")
        brands.beta(token=token)
