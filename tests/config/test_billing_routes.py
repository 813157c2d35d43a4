"""A route for billing gets what is about money, and is as well looked after as the others."""

from __future__ import annotations

from monitor.config import compile_catalogue, warnings_of
from monitor.config.diff import describe_difference
from monitor.domain.catalogue import Alerting, BudgetAlerts, Catalogue
from monitor.domain.incidents.delivery import EventKind, Notification, find_target
from monitor.domain.time.interval import Second
from monitor.self_monitoring.system_alert import system_alerts
from tests.config.specimens import HEAD, SPECIMENS, with_services
from tests.config.test_warnings import GATE, SERVICES, hook, mail

BUDGET = "  budget: {at: [100, 50], operators_from: 100, urgent_from: null}\n"


def compiled(rows: str, budget: str = "") -> Catalogue:
    text = with_services(SERVICES, HEAD + GATE + f"alerts:\n{budget}  routes:\n{rows}")
    return compile_catalogue(text, filename="w.yaml", registries=SPECIMENS)


OPS = f"    - {{id: ops, via: [{hook()}]}}\n"
BILLING = f"    - {{id: billing, audience: billing, via: [{mail()}]}}\n"


def test_it_is_apart_from_those_that_get_incidents_and_what_the_monitor_says_of_itself() -> None:
    alerting = compiled(OPS + BILLING).alerting
    assert [route.id for route in alerting.routes] == ["ops"]
    assert [route.id for route in alerting.billing_routes] == ["billing"]
    assert [one.route for one in system_alerts("e", "s", alerting, Second(0))] == ["ops"]


def test_a_message_finds_its_target() -> None:
    alerting = compiled(OPS + BILLING).alerting
    pending = Notification(
        event="e", target="m", route="billing", position=0, kind=EventKind.SYSTEM_ALERT,
        subject="s", due_at=Second(0),
    )  # fmt: skip
    target = find_target(alerting, pending)
    assert target is not None
    assert target.kind == "email"


def test_with_it_alone_nobody_is_told_of_an_incident() -> None:
    warned = warnings_of(compiled(BILLING))
    assert "alerts: there is no route, so that nobody is told of an incident" in warned


def test_that_it_becomes_one_of_operators_is_a_difference() -> None:
    after = compiled(OPS + BILLING.replace("audience: billing", "audience: operators"))
    said = describe_difference(compiled(OPS + BILLING), after)
    assert "audience" in said


def test_it_says_at_which_levels_people_are_told() -> None:
    assert compiled(OPS).alerting.budget == Alerting().budget
    assert compiled(OPS, BUDGET).alerting.budget == BudgetAlerts(
        at=(50, 100), operators_from=100, urgent_from=None
    )
