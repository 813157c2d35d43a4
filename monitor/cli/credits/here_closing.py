"""A month is closed on the core's host, whether or not the product runs beside it."""

from __future__ import annotations

import typer

from credits.period.month import Month
from credits.report.chunk import CannotSetAside
from credits.report.close import close
from credits.report.draft import Drafting, Say
from credits.report.report import MonthOpen
from credits.stamps import local_text
from monitor.billing.set_aside import SetAsideFiles
from monitor.client.ports import Document
from monitor.results.log.bounding import BoundingResults
from monitor.roles.catalogues.past import catalogues_of
from monitor.roles.settings import closing_dir, log_file
from monitor.roles.tools import Tools
from monitor.runtime.version import version_line

_REFUSED, _FAILED = 2, 1


def close_here(tools: Tools, wanted: str, say: Say) -> Document:
    """Ends the command where the month is not over, or is none."""
    month = _month(wanted)
    how = Drafting(
        catalogues=catalogues_of(tools), results=BoundingResults(log_file(tools.data_dir)),
        aside=SetAsideFiles(closing_dir(tools.data_dir, str(month))), program=version_line(),
        say=say,
    )  # fmt: skip
    try:
        done = close(tools.journal, month, tools.clock.now(), how, tools.actor)
    except MonthOpen as error:
        edge = error.window.end if error.has_begun else error.window.start
        verb = "ends" if error.has_begun else "begins"
        said = f"{error}: it {verb} at {local_text(edge, tools.catalogue.zone)}"
        typer.secho(said, err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
    except CannotSetAside as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    return {
        "month": str(month),
        "outcome": done.outcome.value,
        "detail": done.detail,
        "content_hash": done.hash,
        "credits": done.credits,
        "adjustments": done.adjustments,
    }


def _month(wanted: str) -> Month:
    try:
        return Month.read(wanted)
    except ValueError as error:
        typer.secho(f"MONTH: {error}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
