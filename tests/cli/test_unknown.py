"""`estado unknown`: accounts say and decide through a door; the host's shell reads alone."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.cli.test_elsewhere import Side, side
from tests.cli.test_elsewhere import here as here
from tests.support.waiting_credits import WAITS

SAYS = ("--as", "down", "--evidence", "El registro tiene un hueco")


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Side]:
    """Typed by billing."""
    async with side(tmp_path / "there", is_remote=True) as made:
        made.key = made.made.key_of(AccountRole.BILLING)
        yield made


async def test_what_waits_names_the_command_that_proposes_it(there: Side) -> None:
    code, out, _ = await there.types("unknown", "waiting")
    assert code == 0
    assert "1 credits of 1 contracts wait" in out
    assert "USD: if up 0.00, if down 7.50" in out
    line = next(line for line in out.splitlines() if "propose:" in line)
    words = line.partition("estado ")[2].partition(" --as")[0].split()
    code, out, err = await there.types(*words, *SAYS)
    assert (code, "Another account decides" in out) == (0, True), err
    assert "USD: 0.00 -> 7.50" in out
    assert "Others wait about the same" in err


async def test_one_account_proposes_and_another_approves(there: Side, tmp_path: Path) -> None:
    file = tmp_path / "accesos.log"
    file.write_bytes(b"hueco")
    words = ("--credit", WAITS, *SAYS, "--file", str(file))
    code, out, err = await there.types("unknown", "propose", *words)
    assert code == 0, err
    reference = out.partition(":")[0]
    code, _, err = await there.types("unknown", "approve", reference, "--reason", "Sí")
    assert (code, "unknown:approve" in err) == (1, True)
    there.key = there.made.key_of(AccountRole.APPROVER)
    shown = (await there.types("unknown", "show", reference))[1]
    assert f"accesos.log, 5 bytes, sha256 {hashlib.sha256(b'hueco').hexdigest()}" in shown
    assert "proposed as down by billing" in shown
    code, out, _ = await there.types("unknown", "approve", reference, "--reason", "Consta")
    assert (code, out.startswith(f"{reference}: approved, revision 2")) == (0, True)
    assert (await there.types("unknown", "waiting"))[1] == "Nothing waits.\n"


async def test_it_is_revised_and_refused_by_the_number_that_was_seen(there: Side) -> None:
    words = ("--credit", WAITS, "--as", "closed", "--evidence", "Sin cargo")
    code, out, err = await there.types("unknown", "revise", there.names["ruling"], *words)
    assert (code, "revision 2" in out, "as closed" in out) == (0, True, True), err
    there.key = there.made.key_of(AccountRole.APPROVER)
    refusal = ("unknown", "refuse", there.names["ruling"], "--reason", "No")
    code, _, err = await there.types(*refusal)
    assert (code, "read revision 2" in err) == (1, True)
    code, out, _ = await there.types(*refusal, "--revision", "2")
    assert (code, "refused, revision 3" in out) == (0, True)


async def test_what_cannot_be_decided_any_more_is_named(there: Side) -> None:
    reference = there.names["ruling"]
    words = ("--credit", WAITS, "--as", "up", "--evidence", "Andaba")
    other = (await there.types("unknown", "propose", *words))[1].partition(":")[0]
    there.key = there.made.key_of(AccountRole.APPROVER)
    assert (await there.types("unknown", "approve", other, "--reason", "Sí"))[0] == 0
    _, _, err = await there.types("unknown", "show", reference)
    assert f"Cannot be decided any more: 1 have changed since ({WAITS})" in err
    code, _, err = await there.types("unknown", "approve", reference, "--reason", "Sí")
    assert (code, WAITS in err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("propose", "--credit", WAITS, *SAYS),
        ("revise", "{ruling}", "--credit", WAITS, *SAYS),
        ("approve", "{ruling}", "--reason", "x"),
        ("refuse", "{ruling}", "--reason", "x"),
    ],
    ids=lambda words: words[0],
)
async def test_the_shell_of_the_host_reads_and_does_nothing_else(
    here: Side, words: tuple[str, ...]
) -> None:
    code, _, err = await here.types("unknown", *words)
    assert code == 1
    assert "--url" in err
    assert "nobody's account" in err
    assert len((await here.types("unknown", "list"))[1].splitlines()) == 2
