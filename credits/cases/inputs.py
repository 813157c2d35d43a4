"""The `input` of a case: window, components, what is excluded, what was paid."""

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
_UNTOLD = plain("-")
_MOST_PROBES = 5_000_000


def read_window(read: CaseFields) -> Interval:
    window = read.nested("window")
    window.known({"start", "end"})
    return window.period()


def read_contracted(read: CaseFields, window: Interval) -> IntervalSet:
    active = read.intervals("active") if read.has("active") else IntervalSet.of([window])
    return (IntervalSet.of([window]) & active) - read.intervals("suspended")


def read_account(read: CaseFields) -> bool:
    account = read.inner("account")
    account.known({"suspended_for_nonpayment"})
    return account.flag("suspended_for_nonpayment", default=False)


def read_components(read: CaseFields) -> tuple[CaseComponent, ...]:
    out: dict[str, CaseComponent] = {}
    for fields in read.nesteds("components"):
        fields.known({"id", "role", "group", "down", "degraded", "probes"})
        found = _component(fields)
        # Said twice in the same words it is one component; in other words it is a mistake.
        if out.setdefault(found.id, found) != found:
            fields.complain("id", "an id of its own")
    if not out and not read.problems:
        read.complain("components", "a list of at least one component")
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
    """A set keyed by second. Two that say different things of one second cannot both be true."""
    out: dict[Second, bool] = {}
    for run in fields.nesteds("probes"):
        run.known({"from", "to", "every", "ok"})
        span = run.period("from", "to")
        every = run.count("every", least=1)
        is_ok = run.flag("ok", default=False)
        if not run.has("ok"):
            run.complain("ok", "true or false")
        if span.seconds // every > _MOST_PROBES:
            run.complain("every", f"at most {_MOST_PROBES} probes in one run")
            continue
        for second in range(span.start, span.end, every):
            if out.setdefault(Second(second), is_ok) is not is_ok:
                run.complain("ok", "the same as another run says of the same second")
                break
    return out


def read_maintenance(read: CaseFields, known: set[str]) -> tuple[MaintenanceWindow, ...]:
    out: list[MaintenanceWindow] = []
    for fields in read.nesteds("maintenance"):
        fields.known({"start", "end", "published_at", "components"})
        span = fields.period()
        published = fields.instant("published_at") if fields.has("published_at") else None
        out.append(
            MaintenanceWindow(
                id=MaintenanceId(fields.path), title=_UNTOLD, impact=_UNTOLD, start=span.start,
                end=span.end, components=_components(fields, known), published_at=published,
            )
        )  # fmt: skip
    return tuple(out)


def read_approved(read: CaseFields, known: set[str]) -> tuple[Exclusion, ...]:
    out: list[Exclusion] = []
    for fields in read.nesteds("exclusions"):
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


def read_segments(read: CaseFields) -> tuple[PriceSegment, ...]:
    out: dict[PriceSegment, None] = {}
    currencies: dict[str, None] = {}
    for fields in read.nesteds("invoices"):
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
