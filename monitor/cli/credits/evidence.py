"""`estado credits explain`, `bundle`, and a bundle computed again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.acting import JsonOption, ending_by_reason, print_json
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.domain.untrusted_text import visible
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.runtime.kill_points import reached

if TYPE_CHECKING:
    from credits.bundle.reading import CreditEvidence
    from credits.bundle.story import Chapter
    from monitor.roles.tools import Tools

_FAILED, _INVALID = 1, 2

CreditArgument = Annotated[str, typer.Argument(help="Its id, BON-2026-10-…", metavar="ID")]


class Language(StrEnum):
    ES = "es"
    EN = "en"


LanguageOption = Annotated[
    Language | None,
    typer.Option("--lang", help="Of the story; default the page's own.", show_default=False),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The file; default standard output.", show_default=False),
]


def register(group: typer.Typer) -> None:
    group.command(name="explain")(explain)
    group.command(name="bundle")(bundle)


def explain(
    credit: CreditArgument,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Tell a credit's whole story: outages with the results that bound them, what was excluded and
    by whom, unknown time and where it comes from, the sum step by step, and who did what.

    Exit code: 0 told, 1 refused, 2 there is no such credit.
    """
    # Imported here: the arithmetic alone starts without the journal.
    from credits.bundle.story import story_fields, story_of
    from monitor.i18n.languages import Lang
    from monitor.i18n.words import operators_lang
    from monitor.roles.registries import all_failures
    from monitor.roles.tools import open_tools

    with ending_by_reason(), open_tools(config or default_config(), data_dir) as tools:
        document = _evidence(tools).story(credit)
        own = operators_lang(tools.catalogue.page)
        told = own if lang is None else Lang(lang)
        chapters = story_of(document, told, tools.catalogue.zone, all_failures())
    if as_json:
        print_json({"credit": document, "story": story_fields(chapters)})
    else:
        _print_story(chapters)


def bundle(
    credit: CreditArgument,
    output: OutputOption = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Write everything that a credit rests on into one file, which
    [bold]estado credits recompute[/] computes again anywhere.

    Exit code: 0 written, 1 refused, or the file cannot be written (what was there stays), 2 there
    is no such credit.
    """
    from credits.bundle.document import bundle_text
    from monitor.roles.tools import open_tools

    with ending_by_reason(), open_tools(config or default_config(), data_dir) as tools:
        text = bundle_text(_evidence(tools).bundle(credit))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        write_whole(output, text.encode())
    except OSError as error:
        typer.secho(f"{output}: {error.strerror or error}", err=True, fg="red")
        raise typer.Exit(_FAILED) from error


def is_bundle(text: str) -> bool:
    """Whether a file says that it is one, by its first words: cases are read otherwise."""
    return text.lstrip().startswith("{") and '"form":"estado credit bundle' in text


def recompute_bundle(name: str, text: str, *, as_json: bool) -> None:
    """Compute a bundle again and print what it comes to; end with the first difference."""
    from credits.bundle.recompute import Differs, NoBundle, recompute

    try:
        found = recompute(text)
    except NoBundle as error:
        typer.secho(visible(f"{name}: {error}"), err=True, fg="red")
        raise typer.Exit(_INVALID) from error
    except Differs as error:
        typer.secho(visible(f"{name}: {error}"), err=True, fg="red")
        raise typer.Exit(_FAILED) from error
    if as_json:
        typer.echo(found.text, nl=False)
        return
    credit = found.document["credit"]
    typer.secho(visible(credit["id"]), bold=True)
    for row in found.document["figures"]["rows"]:
        amount = "-" if row["amount"] is None else f"{row['amount']} {row['currency']}"
        line = f"  {row['invoice_id'] or '-'}  {row['downtime_s']} s  {row['verdict']}  {amount}"
        typer.echo(visible(line))
    typer.echo(f"  evidence {credit['evidence_hash']}")
    typer.secho("  the same bytes", fg="green")


def write_whole(path: Path, content: bytes) -> None:
    """The file is there whole, or as it was before: whoever is killed leaves no half of one. Raises
    OSError."""
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(made)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        reached("bundle.written")
        part.replace(path)
        reached("bundle.replaced")
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _evidence(tools: Tools) -> CreditEvidence:
    from credits.bundle.reading import CreditEvidence

    return CreditEvidence(journal=tools.journal, zone=tools.catalogue.zone, actor=tools.actor)


def _print_story(chapters: Sequence[Chapter]) -> None:
    for place, chapter in enumerate(chapters):
        typer.secho(
            visible(chapter.title) if not place else f"\n{visible(chapter.title)}", bold=True
        )
        for line in chapter.lines:
            typer.echo(f"{'  ' * (line.depth + 1)}{visible(line.text)}")
