"""The whole of a credit in words: what happened, what counts, what it comes to, who did what."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from credits.bundle.document import bundle_text
from credits.life.credit import Assumed, advance
from credits.life.ruling import Covered, RulingReference, RulingStep
from credits.life.states import CreditState
from monitor.cli.credits.command import register
from monitor.cli.credits.evidence import write_whole
from monitor.domain.change import Via
from monitor.domain.exclusions.classification import Evidence, RevisionState
from monitor.i18n.languages import Lang
from monitor.i18n.words import CREDIT_STORY
from tests.credits.life.builders import by
from tests.credits.test_bundle import Archive, archive, forget_evidence, more_money
from tests.credits.test_credit_close import TO_APPLIED, draft_of, lived, office

__all__ = ["archive", "lived", "office"]


def typed(archive: Archive, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    where = ["--config", str(archive.desk.config), "--data-dir", str(archive.desk.folder / "var")]
    named = where if words[0] != "recompute" else []
    return CliRunner().invoke(app, ["credits", *words, *named])


async def closed(archive: Archive) -> str:
    await archive.close("2026-11-02T12:00:00Z")
    return str(archive.credits()[0].id)


async def test_it_tells_an_outage_with_the_results_that_bound_it(archive: Archive) -> None:
    told = typed(archive, "explain", await closed(archive)).stdout
    assert (
        "  web-1: del 2026-10-12 10:00:00 al 2026-10-12 11:00:00, el servidor rechazó la conexión. "
        "Cuentan 3.600 s.\n"
        "    Última comprobación buena antes: 2026-10-12 09:59:00, control web-1-tcp: bien.\n"
        "    Primera con falla: 2026-10-12 10:00:00, control web-1-tcp: "
        "el servidor rechazó la conexión (registrado así: «connection refused»).\n"
        "    Última con falla: 2026-10-12 10:59:00, control web-1-tcp: "
        "el servidor rechazó la conexión (registrado así: «connection refused»).\n"
        "    Primera buena después: 2026-10-12 11:00:00, control web-1-tcp: bien.\n"
        "    Seguro sin servicio: 3.540 s; posible: 3.660 s.\n"
    ) in told


async def test_it_tells_the_sum_from_the_fee_to_the_cent(archive: Archive) -> None:
    told = typed(archive, "explain", await closed(archive), "--lang", "en").stdout
    assert "Downtime allowed: (1 − 0.9989) × 2,678,400 s = 2,946.24 s." in told
    assert "Formula: 1,234.56 × 1 × 1 × 3,600 s ÷ 2,678,400 s." in told
    assert "Exact: 1286/775 (1.659354…)." in told
    assert "Rounded once, half up: USD 1.66." in told.replace("\u00a0", " ")


async def test_it_tells_every_step_with_its_ticket_and_who_took_it(archive: Archive) -> None:
    name = await closed(archive)
    archive.walk(archive.credits()[0], *TO_APPLIED, ticket="TCK-9")
    told = typed(archive, "explain", name).stdout
    steps = told.partition("Pasos\n")[2].partition("\n\n")[0].splitlines()
    assert steps[0].endswith(": disponible, por el monitor.")
    assert [line.partition(": ")[2] for line in steps[1:2]] == ["pedida, por eva."]
    assert steps[2] == "    Ticket TCK-9."
    assert steps[-2].endswith("aprobada, por luz.") or steps[-3].endswith("aprobada, por luz.")
    assert steps[-1].endswith("acreditada, por eva.")


async def test_it_tells_who_proposed_and_who_approved_what_is_excluded(archive: Archive) -> None:
    name = await closed(archive)
    archive.walk(archive.credits()[0], *TO_APPLIED)
    reference = archive.approved(draft_of(half=True))
    await archive.close("2026-12-02T12:00:00Z")
    told = typed(archive, "explain", archive.credits()[1].id).stdout.replace("\u00a0", " ")
    assert told.startswith(f"Ajuste {archive.credits()[1].id}, de {name}\n")
    assert f"  {reference}, revisión 2: web-1, del 2026-10-12 10:00:00 al " in told
    assert "Propuso ana; aprobó luz el " in told
    assert "Evidencia: Corte del proveedor, aviso 4711." in told
    assert "lo que queda después de lo anterior: factura F-1, renglón L1, USD −0,28." in told


async def test_it_tells_where_unknown_time_comes_from(archive: Archive) -> None:
    """The monitor was away for an hour: two people decide."""
    archive.desk.live("web-1-tcp", "2026-12-02T01:00:00Z", "2027-01-02T00:00:00Z")
    archive.bring(
        "C-7,77,507,Hosting,standard,web-1,2026-12-01,,,F-7,L1,2026-12-01,2027-01-01,500,USD,,\n"
    )
    await archive.close("2027-01-02T12:00:00Z")
    (record,) = archive.credits("C-7")
    assert record.state is CreditState.NEEDS_REVIEW
    told = typed(archive, "explain", record.id).stdout.replace("\u00a0", " ")
    assert "Del 2026-12-01 21:00:00 al 2026-12-01 22:00:00: 3.600 s." in told
    assert (
        "Control web-1-tcp: sin resultados entre 2026-12-01 20:59:00 y 2026-12-01 22:00:00." in told
    )
    assert "Si en el tiempo sin datos hubo servicio: USD 0,00." in told
    assert "Si no lo hubo: USD 0,67." in told
    decided = advance(
        record, CreditState.ELIGIBLE, by("eva"), reason="Estuvo caído", assumed=Assumed.DOWN
    )
    asked = RulingStep(
        reference=RulingReference("r7h2k9"), revision=1, assumed=Assumed.DOWN,
        evidence=Evidence(text="El registro está vacío."), credits=1, proposed_by="ana",
        at=decided.at,
    )  # fmt: skip
    done = asked.decided(RevisionState.APPROVED, by="eva", reason="Estuvo caído", at=decided.at)
    with archive.journal.transaction() as tx:
        tx.rulings.append(asked, Via.CONSOLE, [Covered(credit=record.id, seq=1)])
        tx.rulings.append(done, Via.CONSOLE)
        tx.credits.append([record.with_step(decided)])
    after = typed(archive, "explain", record.id).stdout
    assert "No lo hubo." in after
    assert "Motivo: Estuvo caído" in after


async def test_it_is_told_of_a_month_that_was_closed_without_evidence(archive: Archive) -> None:
    name = await closed(archive)
    whole = typed(archive, "explain", name).stdout
    forget_evidence(archive)
    ran = typed(archive, "explain", name)
    assert ran.exit_code == 0
    assert "Primera con falla: 2026-10-12 10:00:00.\n" in ran.stdout
    assert "se cerró con una versión que no guardaba los resultados" in ran.stdout
    assert len(ran.stdout.splitlines()) == len(whole.splitlines()) - 1


async def test_programs_get_the_document_and_the_sentences(archive: Archive) -> None:
    name = await closed(archive)
    found = json.loads(typed(archive, "explain", name, "--json").stdout)
    assert found["credit"]["credit"]["id"] == name
    assert found["story"][0]["title"] == f"Bonificación {name}"


def test_every_state_has_its_words_in_both_languages() -> None:
    for lang in (Lang.ES, Lang.EN):
        words = CREDIT_STORY[lang]
        assert set(words.states) == set(words.arrows) == {str(state) for state in CreditState}


async def test_a_credit_that_is_not_there_is_refused(archive: Archive) -> None:
    await closed(archive)
    for command in ("explain", "bundle"):
        ran = typed(archive, command, "BON-2026-10-nothing")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "BON-2026-10-nothing" in ran.stderr


async def test_a_file_is_written_and_computed_again(archive: Archive, tmp_path: Path) -> None:
    name, file = await closed(archive), tmp_path / "credit.json"
    assert typed(archive, "bundle", name, "-o", str(file)).exit_code == 0
    assert file.read_text("utf-8") == archive.bundle() == typed(archive, "bundle", name).stdout
    ran = typed(archive, "recompute", str(file))
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "the same bytes" in ran.stdout
    assert "F-1  3600 s  breach  1.66 USD" in ran.stdout
    assert typed(archive, "recompute", str(file), "--json").stdout == file.read_text("utf-8")


async def test_a_file_that_was_changed_is_refused_with_what_differs(
    archive: Archive, tmp_path: Path
) -> None:
    await closed(archive)
    found = json.loads(archive.bundle())
    more_money(found)
    file = tmp_path / "credit.json"
    file.write_text(bundle_text(found), "utf-8")
    ran = typed(archive, "recompute", str(file))
    assert ran.exit_code == 1
    assert ran.stderr == (f'{file}: figures.rows[0].amount: the bundle says "16.60", got "1.66"\n')


@contextmanager
def no_room(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the kernel refuses the rest, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, former)


def test_a_disk_without_room_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "credit.json"
    file.write_bytes(b"before")
    with no_room(1_000), pytest.raises(OSError, match="File too large"):
        write_whole(file, b"x" * 5_000)
    assert [one.name for one in tmp_path.iterdir()] == ["credit.json"]
    assert file.read_bytes() == b"before"


@pytest.mark.parametrize("point", ["bundle.written", "bundle.replaced"])
def test_whoever_is_killed_leaves_a_whole_file(tmp_path: Path, point: str) -> None:
    file = tmp_path / "credit.json"
    file.write_bytes(b"before")
    code = (
        "import sys; from pathlib import Path;"
        "from monitor.cli.credits.evidence import write_whole;"
        "write_whole(Path(sys.argv[1]), b'after')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        cwd=Path(__file__).parents[2], env={**os.environ, "ESTADO_KILL_AT": point}, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert file.read_bytes() == (b"before" if point == "bundle.written" else b"after")
