"""`estado token` as somebody types it; what it prints opens what it should, and no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.domain.accounts.permissions import SCOPES_OF, AccountRole, Scope
from monitor.domain.change import Via
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import Refused
from monitor.i18n.scopes import SCOPE_MEANINGS
from tests.cli.account_typist import AccountTypist

OPERATOR = SCOPES_OF[AccountRole.OPERATOR]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> AccountTypist:
    return AccountTypist.with_staff(tmp_path_factory.mktemp("staffed"))


@pytest.fixture
def typist(template: AccountTypist, tmp_path: Path) -> AccountTypist:
    return template.copied(tmp_path)


def makes(typist: AccountTypist, *words: str) -> str:
    return typist.reads("token", "create", *words).removesuffix("\n")


def test_the_token_stands_alone_on_standard_output_and_opens(typist: AccountTypist) -> None:
    done = typist.types("token", "create", "--owner", "ana", "--scope", "state:read")
    token = done.stdout.removesuffix("\n")
    assert "\n" not in token
    assert token.startswith("estado_")
    assert token not in done.stderr
    assert token.split("_")[1] in done.stderr
    actor = typist.opens(token)
    assert (actor.id, actor.scopes) == ("ana", frozenset({"state:read"}))
    assert actor.services == frozenset({ServiceId("radio")})


def test_all_scopes_are_those_of_the_owner(typist: AccountTypist) -> None:
    assert typist.opens(makes(typist, "--owner", "ana", "--all-scopes")).scopes == OPERATOR


def test_a_token_lasts_90_days_where_nothing_else_is_said(typist: AccountTypist) -> None:
    ends = [
        makes(typist, "--owner", "ana", "--scope", "state:read", *words)
        for words in ((), ("--days", "1"), ("--forever",))
    ]
    assert len(set(ends)) == 3
    with typist.transaction() as tx:
        found = {token.id: token for token in tx.accounts.tokens()}
    lasts = [found[end.split("_")[1]] for end in ends]
    assert [t.expires_at and t.expires_at - t.created_at for t in lasts] == [
        90 * 86_400, 86_400, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("create", "--owner", "ana", "--scope", "billing:read", "--scope", "state:read"), 1,
         "ana lacks billing:read; a token may do no more than its owner"),
        (("create", "--owner", "anna", "--scope", "state:read"), 2,
         "no account anna; did you mean ana?"),
        (("create", "--owner", "ana", "--scope", "state:raed"), 2, "'state:raed' is not one of"),
        (("create", "--owner", "ana"), 2, "estado token scopes shows them"),
        (("create", "--owner", "ana", "--scope", "state:read", "--all-scopes"), 2, "either"),
        (("create", "--owner", "ana", "--all-scopes", "--days", "3", "--forever"), 2, "either"),
        (("create", "--owner", "ana", "--all-scopes", "--days", "0"), 2, "than or equal to 1"),
        (("create", "--owner", "ana", "--all-scopes", "--label", "x" * 101), 1,
         "the label has 101 characters"),
        (("list", "--owner", "anna"), 2, "no account anna; did you mean ana?"),
        (("revoke", "nothing1"), 2, "no token nothing1"),
    ],
)  # fmt: skip
def test_a_refusal_changes_nothing_and_prints_no_token(
    typist: AccountTypist, words: tuple[str, ...], code: int, reason: str
) -> None:
    before = typist.changes()
    done = typist.types("token", *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert reason in " ".join(done.stderr.replace("│", " ").split())
    assert typist.changes() == before


def test_a_token_is_for_an_account_that_is_there(tmp_path: Path) -> None:
    done = AccountTypist.at(tmp_path).types("token", "create", "--owner", "ana", "--all-scopes")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no journal" in done.stderr


def test_a_revoked_token_opens_nothing_and_is_named_where_its_id_is_mistyped(
    typist: AccountTypist,
) -> None:
    token = makes(typist, "--owner", "ana", "--scope", "state:read")
    id_ = token.split("_")[1]
    assert f"did you mean {id_}?" in typist.types("token", "revoke", f"{id_[:-1]}0").stderr
    assert typist.reads("token", "revoke", id_) == f"{id_}: revoked; it acted as ana\n"
    with pytest.raises(Refused, match=r"token\.invalid"):
        typist.opens(token)
    again = typist.types("token", "revoke", id_)
    assert (again.exit_code, again.stderr) == (1, f"token {id_} is revoked already\n")


def test_a_disabled_account_gets_no_token_and_what_to_do_is_said(typist: AccountTypist) -> None:
    typist.reads("user", "disable", "ana")
    done = typist.types("token", "create", "--owner", "ana", "--scope", "state:read")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "ana is disabled: enable the account first\n"


def test_the_list_shows_each_token_on_a_line_and_how_it_stands(typist: AccountTypist) -> None:
    assert typist.reads("token", "list").startswith("No token.")
    first = makes(typist, "--owner", "ana", "--scope", "state:read", "--label", "gra[b]fana")
    second = makes(typist, "--owner", "jefa", "--all-scopes", "--forever", "--label", "x" * 100)
    typist.reads("token", "revoke", second.split("_")[1])
    head, *rows = typist.reads("token", "list").splitlines()
    assert head.split() == ["id", "label", "owner", "scopes", "made", "until", "last", "used",
                            "state"]  # fmt: skip
    ana = next(row for row in rows if " ana " in row)
    jefa = next(row for row in rows if " jefa " in row)
    assert len(rows) == 2
    assert ana.split()[:4] == [first.split("_")[1], "gra[b]fana", "ana", "state:read"]
    assert ana.split()[-1] == "valid"
    assert " forever " in jefa
    assert jefa.split()[-1] == "revoked"
    assert all(scope in jefa for scope in Scope)
    (alone,) = typist.reads("token", "list", "--owner", "ana").splitlines()[1:]
    assert alone.split() == ana.split()
    typist.reads("user", "disable", "ana")
    assert typist.reads("token", "list", "--owner", "ana").rstrip().endswith("owner disabled")


def test_it_speaks_json_to_programs(typist: AccountTypist) -> None:
    assert json.loads(typist.reads("token", "list", "--json")) == []
    token = makes(typist, "--owner", "ana", "--scope", "state:read", "--label", "grafana")
    (found,) = json.loads(typist.reads("token", "list", "--json"))
    assert (found["id"], found["owner"], found["label"]) == (token.split("_")[1], "ana", "grafana")
    assert (found["scopes"], found["is_valid"], found["revoked_at"]) == (["state:read"], True, None)
    typist.opens(token)
    (found,) = json.loads(typist.reads("token", "list", "--json"))
    assert found["last_used_at"] is not None


@pytest.mark.parametrize("words", [("token", "list"), ("token", "list", "--json")])
def test_no_list_shows_a_secret_or_its_hash(typist: AccountTypist, words: tuple[str, ...]) -> None:
    secret = makes(typist, "--owner", "ana", "--all-scopes").rpartition("_")[2]
    with typist.transaction() as tx:
        (stored,) = tx.accounts.tokens()
    said = typist.reads(*words)
    assert stored.id in said
    assert stored.secret_hash not in said
    assert secret not in said


def test_no_token_stands_in_the_journal(typist: AccountTypist) -> None:
    token = makes(typist, "--owner", "ana", "--all-scopes", "--label", "grafana")
    _, id_, secret = token.split("_", 2)
    stored = typist.stored()
    assert id_.encode() in stored
    assert secret.encode() not in stored
    assert secret[:20].encode() not in stored


def test_the_audit_log_names_the_token_and_the_door_and_no_secret(typist: AccountTypist) -> None:
    token = makes(typist, "--owner", "ana", "--scope", "state:read", "--label", "grafana")
    _, id_, secret = token.split("_", 2)
    typist.reads("token", "revoke", id_)
    created, revoked = typist.changes()[-2:]
    assert (created.kind, revoked.kind) == ("token.created", "token.revoked")
    assert (created.subject, revoked.subject) == (id_, id_)
    assert created.after == {"owner": "ana", "label": "grafana", "scopes": ["state:read"]}
    assert {created.via, revoked.via} == {Via.SHELL}
    with typist.transaction() as tx:
        (stored,) = tx.accounts.tokens()
    assert secret not in repr((created, revoked))
    assert stored.secret_hash not in repr((created, revoked))


def test_the_scopes_are_shown_with_the_roles_that_have_them_and_no_journal() -> None:
    done = CliRunner().invoke(build_app(["token"]), ["token", "scopes"])
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["scope", "allows", "roles"]
    assert [row.split()[0] for row in rows] == [str(scope) for scope in Scope]
    for scope, row in zip(Scope, rows, strict=True):
        having = [role for role, given in SCOPES_OF.items() if scope in given]
        assert row.partition(SCOPE_MEANINGS[scope])[2].strip() == ", ".join(having)
