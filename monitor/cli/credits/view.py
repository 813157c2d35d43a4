"""Credits as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer
from rich.text import Text as Styled

from monitor.cli.acting import console, print_table
from monitor.client.ports import Document
from monitor.domain.untrusted_text import visible

_COLUMNS = ("id", "state", "client", "contract", "product", "from", "to", "due", "tickets")
_STYLES = {
    "needs_review": "yellow", "pending_human_approval": "yellow", "requested": "yellow",
    "under_review": "yellow", "apply_unknown": "yellow", "blocked_suspended": "magenta",
    "held_chargeback": "magenta", "approved": "cyan", "applying": "cyan", "applied": "green",
    "rejected": "red", "expired": "red",
}  # fmt: skip
"""Yellow waits for somebody; what is over without money, or asked for by nobody, has no colour."""
_NEXT = {
    "requested": "Take it up: estado credits review {id}",
    "under_review": "Another account decides: estado credits approve {id}, or reject",
}
_WHY = {
    "asked": "asked for it, or for the same time",
    "decided": "said what its unknown seconds were",
    "proposed": "proposed an exclusion that it could rest on",
}

_UNDECIDED = ("eligible", "requested", "under_review", "needs_review", "pending_human_approval")
"""What somebody may still approve."""


def print_listed(found: Sequence[Document]) -> None:
    print_table(_COLUMNS, [_row(one) for one in found])


def print_shown(found: Document) -> None:
    shown = console()
    shown.print(Styled.assemble((found["credit_id"], "bold"), "  ", _state(found["state"])))
    for line in _lines(found):
        shown.print(visible(line), soft_wrap=True)


def print_step_taken(found: Document) -> None:
    """What stands after a step, and what to do next."""
    name, state = found["credit_id"], found["state"]
    said = f"{name}: {state}, revision {found['revision']}: {_amounts(found['amounts'])}"
    typer.echo(visible(f"{said} for client {found['client_id']}"))
    if state in _NEXT:
        typer.echo(_NEXT[state].format(id=name))


def print_judged(found: Sequence[Document]) -> None:
    """Those that are done in one line, the others by name."""
    done = sum(one["is_done"] for one in found)
    typer.echo(f"{done} of {len(found)} done")
    for one in found:
        if not one["is_done"]:
            typer.secho(visible(f"{one['credit_id']}: {one['detail']}"), err=True, fg="red")


def _row(one: Document) -> tuple[Any, ...]:
    return (
        one["credit_id"], _state(one["state"]),
        *(Styled(visible(one[name])) for name in ("client_id", "contract_id", "product")),
        one["start"][:10], one["end"][:10], _amounts(one["amounts"]),
        Styled(visible(", ".join(one["tickets"]) or "-")),
    )  # fmt: skip


def _state(state: str) -> Styled:
    return Styled(state, style=_STYLES.get(state, ""))


def _lines(found: Document) -> Iterator[str]:
    kind = f"adjusts {found['adjusts_credit_id']}, " if found["adjusts_credit_id"] else ""
    yield (
        f"  {kind}{found['month']}, client {found['client_id']}, contract {found['contract_id']}, "
        f"{found['product']} ({found['service_id']})"
    )
    yield f"  {found['start']} to {found['end']}"
    yield f"  due: {_amounts(found['amounts'])}"
    for line in found["lines"]:
        worst = line["amount_if_unknown_down"]
        least = f", {worst} if the unknown time was down" if worst is not None else ""
        yield (
            f"    {line['invoice_id']} {line['invoice_line_id']}: {line['currency']} "
            f"{line['amount']}{least}"
        )
    if found["expires_at"] is not None:
        yield f"  may be asked for until {found['expires_at']}"
    yield f"  tickets: {', '.join(found['tickets']) or 'none'}"
    if found["incident_ids"]:
        yield f"  incidents: {', '.join(found['incident_ids'])}"
    yield f"  evidence: {found['evidence_hash']}"
    for step in found["steps"]:
        yield from _step_lines(step)
    for other in found["beside"]:
        yield (
            f"  same time: {other['credit_id']} ({other['type']}), {other['state']}, "
            f"{_amounts(other['amounts'])}"
        )
    for one in found["barred"] if found["state"] in _UNDECIDED else ():
        yield f"  may not approve: {one['account']} has {_reasons(one['why'])}"


def _step_lines(step: Mapping[str, Any]) -> Iterator[str]:
    what = step["after"] if step["before"] != step["after"] else "another ticket joins"
    ticket = f", ticket {step['ticket']}" if step["ticket"] else ""
    door = f" ({step['via']})" if step["via"] else ""
    yield f"  r{step['revision']}  {what}{ticket}, by {step['actor']}{door} at {step['at']}"
    clause = f"clause {step['clause']}: " if step["clause"] else ""
    if step["reason"]:
        panel = "panel " if step["after"] == "applying" else ""
        yield f"      {clause}{panel}{step['reason']}"
    if step["reference"]:
        yield f"      reference {step['reference']}"
    yield from _moved_lines(step["moved"])


def _moved_lines(moved: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """From one account into another; a step within one account moves nothing to speak of."""
    entries = list(moved)
    for out, into in zip(entries[::2], entries[1::2], strict=False):
        if out["account"] != into["account"]:
            yield (
                f"      {into['currency']} {into['amount']}: {out['account']} to {into['account']}"
            )


def _reasons(why: Sequence[str]) -> str:
    return ", and ".join(_WHY.get(one, one) for one in why)


def _amounts(amounts: Iterable[Mapping[str, str]]) -> str:
    return ", ".join(f"{one['currency']} {one['amount']}" for one in amounts) or "nothing"
