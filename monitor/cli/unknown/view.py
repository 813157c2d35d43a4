"""What waits, and rulings, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from monitor.cli.acting import console, print_table
from monitor.client.ports import Document

_COLUMNS = ("id", "status", "as", "credits", "month", "cause", "proposed by", "decided by")
_FEW = 5
_WITHOUT_TIME = {
    "no_invoice": "no_invoice: no invoice line prices them",
    "known_since": "known_since: nothing is unknown any more, the next close counts them anew",
}


def print_waiting(found: Sequence[Document]) -> None:
    """One source after the other, with the command that proposes it."""
    for source in found:
        for line in _source_lines(source):
            typer.echo(line)
        typer.echo(f"  propose: {_proposing(source)}")


def print_listed(found: Sequence[Document]) -> None:
    rows = [
        (
            one["reference"], one["status"], one["assumed"], str(one["credits"]),
            (one["chosen"] or {}).get("month", "-"), (one["chosen"] or {}).get("cause") or "-",
            one["proposed_by"], one["decided_by"] or "-",
        )
        for one in found
    ]  # fmt: skip
    print_table(_COLUMNS, rows)


def print_step_taken(found: Document) -> None:
    """What stands after a step, and what to do next."""
    reference, status = found["reference"], found["status"]
    typer.echo(
        f"{reference}: {status}, revision {found['revision']}: {_count(found)} as "
        f"{found['assumed']}"
    )
    for line in _money_lines(found["totals"]):
        typer.echo(line)
    if status == "proposed":
        typer.echo(f"Another account decides: estado unknown approve {reference} --reason …")
    _warn(found)


def print_shown(found: Document) -> None:
    shown = console()
    shown.print(
        f"{found['reference']}  {found['status']}: {_count(found)} as {found['assumed']}",
        style="bold",
    )
    for line in (*_money_lines(found["totals"]), *_origin_lines(found), *_listed_lines(found)):
        shown.print(line, soft_wrap=True)
    for step in found["steps"]:
        for line in _step_lines(step):
            shown.print(line, soft_wrap=True)
    _warn(found)


def _count(found: Mapping[str, Any]) -> str:
    return f"{found['credits']} credits of {found['contracts']} contracts"


def _money_lines(totals: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for one in totals:
        yield (
            f"  {one['currency']}: {one['before']} -> {one['after']} (if up {one['if_up']}, if "
            f"down {one['if_down']})"
        )


def _source_lines(source: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{source['month']}: {source['credits']} credits of {source['contracts']} contracts wait"
    )
    yield from _episode_lines(source)
    for one in source["totals"]:
        yield f"  {one['currency']}: if up {one['if_up']}, if down {one['if_down']}"
    if source["asked_before"]:
        yield f"  {source['asked_before']} of them were decided before the month was counted anew"


def _episode_lines(source: Mapping[str, Any]) -> Iterator[str]:
    for one in source["episodes"]:
        yield f"  {one['start']} to {one['end']}: {one['seconds']} s, {one['cause']}"
    if not source["episodes"]:
        yield f"  {', '.join(_WITHOUT_TIME.get(cause, cause) for cause in source['causes'])}"
    if source["components"]:
        checks = ", ".join(source["checks"][:_FEW])
        more = source["checks_count"] - _FEW
        yield f"  {', '.join(source['components'][:_FEW])}, checks {checks or '-'}" + (
            f" +{more}" if more > 0 else ""
        )


def _proposing(source: Mapping[str, Any]) -> str:
    """The words that mean exactly this source."""
    chosen = source["chosen"]
    if chosen is None:
        named = " ".join(f"--credit {name}" for name in source["listed"][:_FEW])
        more = " …" if source["credits"] > _FEW else ""
        return f"estado unknown propose {named}{more} --as … --evidence …"
    span = ""
    if chosen["start"] is not None:
        span = f"--from {chosen['start']} --to {chosen['end']} "
    return (
        f"estado unknown propose --month {chosen['month']} {span}--cause {chosen['cause']} "
        "--as … --evidence …"
    )


def _origin_lines(found: Mapping[str, Any]) -> Iterator[str]:
    for source in found["sources"]:
        yield from _episode_lines(source)


def _listed_lines(found: Mapping[str, Any]) -> Iterator[str]:
    for one in found["listed"]:
        money = "; ".join(
            f"{t['currency']} if up {t['if_up']}, if down {t['if_down']}" for t in one["totals"]
        )
        yield (
            f"  {one['credit_id']}  {one['contract_id']} (client {one['client_id']}): "
            f"{one['state']}, {money or 'without a price'}"
        )
        for before in one["former"]:
            yield (
                f"    decided before as {before['assumed']} ({before['credit_id']}, "
                f"{before['state']}): {before['reason']}"
            )
    if found["credits"] > len(found["listed"]):
        yield f"  only the first {len(found['listed'])} are listed"


def _step_lines(step: Mapping[str, Any]) -> Iterator[str]:
    if step["state"] != "proposed":
        yield f"  r{step['revision']}  {step['state']} by {step['decided_by']} at {step['at']}"
        yield f"      {step['reason']}"
        return
    yield (
        f"  r{step['revision']}  proposed as {step['assumed']} by {step['proposed_by']} at "
        f"{step['at']}: {step['credits']} credits"
    )
    evidence = step["evidence"]
    yield f"      {evidence['text']}"
    for file in evidence["files"]:
        yield f"      file {file['name']}, {file['bytes']} bytes, sha256 {file['sha256']}"
    for link in evidence["links"]:
        yield f"      {link}"


def _warn(found: Mapping[str, Any]) -> None:
    if found["unfit_count"]:
        names = ", ".join(found["unfit"][:_FEW])
        typer.echo(
            f"Cannot be decided any more: {found['unfit_count']} have changed since ({names}). "
            f"Propose it anew: estado unknown revise {found['reference']}",
            err=True,
        )
    if found["overlaps"]:
        typer.echo(f"Others wait about the same: {', '.join(found['overlaps'])}", err=True)
