"""Exclusions and their effect, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from monitor.cli.acting import console, print_table
from monitor.client.ports import Document

_COLUMNS = ("id", "status", "component", "from", "to", "cause", "proposed by", "decided by")


def print_listed(found: list[Document]) -> None:
    rows = [
        (
            one["reference"], _status(one), one["component"], one["start"], one["end"],
            one["cause"], one["proposed_by"], one["decided_by"] or "-",
        )
        for one in found
    ]  # fmt: skip
    print_table(_COLUMNS, rows)


def print_step_taken(found: Document) -> None:
    """What stands after a step, and what to do next."""
    reference, status = found["reference"], found["status"]
    typer.echo(
        f"{reference}: {_status(found)}, revision {found['revision']}: {found['component']}, "
        f"{found['start']} to {found['end']}, {found['cause']}"
    )
    if status == "proposed":
        typer.echo(f"Another account decides: estado exclusion approve {reference} --reason …")
    _warn_of_overlaps(found)


def print_shown(found: Document) -> None:
    shown = console()
    shown.print(f"{found['reference']}  {_status(found)}", style="bold")
    for step in found["steps"]:
        for line in _step_lines(step):
            shown.print(line, soft_wrap=True)
    _warn_of_overlaps(found)


def print_effect(effect: Document) -> None:
    """Month by month, before and after."""
    if not effect["months"]:
        typer.echo("Nothing of it is in force or asked for: it changes nothing.")
    for month in effect["months"]:
        for line in _month_lines(month):
            typer.echo(line)


def _status(found: Mapping[str, Any]) -> str:
    """`proposed`, with what is asked and what is in force meanwhile."""
    said = str(found["status"])
    if found["status"] != "proposed":
        return said
    what = "withdrawal proposed" if found["is_withdrawal"] else said
    in_force = found["in_force_revision"]
    return what if in_force is None else f"{what}, revision {in_force} in force"


def _warn_of_overlaps(found: Document) -> None:
    if found["overlaps"]:
        names = ", ".join(found["overlaps"])
        typer.echo(f"Overlaps for the same cause: {names}. Is it the same time twice?", err=True)


def _step_lines(step: Mapping[str, Any]) -> Iterator[str]:
    if step["state"] != "proposed":
        yield f"  r{step['revision']}  {step['state']} by {step['decided_by']} at {step['at']}"
        yield f"      {step['reason']}"
        return
    what = "withdrawal proposed" if step["is_withdrawal"] else "proposed"
    yield f"  r{step['revision']}  {what} by {step['proposed_by']} at {step['at']}"
    yield f"      {step['component']}, {step['start']} to {step['end']}, {step['cause']}"
    evidence = step["evidence"]
    yield f"      {evidence['text']}"
    for file in evidence["files"]:
        yield f"      file {file['name']}, {file['bytes']} bytes, sha256 {file['sha256']}"
    for link in evidence["links"]:
        yield f"      {link}"
    if step["incident_id"]:
        yield f"      incident {step['incident_id']}"


def _month_lines(month: Mapping[str, Any]) -> Iterator[str]:
    so_far = "" if month["is_over"] else " so far"
    yield (
        f"{month['month']}{so_far}: down {month['down_before_s']} s -> {month['down_after_s']} s, "
        f"excluded {month['excluded_before_s']} s -> {month['excluded_after_s']} s"
    )
    yield f"  contracts that require it: {month['contracts']}, changed: {month['changed']}"
    for total in month["totals"]:
        yield f"  {total['currency']}: {total['before']} -> {total['after']}"
    for one in month["listed"]:
        before, after = one["before"], one["after"]
        yield (
            f"  {one['contract_id']} (client {one['client_id']}): {_due(before)} -> {_due(after)}"
        )
    if month["changed"] > len({one["contract_id"] for one in month["listed"]}):
        yield f"  only the first {len(month['listed'])} are listed"
    if month["issued_revision"] is not None:
        yield (
            f"  report {month['month']} r{month['issued_revision']} stays as it was issued; its "
            "next revision shows the difference"
        )


def _due(due: Mapping[str, Any]) -> str:
    amounts = " ".join(f"{a['currency']} {a['amount']}" for a in due["amounts"])
    return ", ".join(filter(None, (f"{due['downtime_s']} s", due["state"], amounts)))
