"""What strangers, other pages and people with little say try on the console."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from monitor.accounts.session_keys import hash_of
from monitor.console.browser.origin import Origin, own_path
from monitor.console.table import SCREENS
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.text import plain
from monitor.journal.ports import JournalError
from tests.api.service import PASSWORD, service
from tests.console.visitor import COOKIE, Visitor

OPERATOR, ADMIN, VIEWER, BILLING = (
    AccountRole.OPERATOR, AccountRole.ADMIN, AccountRole.VIEWER, AccountRole.BILLING,
)  # fmt: skip
UPDATE = {"text_es": "Un disco falló.", "action": "publish", "phase": "identified"}
SCRIPT = "<script>alert(1)</script>"


async def _fallen(visitor: Visitor) -> str:
    found = visitor.service.fall("web")
    visitor.service.publish_log()
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": ""},
        {"Origin": "null", "Sec_Fetch_Site": ""},
        {"Origin": "", "Sec_Fetch_Site": "same-site"},
        {"Origin": "", "Sec_Fetch_Site": "none"},
        {"Origin": "", "Sec_Fetch_Site": ""},
    ],
)
async def test_another_page_cannot_send_a_form(
    visitor: Visitor, headers: Mapping[str, str]
) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    seen = await visitor.post(f"/incidents/{incident}", UPDATE, **headers)
    assert seen.status == 403
    signed_in = await visitor.post("/sign-in", {"name": "x", "password": "y"}, **headers)
    assert signed_in.status == 403
    assert visitor.service.incidents()[0].phase == "investigating"


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_a_form_needs_the_token_of_its_session(visitor: Visitor, token: str) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    assert (await visitor.post(f"/incidents/{incident}", UPDATE, token=token)).status == 403


async def test_the_token_of_another_session_is_none(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    foreign = visitor.token
    visitor.key = ""
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    assert (await visitor.post(f"/incidents/{incident}", UPDATE, token=foreign)).status == 403
    assert (await visitor.post(f"/incidents/{incident}", UPDATE)).status == 303


async def test_no_other_page_can_frame_the_console_or_run_a_script_in_it(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    for path in ("/sign-in", "/", "/accounts", "/nothing/here"):
        headers = (await visitor.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


async def test_a_session_that_was_planted_before_signing_in_is_not_the_one_after(
    visitor: Visitor,
) -> None:
    planted = visitor.service.session_of(VIEWER)
    visitor.service.add("ana", OPERATOR)
    visitor.key = planted
    token = (await visitor.get("/")).field("token")
    seen = await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD}, token=token)
    assert seen.cookies[COOKIE] not in ("", planted)


async def test_signing_out_ends_the_session_on_the_server(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    key = visitor.key
    seen = await visitor.post("/sign-out", {})
    assert seen.cookies[COOKIE] == ""
    visitor.key = key
    assert (await visitor.get("/")).location == "/sign-in"


async def test_a_new_password_ends_the_sessions_there_are(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER, name="ana")
    visitor.service.add("root-admin", ADMIN).reset("ana")
    assert (await visitor.get("/")).location == "/sign-in"


async def test_a_session_is_only_for_its_cookie_and_scripts_do_not_read_it(
    visitor: Visitor,
) -> None:
    visitor.service.add("ana", VIEWER)
    seen = await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD})
    cookie = seen.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    with visitor.service.world.journal.transaction() as tx:
        assert tx.accounts.session(seen.cookies[COOKIE]) is None
        assert tx.accounts.session(hash_of(seen.cookies[COOKIE])) is not None


async def test_behind_https_the_cookie_is_the_hosts_own_and_never_goes_in_the_clear(
    tmp_path: Path,
) -> None:
    async with service(tmp_path, with_pages=True, public_url="https://ops.example") as made:
        visitor = Visitor(made)
        made.add("ana", VIEWER)
        seen = await visitor.post(
            "/sign-in", {"name": "ana", "password": PASSWORD}, Host="ops.example",
            Origin="https://ops.example",
        )  # fmt: skip
        assert seen.status == 303
        cookie = seen.headers["Set-Cookie"]
        assert cookie.startswith("__Host-estado=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        foreign = await visitor.post(
            "/sign-in", {"name": "ana", "password": PASSWORD}, Host="ops.example",
            Origin="http://ops.example",
        )  # fmt: skip
        assert foreign.status == 403


@pytest.mark.parametrize("host", ["ops.example", "ops.example:443", "OPS.example"])
@pytest.mark.parametrize("public_url", ["https://Ops.Example:443", "https://ops.example"])
async def test_its_address_is_the_same_however_it_is_written(
    tmp_path: Path, public_url: str, host: str
) -> None:
    async with service(tmp_path, with_pages=True, public_url=public_url) as made:
        visitor = Visitor(made)
        made.add("ana", VIEWER)
        sent = {"name": "ana", "password": PASSWORD}
        seen = await visitor.post("/sign-in", sent, Host=host, Origin="https://ops.example")
        assert (seen.status, seen.location) == (303, "/")
        for other in ("ops.example:80", "ops.example:8443", "ops.example.:443", "xops.example"):
            assert (await visitor.get("/sign-in", Host=other)).status == 421


@pytest.mark.parametrize(
    ("public_url", "cookie"),
    [
        (None, "estado-session"),
        ("http://127.0.0.1:9092", "estado-session"),
        ("https://ops.example", "__Host-estado"),
        ("HTTPS://ops.example", "__Host-estado"),
    ],
)
def test_the_cookie_is_for_https_where_browsers_come_by_it(
    public_url: str | None, cookie: str
) -> None:
    """They drop one for https that comes over http."""
    assert Origin(public_url=public_url).cookie == cookie


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_a_foreign_name_that_leads_here_is_not_served(visitor: Visitor, host: str) -> None:
    await visitor.sign_in(VIEWER)
    assert (await visitor.get("/", Host=host or "x")).status == 421


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/%0d%0aSet-Cookie:x=1\r\n", "", " /x",
        "/sign-in", "/ñ",
    ],
)  # fmt: skip
async def test_signing_in_never_leads_elsewhere(visitor: Visitor, wanted: str) -> None:
    visitor.service.add("ana", VIEWER)
    seen = await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD, "next": wanted})
    assert seen.location == "/"
    assert own_path(wanted) == "/"


async def test_signing_in_leads_to_what_was_asked_for(visitor: Visitor) -> None:
    visitor.service.add("ana", VIEWER)
    asked = await visitor.get("/incidents?q=web&days=30")
    assert asked.location == "/sign-in?next=%2Fincidents%3Fq%3Dweb%26days%3D30"
    page = await visitor.get(asked.location)
    fields = {"name": "ana", "password": PASSWORD, "next": page.field("next")}
    assert (await visitor.post("/sign-in", fields)).location == "/incidents?q=web&days=30"


async def test_a_wrong_password_and_an_unknown_name_read_the_same(visitor: Visitor) -> None:
    visitor.service.add("ana", VIEWER)
    wrong = await visitor.post("/sign-in", {"name": "ana", "password": "x" * 12})
    unknown = await visitor.post("/sign-in", {"name": "bob", "password": "x" * 12})
    assert wrong.status == unknown.status == 401
    assert wrong.text.replace("ana", "bob") == unknown.text


async def test_texts_of_others_are_shown_and_never_run(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    incident = await _fallen(visitor)
    fields = {**UPDATE, "text_es": f"{SCRIPT}\x1b[2J\u202e", "title_es": SCRIPT}
    assert (await visitor.post(f"/incidents/{incident}", fields)).status == 303
    label = {"label": SCRIPT, "scope": "state:read", "days": "1"}
    await visitor.post("/tokens", label)
    searches = (f"/incidents?q={SCRIPT}", f"/checks?q={SCRIPT}", f"/audit?actor={SCRIPT}")
    for path in ("/", f"/incidents/{incident}", "/incidents", "/audit", "/accounts", *searches):
        seen = await visitor.get(path)
        assert SCRIPT not in seen.text, path
        assert "\x1b" not in seen.text, path


async def test_an_account_of_one_service_sees_and_changes_nothing_of_another(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(OPERATOR, services=("mail",))
    incident = await _fallen(visitor)
    now = await visitor.get("/")
    assert incident not in now.text
    assert "web" not in now.text.lower().replace("webp", "")
    for path in (f"/incidents/{incident}", "/components/web", "/checks/web-check"):
        seen = await visitor.get(path)
        assert seen.status == 404
        assert "dns" not in seen.words
    assert (await visitor.post(f"/incidents/{incident}", UPDATE)).status == 404
    window = {
        "title_es": "x", "impact_es": "y", "start": "2030-01-01T02:00", "end": "2030-01-01T03:00",
        "component": "web",
    }  # fmt: skip
    assert (await visitor.post("/maintenance", window)).status == 404
    assert (await visitor.get("/audit")).status == 403


@pytest.mark.parametrize("role", list(AccountRole))
async def test_each_role_gets_the_screens_of_its_scopes_and_no_other(
    visitor: Visitor, role: AccountRole
) -> None:
    """Screens by their scope: a route that forgot it would be open to the viewer."""
    allowed = {
        VIEWER: {Scope.STATE_READ},
        OPERATOR: {
            Scope.STATE_READ, Scope.INCIDENTS_WRITE, Scope.MAINTENANCE_WRITE, Scope.CONFIG_READ,
            Scope.PROBE_RUN, Scope.EXCLUSIONS_PROPOSE, Scope.PROBLEMS_READ, Scope.PROBLEMS_WRITE,
        },
        BILLING: {
            Scope.STATE_READ, Scope.BILLING_READ, Scope.EXCLUSIONS_PROPOSE, Scope.CREDITS_READ,
            Scope.CREDITS_REQUEST, Scope.CREDITS_APPLY, Scope.UNKNOWN_PROPOSE,
        },
        AccountRole.APPROVER: {
            Scope.STATE_READ, Scope.BILLING_READ, Scope.EXCLUSIONS_APPROVE, Scope.CREDITS_READ,
            Scope.CREDITS_APPROVE, Scope.UNKNOWN_APPROVE,
        },
        ADMIN: set(Scope),
    }[role]  # fmt: skip
    await visitor.sign_in(role)
    for screen in SCREENS:
        if not screen.needs_sign_in or screen.path == "/sign-out":
            continue
        path = re.sub(r"{[^}]*}", "x", screen.path)
        ask = visitor.get(path) if screen.method == "GET" else visitor.post(path, {})
        is_open = screen.scope is None or screen.scope in allowed
        is_refused = "Falta el alcance" in (await ask).words
        assert is_refused is not is_open, (screen.method, path)


async def test_two_operators_at_once_one_wins_and_the_other_sees_it(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    revision = (await visitor.get(f"/incidents/{incident}")).field("revision")
    first = await visitor.post(f"/incidents/{incident}", {**UPDATE, "revision": revision})
    assert first.status == 303
    second = {**UPDATE, "text_es": "Otra cosa distinta.", "revision": revision}
    seen = await visitor.post(f"/incidents/{incident}", second)
    assert seen.status == 412
    assert f"{incident} cambió" in seen.words
    assert "Un disco falló." in seen.words
    assert "Otra cosa distinta." in seen.text
    again = {**second, "revision": seen.field("revision")}
    assert (await visitor.post(f"/incidents/{incident}", again)).status == 303


async def test_nobody_makes_the_first_account_from_outside(visitor: Visitor) -> None:
    seen = await visitor.get("/sign-in")
    assert "estado user add" in seen.words
    assert "<form class" not in seen.text
    assert (await visitor.post("/accounts", {"name": "eve", "role": "admin"})).status == 303


@pytest.mark.parametrize("content", [b"a=%ff&\xff", b"a" * 10, b"&".join([b"a=1"] * 5_000)])
async def test_a_form_that_is_none_is_refused_and_not_broken(
    visitor: Visitor, content: bytes
) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor._ask(
        "POST", "/maintenance", content.decode("latin-1"),
        {"Origin": visitor.origin, "Cookie": f"{COOKIE}={visitor.key}"},
    )  # fmt: skip
    assert seen.status in (400, 403)


async def test_a_form_of_ten_megabytes_is_refused(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    assert (await visitor.post("/maintenance", {"title_es": "x" * 10_000_000})).status == 413


async def test_a_stranger_may_send_little(visitor: Visitor) -> None:
    large = {"name": "x", "password": "y" * 20_000}
    assert (await visitor.post("/sign-in", large)).status == 413


async def test_a_bounded_account_sees_no_evidence_of_other_services(visitor: Visitor) -> None:
    """On an incident that is partly theirs, and by what hangs on what."""
    await visitor.sign_in(OPERATOR, services=("mail",))
    incident = visitor.service.fall("dns", "mail")
    visitor.service.publish_log()
    page = await visitor.get(f"/incidents/{incident}")
    assert "mail-check" in page.text
    assert "dns-check" not in page.text
    assert "/components/dns" not in (await visitor.get("/components/mail")).text


@pytest.mark.parametrize("role", [VIEWER, OPERATOR, BILLING])
async def test_a_search_finds_nothing_by_names_of_other_services(
    visitor: Visitor, role: AccountRole
) -> None:
    made = visitor.service
    incident = made.fall("dns", "mail")
    words = plain("Demoras.")
    with made.world.journal.transaction() as tx:
        # Neither its title nor its texts name the other component.
        found = tx.incidents.get(IncidentId(incident))
        said = tuple(replace(u, person=words if u.shown else None) for u in found.updates)
        tx.incidents.save(replace(found, person_title=words, updates=said))
    await visitor.sign_in(VIEWER)
    for searched, seen in (("dns", True), ("correo", True), ("nada", False)):
        assert (incident in (await visitor.get(f"/incidents?q={searched}")).text) is seen
    await visitor.sign_in(role, services=("mail",))
    for searched, seen in (("dns", False), ("correo", True), ("mail", True)):
        assert (incident in (await visitor.get(f"/incidents?q={searched}")).text) is seen
    for path in ("/", "/incidents", f"/incidents/{incident}", "/components/mail"):
        page = await visitor.get(path)
        assert incident in page.text
        assert "dns" not in page.words.lower(), path


async def test_saving_an_account_never_lifts_its_bounds_by_silence(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    visitor.service.add("eva", VIEWER, services=("mail",))
    silent = await visitor.post("/accounts/eva", {"role": "viewer"})
    assert silent.status == 422
    page = await visitor.get("/accounts")
    assert page.text.count('value="mail" checked') == 1
    said = {"role": ["viewer", "operator"], "service": "mail"}
    assert (await visitor.post("/accounts/eva", said)).status == 303
    with visitor.service.world.journal.transaction() as tx:
        (eva,) = [a for a in tx.accounts.every() if a.name == "eva"]
    assert eva.services == {"mail"}
    assert eva.roles == {VIEWER, OPERATOR}


async def test_a_preview_does_not_hide_what_a_colleague_wrote(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    seen = (await visitor.get(f"/incidents/{incident}")).field("revision")
    await visitor.post(f"/incidents/{incident}", {**UPDATE, "revision": seen})
    mine = {"text_es": "Otra cosa.", "phase": "identified", "revision": seen}
    preview = await visitor.post(f"/incidents/{incident}", {**mine, "action": "preview"})
    assert preview.field("revision") == seen
    assert (
        await visitor.post(f"/incidents/{incident}", {**mine, "action": "publish"})
    ).status == 412


async def test_what_is_nonsense_is_refused_and_not_broken(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    odd = {**UPDATE, "action": "preview", "phase": "zzz"}
    assert (await visitor.post(f"/incidents/{incident}", odd)).status == 422
    window = {
        "title_es": "x", "impact_es": "y", "start": "9999-12-31T23:59", "end": "9999-12-31T23:59",
        "component": "web",
    }  # fmt: skip
    assert (await visitor.post("/maintenance", window)).status == 422


async def test_a_refused_form_leads_on_to_pages_that_there_are(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = await _fallen(visitor)
    refused = await visitor.post(f"/incidents/{incident}/correction", {"number": "1"})
    assert refused.field("next") == f"/incidents/{incident}"
    visitor.key = ""
    lost = await visitor.post(f"/incidents/{incident}/correction", {"number": "1"})
    assert lost.location == f"/sign-in?next=%2Fincidents%2F{incident}"


async def test_who_has_to_set_up_a_second_factor_is_led_there(tmp_path: Path) -> None:
    async with service(tmp_path, with_pages=True, two_factor_roles=frozenset({ADMIN})) as made:
        visitor = Visitor(made)
        made.add("ana", ADMIN)
        seen = await visitor.post("/sign-in", {"name": "ana", "password": PASSWORD})
        visitor.key = seen.cookies[COOKIE]
        for path in ("/", "/accounts", "/incidents"):
            assert (await visitor.get(path)).location == "/account"
        assert "necesita un segundo factor" in (await visitor.get("/account")).words


async def test_what_was_typed_is_not_lost_while_others_hold_the_journal(tmp_path: Path) -> None:
    async with service(tmp_path, with_pages=True) as made:
        visitor = Visitor(made)
        await visitor.sign_in(OPERATOR)
        incident = await _fallen(visitor)

        class Away:
            def transaction(self) -> NoReturn:
                raise JournalError("held")

        desk_backend = visitor.service.backend
        object.__setattr__(desk_backend, "writing", Away())
        seen = await visitor.post(f"/incidents/{incident}", UPDATE)
        assert seen.status == 503
        assert "Un disco falló." in seen.text


async def test_one_colleague_uses_up_nothing_of_another(visitor: Visitor) -> None:
    """They come from one address: the office's."""
    await visitor.sign_in(VIEWER)
    for _ in range(130):
        await visitor.get("/sign-in", Cookie="x=y")
    assert (await visitor.get("/sign-in", Cookie="x=y")).status == 429
    assert (await visitor.get("/")).status == 200


async def test_nothing_that_a_session_reads_is_kept_by_a_cache(visitor: Visitor) -> None:
    """Pages, redirects, downloads and refusals alike: two accounts of one browser, or one whose
    roles have changed, must not be shown the other's."""
    await visitor.sign_in(ADMIN)
    incident = await _fallen(visitor)
    window = await visitor.service.ask("GET", "/maintenance", key=visitor.service.begun("admin"))
    assert window.headers["Cache-Control"] == "no-store"
    names = {"/incidents/{id}": incident, "/checks/{id}": "web-check", "/components/{id}": "web"}
    for screen in SCREENS:
        path = screen.path.replace("{id}", names.get(screen.path, "none"))
        path = path.replace("{month}", "2026-01").replace("{revision}", "1")
        ask = visitor.get(path) if screen.method == "GET" else visitor.post(path, {})
        seen = await ask
        assert seen.headers["Cache-Control"] == "no-store", (screen.method, path, seen.status)
        if screen.path == "/sign-out":
            await visitor.sign_in(ADMIN, name="eva")
    visitor.key = ""
    assert (await visitor.get("/")).headers["Cache-Control"] == "no-store"
