"""From a good text to the catalogue."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from credits.terms import terms_of
from monitor.config import ConfigErrors, compile_catalogue, older_keys_in
from monitor.config.posted import check_posted
from monitor.config.schema.operations import RoleName
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Affects, Catalogue, Check, OwnResolver, Role
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.secret import Secret
from monitor.domain.time.calendar import Hours
from tests.config.specimens import HEAD, SPECIMENS, Family, PageSpec, with_services

CHECK = """\
  - id: hosting
    name: Hosting
    components:
      - id: web
        name: {es: Servidor web, en: Web server}
        checks:
          - id: web-https
            probe: http
            target: %s
"""


def compiled(text: str) -> Catalogue:
    return compile_catalogue(text, filename="services.yaml", registries=SPECIMENS)


def the_check(more: str = "", target: str = "https://web.example/", head: str = HEAD) -> Check:
    (check,) = compiled(with_services(CHECK % target + more, head)).checks
    return check


def refusal(text: str) -> str:
    with pytest.raises(ConfigErrors) as refused:
        compiled(text)
    return str(refused.value)


def test_it_judges_a_check_by_the_defaults_unless_it_says_otherwise() -> None:
    head = HEAD + "defaults: {interval: 30s, timeout: 5s, confirm_down: 2, slow: 2s}\n"
    check = the_check("            confirm_up: 4\n            slow: 800ms\n", head=head)
    assert check.policy == Policy(interval=30, max_gap=60, confirm_down=2, confirm_up=4)
    assert (check.timeout_s, check.thresholds.slow_ms) == (5.0, 800.0)


def test_it_lets_a_gap_be_twice_the_interval_of_each_check() -> None:
    assert the_check("            interval: 5m\n").policy.max_gap == 600


def test_it_reads_settings_into_the_kind_s_own_specification() -> None:
    settings = "            settings: {family: 6, expect_status: [200, 3xx], username: probe}\n"
    assert the_check(settings).spec == PageSpec(
        url="https://web.example/",
        family=Family.SIX,
        expect_status=(200, "3xx"),
        username="probe",
    )


@pytest.mark.parametrize(
    ("written", "reference"),
    [("${PROBE_PASSWORD}", "${PROBE_PASSWORD}"), ("{file: /etc/p}", "file:/etc/p")],
)
def test_it_keeps_a_secret_as_a_reference(written: str, reference: str) -> None:
    check = the_check(f"            settings: {{password: {_quoted(written)}}}\n")
    assert isinstance(check.spec, PageSpec)
    assert check.spec.password == Secret(reference)
    assert "PROBE_PASSWORD" not in repr(check)


def _quoted(written: str) -> str:
    return written if written.startswith("{") else f'"{written}"'


GATED = HEAD + (
    'connectivity: {targets: ["1.1.1.1:443"], '
    'further_checks: [{id: vpn, targets: ["10.8.0.1:22"]}]}\n'
)


@pytest.mark.parametrize(
    ("target", "gate"),
    [
        ("https://web.example/", "default"),
        ("https://8.8.8.8/", "default"),
        ("https://[2606:4700::1111]/", "default"),
        ("http://127.0.0.1:8080/", None),
        ("http://10.1.2.3/", None),
        ("http://[::1]:80/", None),
        ("http://[fd00::1]/", None),
        ("http://localhost/", None),
    ],
)
def test_it_lets_private_targets_pass_the_gate(target: str, gate: str | None) -> None:
    assert the_check(target=f'"{target}"', head=GATED).gate == gate


@pytest.mark.parametrize(("written", "gate"), [("vpn", "vpn"), ("none", None)])
def test_it_takes_the_gate_that_a_check_names(written: str, gate: str | None) -> None:
    assert the_check(f"            connectivity_check: {written}\n", head=GATED).gate == gate


def test_the_older_names_of_keys_mean_the_same_for_ever() -> None:
    older = GATED.replace("further_checks", "gates")
    check = "            {key}: vpn\n"
    present = the_check(check.format(key="connectivity_check"), head=GATED)
    assert present.gate == "vpn"
    for head, key in ((older, "gate"), (older, "connectivity_check"), (GATED, "gate")):
        assert the_check(check.format(key=key), head=head) == present


def test_it_warns_of_each_older_key_once() -> None:
    body = "".join(
        f"  - id: s-{n}\n    name: S\n    components:\n"
        f"      - {{id: c-{n}, name: C, checks: "
        f"[{{id: k-{n}, probe: tcp, target: 'a.example:25', gate: vpn}}]}}\n"
        for n in range(3)
    )
    text = with_services(body, GATED.replace("further_checks", "gates"))
    lines = text.splitlines()
    gates, gate = (
        next(n for n, line in enumerate(lines, start=1) if f"{key}: " in line)
        for key in ("gates", "gate")
    )
    assert older_keys_in(text) == [
        f"gates, line {gates}: its name is further_checks now; the older one goes on meaning the "
        "same",
        f"gate, line {gate} and 2 more: its name is connectivity_check now; the older one goes on "
        "meaning the same",
    ]
    assert set(older_keys_in(text)) <= set(check_posted(text, SPECIMENS)["warnings"])
    assert older_keys_in(with_services("  []\n", GATED)) == []


def test_it_asks_the_resolver_of_this_machine_unless_told_of_another() -> None:
    ours = compiled(with_services("  []\n")).operations.resolver
    assert (ours.servers, len(ours.controls) >= 2, ours.timeout_s) == ((), True, 3.0)
    head = HEAD + (
        'operations: {resolver: {servers: [192.0.2.53, "[::1]:5353", "2001:db8::1"], '
        "controls: [a.example, b.example, a.example], timeout: 500ms}}\n"
    )
    assert compiled(with_services("  []\n", head)).operations.resolver == OwnResolver(
        servers=(("192.0.2.53", 53), ("::1", 5353), ("2001:db8::1", 53)),
        controls=("a.example", "b.example"),
        timeout_s=0.5,
    )


def test_it_asks_no_gate_where_none_is_configured() -> None:
    assert the_check().gate is None
    assert compiled(with_services("  []\n")).gates == ()


def test_it_hands_credits_terms_that_they_understand() -> None:
    head = HEAD.replace("UTC", "America/Argentina/Buenos_Aires") + (
        "terms:\n"
        "  - id: default\n"
        "    guarantee: 99.89 %\n"
        "    policy: tiers\n"
        "    tiers: [{below: 99.89 %, credit: 10 %}, {below: 0.95, credit: 1}]\n"
        "    cap: 50 %\n"
        "    multiplier: 1.5\n"
        "    maintenance: {excluded: true, min_notice: 1d}\n"
        "    exclusions: [force_majeure]\n"
        "    required: [a]\n"
    )
    body = (
        "  - id: s\n    name: S\n    components:\n"
        "      - {id: a, name: A, group: pair}\n      - {id: b, name: B, group: pair}\n"
    )
    (written,) = compiled(with_services(body, head)).terms
    terms = terms_of(written.fields)
    assert str(terms.guarantee) == "0.9989"
    assert [(str(t.below), str(t.credit)) for t in terms.tiers] == [
        ("0.9989", "0.1"),
        ("0.95", "1"),
    ]
    assert (str(terms.cap_fraction), str(terms.multiplier)) == ("0.5", "1.5")
    assert terms.maintenance.min_notice_s == 86_400
    assert terms.zone == "America/Argentina/Buenos_Aires"
    assert (terms.required, terms.exclusions_allowed) == (("a",), ("force_majeure",))
    assert dict(terms.groups) == {"a": "pair", "b": "pair"}


def test_it_reads_hours_in_the_company_s_zone() -> None:
    head = HEAD.replace("UTC", "America/Argentina/Buenos_Aires") + (
        "support:\n"
        "  - {id: a, name: A, channels: x, purpose: y, hours: "
        '{days: [mon-wed, fri], opens: "10:00", closes: "17:30"}}\n'
        "  - {id: b, name: B, channels: x, purpose: y, hours: always}\n"
        '  - {id: c, name: C, channels: x, purpose: y, hours: {opens: "09:00", closes: "24:00"}}\n'
    )
    first, second, third = (
        level.hours for level in compiled(with_services("  []\n", head)).support
    )
    assert first.zone.key == "America/Argentina/Buenos_Aires"
    assert first.days == {0, 1, 2, 4}
    assert (first.opens.isoformat(), first.closes and first.closes.isoformat()) == (
        "10:00:00",
        "17:30:00",
    )
    assert second == Hours.always(first.zone)
    assert third.closes is None


def test_levels_with_hours_are_closed_on_holidays_and_planned_work_is_not() -> None:
    head = HEAD + (
        'holidays:\n  - 2026-12-25\n  - "2027-01-01"\n'
        "support:\n"
        "  - {id: a, name: A, channels: x, purpose: y, hours: "
        '{days: mon-fri, opens: "10:00", closes: "17:00"}}\n'
        "  - {id: b, name: B, channels: x, purpose: y, hours: always}\n"
        'maintenance: {hours: {opens: "02:00", closes: "06:00"}}\n'
    )
    made = compiled(with_services("  []\n", head))
    first, second = (level.hours for level in made.support)
    assert first.holidays == {date(2026, 12, 25), date(2027, 1, 1)}
    assert second == Hours.always(first.zone)
    assert made.maintenance.hours is not None
    assert made.maintenance.hours.holidays == frozenset()


def test_it_keeps_what_a_component_says() -> None:
    body = (
        "  - id: mail\n    name: Correo\n    components:\n"
        "      - id: smtp\n        name: SMTP\n        role: courtesy\n        public: false\n"
        "        quorum: 1\n        checks:\n"
        '          - {id: a, probe: tcp, target: "m.example:25", affects: nothing}\n'
        '          - {id: b, probe: tcp, target: "m.example:465", host: mx-1}\n'
        "      - {id: webmail, name: Webmail, depends_on: [smtp]}\n"
    )
    catalogue = compiled(with_services(body))
    smtp = catalogue.component(ComponentId("smtp"))
    assert (smtp.role, smtp.is_public, smtp.quorum) == (Role.COURTESY, False, 1)
    assert catalogue.component(ComponentId("webmail")).depends_on == ("smtp",)
    a, b = catalogue.checks_of(ComponentId("smtp"))
    assert (a.affects, b.affects, b.host) == (Affects.NOTHING, Affects.DOWN, "mx-1")
    assert a.id == CheckId("a")


def test_it_gives_equal_catalogues_for_equal_texts() -> None:
    text = with_services(CHECK % "https://web.example/", GATED)
    assert compiled(text) == compiled(text)


def test_it_reports_faults_of_form_and_of_reference_together() -> None:
    said = refusal(
        with_services(
            "  - id: s\n    components:\n"
            "      - {id: a, name: {}, depends_on: [b], chekcs: []}\n"
            "      - {id: b, name: B, depends_on: [a]}\n"
        )
    )
    assert said.splitlines() == [
        "services.yaml:4: services[0].name: is required",
        "services.yaml:6: services[0].components[0].chekcs: is no setting here;"
        " did you mean checks?",
        "services.yaml:6: services[0].components[0].depends_on: must not lead back to itself"
        " (a → b → a)",
        "services.yaml:6: services[0].components[0].name: must be text, or {es: …, en: …},"
        " got an empty mapping",
    ]


def test_it_finds_a_circle_as_long_as_the_catalogue() -> None:
    rows = [
        f"      - {{id: c-{i}, name: C, depends_on: [c-{(i + 1) % 3000}]}}\n" for i in range(3000)
    ]
    said = refusal(with_services("  - id: s\n    name: S\n    components:\n" + "".join(rows)))
    assert "must not lead back to itself (c-0 → c-1 → c-2" in said


def test_it_counts_lines_in_a_list_from_which_items_were_taken() -> None:
    body = (
        "  - id: s\n    name: S\n    components:\n      - id: c\n        name: C\n        checks:\n"
    )
    body += "".join(
        f"          - {{id: k{i}, probe: {probe}, target: x}}\n"
        for i, probe in enumerate(["7", "htpp", "7", "htpp"])
    )
    assert [line.split(": ", 2)[:2] for line in refusal(with_services(body)).splitlines()] == [
        [f"services.yaml:{10 + i}", f"services[0].components[0].checks[{i}].probe"]
        for i in range(4)
    ]


def test_each_role_of_accounts_can_be_asked_for_a_second_factor() -> None:
    assert get_args(RoleName) == tuple(AccountRole)


def test_a_brands_page_without_a_name_has_the_brands() -> None:
    page = "{id: norte, url: 'https://norte.example', services: [hosting]}"
    head = HEAD.replace("url:", f"brands: [{{name: Norte, page: {page}}}], url:")
    (made,) = compiled(with_services(CHECK % "https://web.example/", head)).page.brand_pages
    assert made.name.in_locale("es") == "Norte"
