"""The `input` of a case: window, components, exclusions and invoices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from credits.cases.case import CaseComponent
from credits.cases.times import CaseFields
from credits.contract import PriceSegment
from credits.fields import Problem, shown
from credits.money import Money
from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, IntervalSet, Second

INPUTS = frozenset(
    {
        "window", "active", "suspended", "account", "components", "maintenance", "exclusions",
        "invoices",
    }
)  # fmt: skip
_NO_TEXT = plain("-")
_MAX_PROBES = 5_000_000


def read_window(inputs: CaseFields) -> Interval:
    window = inputs.nested("window")
    window.known({"start", "end"})
    return window.period()


def read_contracted(inputs: CaseFields, window: Interval) -> IntervalSet:
    active = inputs.intervals("active") if inputs.has("active") else IntervalSet.of([window])
    return (IntervalSet.of([window]) & active) - inputs.intervals("suspended")


def read_account(inputs: CaseFields) -> bool:
    account = inputs.inner("account")
    account.known({"suspended_for_nonpayment"})
    return account.flag("suspended_for_nonpayment", default=False)


def read_components(inputs: CaseFields) -> tuple[CaseComponent, ...]:
    out: dict[str, CaseComponent] = {}
    for fields in inputs.nested_list("components"):
        fields.known({"id", "role", "group", "down", "degraded", "probes"})
        found = _component(fields)
        # An equal repetition is one component; a different one under the same id is a mistake.
        if out.setdefault(found.id, found) != found:
            fields.complain("id", "an id of its own")
    if not out and not inputs.problems:
        inputs.complain("components", "a list of at least one component")
    return tuple(out.values())


def _component(fields: CaseFields) -> CaseComponent:
    role = fields.text("role", "required")
    if role not in ("required", "courtesy"):
        fields.complain("role", "one of required, courtesy")
    if fields.has("probes") and (fields.has("down") or fields.has("degraded")):
        fields.complain("probes", "either probes, or down and degraded")
    return CaseComponent(
        id=fields.text("id"),
        is_required=role == "required",
        group=fields.text("group", "") or None,
        probes=_probes(fields) if "probes" in fields.values else None,
        down=fields.intervals("down"),
        degraded=fields.intervals("degraded"),
    )


def _probes(fields: CaseFields) -> Mapping[Second, bool]:
    """Whether each second was ok. Two runs must not contradict each other about one second."""
    out: dict[Second, bool] = {}
    for run in fields.nested_list("probes"):
        run.known({"from", "to", "every", "ok"})
        span = run.period("from", "to")
        every = run.count("every", least=1)
        is_ok = run.flag("ok", default=False)
        if not run.has("ok"):
            run.complain("ok", "true or false")
        if span.seconds // every > _MAX_PROBES:
            run.complain("every", f"at most {_MAX_PROBES} probes in one run")
            continue
        for second in range(span.start, span.end, every):
            if out.setdefault(Second(second), is_ok) is not is_ok:
                run.complain("ok", "the same as another run says of the same second")
                break
    return out


def read_maintenance(inputs: CaseFields, known: set[str]) -> tuple[MaintenanceWindow, ...]:
    out: list[MaintenanceWindow] = []
    for fields in inputs.nested_list("maintenance"):
        fields.known({"start", "end", "published_at", "components"})
        span = fields.period()
        published = fields.instant("published_at") if fields.has("published_at") else None
        out.append(
            MaintenanceWindow(
                id=MaintenanceId(fields.path), title=_NO_TEXT, impact=_NO_TEXT, start=span.start,
                end=span.end, components=_components(fields, known), published_at=published,
            )
        )  # fmt: skip
    return tuple(out)


def read_approved(inputs: CaseFields, known: set[str]) -> tuple[Exclusion, ...]:
    out: list[Exclusion] = []
    for fields in inputs.nested_list("exclusions"):
        fields.known({"start", "end", "components", "cause", "approved"})
        cause, span = fields.text("cause", "unnamed"), fields.period()
        found = _components(fields, known)
        if fields.flag("approved", default=False):
            out += [Exclusion(component=name, interval=span, cause=cause) for name in found]
    return tuple(dict.fromkeys(out))


def _components(fields: CaseFields, known: set[str]) -> tuple[ComponentId, ...]:
    names = fields.texts("components")
    if not fields.has("components"):
        fields.complain("components", "a list of component ids")
    for i, name in enumerate(names):
        if name not in known:
            path, wanted = f"{fields.at('components')}[{i}]", "a component of this case"
            fields.problems.append(Problem(path=path, wanted=wanted, got=shown(name)))
    return tuple(map(ComponentId, names))


def read_segments(inputs: CaseFields) -> tuple[PriceSegment, ...]:
    out: dict[PriceSegment, None] = {}
    currencies: dict[str, None] = {}
    for fields in inputs.nested_list("invoices"):
        fields.known({"id", "start", "end", "net_amount", "currency", "weight", "already_credited"})
        currency = fields.text("currency")
        currencies.setdefault(currency)
        if len(currencies) > 1:
            fields.complain(
                "currency", f"{next(iter(currencies))!r}, as in the case's first invoice"
            )
        name = fields.text("id")
        segment = PriceSegment(
            invoice_id=name,
            line_id=name,
            period=fields.period(),
            net=Money(fields.number("net_amount"), currency),
            weight=fields.number("weight", Decimal(1)),
            already_credited=fields.number("already_credited", Decimal(0)),
        )
        out.setdefault(segment)
    return tuple(out)
