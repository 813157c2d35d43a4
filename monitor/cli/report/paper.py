"""A report on paper, for whoever has the library for it."""

from __future__ import annotations

import typer

from credits.paper.contents import clients_of, statement, summary
from credits.paper.files import renderer
from credits.statements.document import NoClient
from monitor.client.ports import Document
from monitor.domain.refusals import Refused
from monitor.i18n.languages import Lang

_REFUSED = 2


def print_pdf(document: Document, client: str | None, company: str, lang: str) -> None:
    """Write the summary with every client's statement, or one client's alone, to standard
    output."""
    spoken = Lang(lang)
    try:
        if client is None:
            sheets = [
                summary(document, company, spoken),
                *(statement(document, one, company, spoken) for one in clients_of(document)),
            ]
        else:
            sheets = [statement(document, client, company, spoken)]
    except NoClient as error:
        typer.secho(f"{document['report_id']} is not about client {client}", err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
    try:
        pdf_of = renderer()
    except Refused as error:
        said = "PDF needs a library that is not installed: pip install 'estado[pdf]'"
        typer.secho(said, err=True, fg="red")
        raise typer.Exit(_REFUSED) from error
    typer.echo(pdf_of(sheets, spoken), nl=False)
