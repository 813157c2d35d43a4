"""What is allowed and unwise."""

from __future__ import annotations

import pytest

from monitor.config import compile_catalogue, warnings_of
from tests.config.specimens import HEAD, SPECIMENS, with_services

GATE = 'connectivity: {targets: ["1.1.1.1:443"]}\n'
SERVICES = """\
  - id: mail
    name: Correo
    components:
      - id: smtp
        name: SMTP
        checks:
          - {id: smtp-25, probe: smtp, target: "mx.ours.example:25"}
"""
MAIL = "{id: m, kind: email, settings: {host: %s, recipients: [%s]}}"
HOOK = '{id: h, kind: webhook, settings: {url: "https://%s/hook"}}'


def said(*routes: str, services: str = SERVICES, head: str = HEAD + GATE) -> tuple[str, ...]:
    """The warnings of a configuration with these routes, each a list of targets."""
    rows = "".join(f"    - {{id: r{i}, via: [{via}]}}\n" for i, via in enumerate(routes))
    alerts = f"alerts:\n  routes:\n{rows}" if rows else ""
    text = with_services(services, head + alerts)
    return warnings_of(compile_catalogue(text, filename="w.yaml", registries=SPECIMENS))


def mail(host: str = "smtp.elsewhere.example", to: str = "a@b.example") -> str:
    return MAIL % (host, to)


def hook(host: str = "chat.example") -> str:
    return HOOK % host


def test_it_is_silent_about_two_routes_that_share_nothing() -> None:
    assert said(mail(), hook()) == ()


def test_it_warns_that_nobody_is_told() -> None:
    assert said() == ("alerts: there is no route, so that nobody is told of an incident",)


def test_it_warns_of_a_resolver_that_hangs_on_one_control_name() -> None:
    head = HEAD + GATE + "operations: {resolver: {controls: [%s]}}\n"
    assert said(mail(), hook(), head=head % "a.example, b.example") == ()
    (warning,) = said(mail(), hook(), head=head % "a.example")
    assert warning.startswith("operations.resolver.controls: one name alone")


@pytest.mark.parametrize(
    "targets", [(mail("MX.ours.example"), hook()), (mail(), hook("mx.ours.example"))]
)
def test_it_warns_of_a_route_through_a_monitored_host(targets: tuple[str, str]) -> None:
    (warning,) = said(*targets)
    assert "passes through mx.ours.example, which the check smtp-25 watches" in warning


def test_it_warns_of_mailboxes_whose_own_mail_is_watched() -> None:
    (warning,) = said(mail(to="guardia@ours.example"), hook())
    assert "mailboxes at ours.example, whose mail is watched" in warning


def test_it_warns_of_routes_that_share_one_transport() -> None:
    (warning,) = said(mail(), mail().replace("id: m", "id: n"))
    assert warning.startswith("alerts: every message goes through email at smtp.elsewhere.example;")


def test_it_warns_of_one_route_alone_unless_it_falls_back_on_another_transport() -> None:
    assert len(said(mail())) == 1
    assert said(f"{mail()}, {hook()}") == ()


def test_it_warns_of_components_that_nobody_hears_of() -> None:
    only = f"    - {{id: r, components: [other], via: [{mail()}, {hook()}]}}\n"
    check = '{id: o, probe: tcp, target: "o.example:1"}'
    more = f"{SERVICES}      - {{id: other, name: Other, checks: [{check}]}}\n"
    head = HEAD + GATE + "alerts:\n  routes:\n" + only
    assert said(services=more, head=head) == ("alerts: no route has messages about smtp",)


def test_it_warns_of_what_nobody_looks_at() -> None:
    bare = "  - {id: empty, name: E}\n  - {id: s, name: S, components: [{id: c, name: C}]}\n"
    assert said(mail(), hook(), services=bare) == (
        "component c: no check decides about it; it shows no data",
        "service empty: it has no components, so that the page does not show it",
    )


@pytest.mark.parametrize("setting", ["group_interval", "remind_every", "line_hold"])
def test_it_warns_of_so_small_a_bound_that_a_storm_is_a_storm(setting: str) -> None:
    def of(length: str) -> tuple[str, ...]:
        routes = f"{{id: r, via: [{mail()}, {hook()}]}}"
        return said(head=f"{HEAD}{GATE}alerts: {{{setting}: {length}, routes: [{routes}]}}\n")

    assert of("1m") == ()
    (warning,) = of("1s")
    assert warning.startswith(f"alerts.{setting}: 1s bounds nothing")
    (warning,) = of("0s")
    assert warning.startswith(f"alerts.{setting}: 0s bounds nothing")


def test_it_warns_where_nothing_vouches_for_our_own_line() -> None:
    (warning,) = said(mail(), hook(), head=HEAD)
    assert warning.startswith("connectivity: nothing tells an outage of our own line")


def test_it_warns_of_a_placeholder_that_stayed() -> None:
    left = SERVICES.replace("mx.ours", "mx.CHANGE-ME")
    assert said(mail(), hook(), services=left) == (
        "check smtp-25: its target is still the placeholder",
    )


def test_it_warns_of_a_secret_whose_file_can_have_no_such_name() -> None:
    path = "/" + "x" * 300
    target = mail().replace("}}", f', password: {{file: "{path}"}}}}}}')
    (warning,) = said(target, hook())
    assert warning.startswith(f"target m: {path} cannot be looked at (File name too long)")


def test_it_warns_of_a_secret_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    target = mail().replace("}}", ', password: "${ESTADO_TEST_PASSWORD}"}}')
    monkeypatch.delenv("ESTADO_TEST_PASSWORD", raising=False)
    assert said(target, hook()) == (
        "target m: the environment has no ESTADO_TEST_PASSWORD here; "
        "it must be there where the product runs",
    )
    monkeypatch.setenv("ESTADO_TEST_PASSWORD", "x")
    assert said(target, hook()) == ()


def test_a_history_that_others_can_reach_is_told() -> None:
    head = HEAD + GATE + "operations: {history: '0.0.0.0:9091'}\n"
    (warning,) = [w for w in said(mail(), hook(), head=head) if w.startswith("operations.history")]
    assert "without a sign-in" in warning
    assert not any(w.startswith("operations.history") for w in said(mail(), hook()))


@pytest.mark.parametrize(
    ("url", "private", "is_told"),
    [("http", "true", True), ("https", "true", False), ("http", "false", False)],
)
def test_a_private_page_over_plain_http_is_told(url: str, private: str, is_told: bool) -> None:
    page = f"{{id: acme, url: '{url}://acme.example', services: [mail], private: {private}}}"
    head = HEAD.replace(
        "company: Example,", f"company: Example, brands: [{{name: A, page: {page}}}],"
    )
    found = said(mail(), hook(), head=head + GATE)
    assert any(w.startswith("page.brands: the links to acme") for w in found) is is_told
