"""`estado credits`: accounts ask and approve through a door; the host's shell reads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.cli.test_elsewhere import Side, side
from tests.cli.test_elsewhere import here as here

BON, OTHER = "BON-2026-10-1", "BON-2026-10-2"
ASKS = ("credits", "request", OTHER, "--ticket", "#abc-2", "--client", "78")


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Side]:
    """Typed by somebody of billing."""
    async with side(tmp_path / "there", is_remote=True) as made:
        made.key = made.made.key_of(AccountRole.BILLING)
        yield made


async def test_one_asks_and_takes_up_and_another_approves(there: Side) -> None:
    code, out, err = await there.types(*ASKS)
    assert (code, out.startswith(f"{OTHER}: requested, revision 2: USD 6.86")) == (0, True), err
    assert f"Take it up: estado credits review {OTHER}" in out
    code, out, _ = await there.types("credits", "review", OTHER)
    assert (code, "Another account decides" in out) == (0, True)
    code, _, err = await there.types("credits", "approve", OTHER)
    assert (code, "credits:approve is missing" in err) == (1, True)
    there.key = there.made.key_of(AccountRole.APPROVER)
    _, out, _ = await there.types("credits", "show", OTHER)
    assert "may not approve: billing has asked for it" in out
    code, out, _ = await there.types("credits", "approve", OTHER, "--reason", "Consta")
    assert (code, out.startswith(f"{OTHER}: approved, revision 4")) == (0, True)
    _, out, _ = await there.types("credits", "show", OTHER)
    assert "requested, ticket ABC-2, by billing (api)" in out
    assert "USD 6.86: owed to approved" in out
    assert "may not approve" not in out


async def test_a_request_is_rejected_by_a_clause(there: Side) -> None:
    there.key = there.made.key_of(AccountRole.APPROVER)
    words = ("credits", "reject", BON, "--reason", "Sobrecarga", "--clause", "13b")
    code, out, _ = await there.types(*words)
    assert (code, out.startswith(f"{BON}: rejected")) == (0, True)
    assert "clause 13b: Sobrecarga" in (await there.types("credits", "show", BON))[1]


async def test_of_many_each_says_what_came_of_it(there: Side) -> None:
    code, out, err = await there.types("credits", "review", BON, OTHER, "BON-none")
    assert (code, out) == (1, "1 of 3 done\n")
    assert f"{OTHER}: {OTHER} is eligible: from there it does not become under review" in err
    assert "BON-none: no credit" in err
    there.key = there.made.key_of(AccountRole.APPROVER)
    words = ("credits", "approve", BON, OTHER, "--reason", "La noche del 12", "--json")
    code, out, _ = await there.types(*words)
    found = {one["credit_id"]: (one["is_done"], one["code"]) for one in json.loads(out)}
    assert (code, found) == (1, {BON: (True, None), OTHER: (False, "credit.no_arrow")})


async def test_a_revision_is_of_one_credit(there: Side) -> None:
    for verb in ("review", "approve"):
        code, _, err = await there.types("credits", verb, BON, OTHER, "--revision", "2")
        assert (code, "name one" in err) == (2, True)
    code, _, err = await there.types("credits", "review", BON, "--revision", "1")
    assert (code, "you saw revision 1" in err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ASKS[1:],
        ("review", BON),
        ("review", BON, OTHER),
        ("approve", BON),
        ("approve", BON, OTHER),
        ("reject", BON, "--reason", "r", "--clause", "1"),
    ],
    ids=lambda words: "-".join(words[:3]),
)
async def test_the_shell_of_the_host_reads_and_takes_no_step(
    here: Side, words: tuple[str, ...]
) -> None:
    code, out, err = await here.types("credits", *words)
    assert (code, out) == (1, "")
    assert "--url" in err
    assert "decides or applies needs an account" in err
    assert "nobody's account" in err
    listed = (await here.types("credits", "list", "--state", "requested", "--ids"))[1]
    assert listed == f"{BON}\n"
