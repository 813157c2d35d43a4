"""`estado exclusion`: accounts propose and decide through a door; the host's shell does not."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.cli.test_elsewhere import Side, side
from tests.cli.test_elsewhere import here as here

NIGHT = (
    "--component", "web", "--from", "2026-09-21T11:15", "--to", "2026-09-21T11:17", "--cause",
    "external_provider", "--evidence", "Aviso 4711",
)  # fmt: skip


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Side]:
    """Typed by an operator."""
    async with side(tmp_path / "there", is_remote=True) as made:
        made.key = made.made.key_of(AccountRole.OPERATOR)
        yield made


async def proposed(there: Side, *words: str) -> str:
    code, out, err = await there.types("exclusion", "propose", *NIGHT, *words)
    assert code == 0, err
    return out.partition(":")[0]


async def test_one_account_proposes_and_another_approves(there: Side) -> None:
    reference = await proposed(there)
    code, _, err = await there.types("exclusion", "approve", reference, "--reason", "Sí")
    assert (code, "exclusions:approve" in err) == (1, True)
    there.key = there.made.key_of(AccountRole.APPROVER)
    code, out, _ = await there.types("exclusion", "effect", reference)
    assert (code, "contracts that require it: 0" in out) == (0, True)
    code, out, _ = await there.types("exclusion", "approve", reference, "--reason", "Consta")
    assert (code, out.startswith(f"{reference}: approved, revision 2")) == (0, True)
    shown = (await there.types("exclusion", "show", reference))[1]
    assert "proposed by operator" in shown
    assert "approved by approver" in shown


async def test_a_proposal_says_who_is_to_act_next_and_what_it_repeats(there: Side) -> None:
    first = await proposed(there)
    _, out, err = await there.types("exclusion", "propose", *NIGHT)
    assert "Another account decides" in out
    assert "Overlaps for the same cause: " in err
    assert first in err


async def test_a_file_is_kept_as_name_size_and_hash(there: Side, tmp_path: Path) -> None:
    file = tmp_path / "traza.txt"
    file.write_bytes(b"traza")
    reference = await proposed(there, "--file", str(file), "--link", "https://p.example/1")
    shown = (await there.types("exclusion", "show", reference))[1]
    assert f"traza.txt, 5 bytes, sha256 {hashlib.sha256(b'traza').hexdigest()}" in shown
    assert "https://p.example/1" in shown
    code, _, err = await there.types("exclusion", "propose", *NIGHT, "--file", f"{file}x")
    assert (code, "cannot be read" in err) == (1, True)


async def test_it_is_revised_withdrawn_and_refused(there: Side) -> None:
    reference = await proposed(there)
    again = ("--cause", "customer", "--evidence", "Era del cliente", "--to", "2026-09-21T11:16")
    code, out, _ = await there.types("exclusion", "revise", reference, *again)
    assert (code, "revision 2" in out, "T11:16" in out) == (0, True, True)
    operator, there.key = there.key, there.made.key_of(AccountRole.APPROVER)
    approver = there.key
    code, _, err = await there.types("exclusion", "approve", reference, "--reason", "Sí")
    assert (code, "read revision 2" in err) == (1, True)
    await there.types("exclusion", "approve", reference, "--reason", "Sí", "--revision", "2")
    there.key = operator
    _, out, _ = await there.types("exclusion", "withdraw", reference, "--reason", "No era")
    assert "withdrawal proposed, revision 3 in force" in out
    there.key = approver
    _, out, _ = await there.types(
        "exclusion", "refuse", reference, "--reason", "Sí era", "--revision", "4"
    )
    assert out.startswith(f"{reference}: approved")


@pytest.mark.parametrize(
    "words",
    [
        ("propose", *NIGHT),
        ("revise", "{exclusion}", "--cause", "customer", "--evidence", "x"),
        ("withdraw", "{exclusion}", "--reason", "x"),
        ("approve", "{exclusion}", "--reason", "x"),
        ("refuse", "{exclusion}", "--reason", "x"),
    ],
    ids=lambda words: words[0],
)
async def test_the_shell_of_the_host_reads_and_does_nothing_else(
    here: Side, words: tuple[str, ...]
) -> None:
    code, _, err = await here.types("exclusion", *words)
    assert code == 1
    assert "--url" in err
    assert "nobody's account" in err
    assert len((await here.types("exclusion", "list"))[1].splitlines()) == 2
