"""`estado probe CHECK`: one run of a check, as the product has it in its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from monitor.cli.acting import EXIT_REFUSED, EXIT_UNKNOWN, acting
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.probe.view import EXIT_CODES, one_line, show
from monitor.client.faults import NoEstado
from monitor.client.reading import Fields
from monitor.domain.checks.observation import FailureClass, FailureId, Observation, Outcome
from monitor.registry import KindUnusable
from probes._kind import by_id
from probes.registry import PROBES

CheckArgument = Annotated[
    str,
    typer.Argument(
        metavar="CHECK", help="Its id.", show_default=False, autocompletion=ids(Ids.CHECK)
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, as the API answers it.")]


def check(
    wanted: CheckArgument,
    as_json: AsJson = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Run a configured check once, now, from the host of the product.

    [bold]estado probe web-http[/] is short for [bold]estado probe check web-http[/].

    It runs in a process of its own, as the configuration in force has it, with its secrets and its
    guard against private addresses. Nothing counts and nothing is stored, but for a line in the
    audit log.
    """
    with _nothing_seen(), acting(url, config, data_dir) as product:
        found = Fields.of(product.checks.probe(wanted))
        seen = _observation(found)
    if as_json:
        typer.echo(one_line(found.found))
    else:
        failure = _failure(found.text("kind"), seen.failure)
        show(Console(highlight=False), found.text("kind"), wanted, seen, failure)
    raise typer.Exit(EXIT_CODES[seen.outcome])


@contextmanager
def _nothing_seen() -> Iterator[None]:
    """A refusal says nothing of the target: 1 and 2, with which other commands refuse, would say
    here that it is slow or down."""
    try:
        yield
    except typer.Exit as ended:
        if ended.exit_code in (EXIT_REFUSED, EXIT_UNKNOWN):
            raise typer.Exit(EXIT_CODES[Outcome.UNKNOWN]) from ended
        raise


def _observation(found: Fields) -> Observation:
    failure = found.text_or_none("failure")
    try:
        return Observation(
            outcome=found.choice("outcome", Outcome),
            failure=None if failure is None else FailureId(failure),
            message=found.text("message"),
            phases_ms=found.measures("phases_ms"),
            evidence=found.one("evidence").found,
        )
    except ValueError as error:
        raise NoEstado(f"what the door says of a run does not fit together: {error}") from error


def _failure(kind: str, failure: FailureId | None) -> FailureClass | None:
    """None where the kind, or the class, is of another version or of a plugin that is not here."""
    if failure is None:
        return None
    try:
        return by_id(PROBES[kind].failures).get(failure)
    except (KeyError, KindUnusable):
        return None
