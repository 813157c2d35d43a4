"""`estado user` as somebody types it, with a real journal and real hashes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.accounts.secrets import Argon2Passwords
from monitor.domain.accounts.account import AccountName
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import Via
from monitor.i18n.scopes import ROLE_MEANINGS, SCOPE_MEANINGS
from tests.cli.account_typist import FULL_NAME, PASSWORD, AccountTypist


@pytest.fixture
def typist(tmp_path: Path) -> AccountTypist:
    return AccountTypist.at(tmp_path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> AccountTypist:
    return AccountTypist.with_staff(tmp_path_factory.mktemp("staffed"))


@pytest.fixture
def staffed(template: AccountTypist, tmp_path: Path) -> AccountTypist:
    return template.copied(tmp_path)


def is_right(typist: AccountTypist, name: str, password: str) -> bool:
    with typist.transaction() as tx:
        account = tx.accounts.get(AccountName(name))
    assert account is not None
    return Argon2Passwords().is_right(password, account.password_hash)


def test_the_first_account_makes_the_journal(typist: AccountTypist) -> None:
    said = typist.reads("user", "add", "ana", "--role", "operator", "--password-stdin",
                        stdin=f"{PASSWORD}\r\nmore\n")  # fmt: skip
    assert said == "ana: added; operator; services: all\n"
    assert is_right(typist, "ana", PASSWORD)


@pytest.mark.parametrize("words", [("list",), ("disable", "ana"), ("reset", "ana", "--generate")])
def test_no_other_command_makes_one(typist: AccountTypist, words: tuple[str, ...]) -> None:
    done = typist.types("user", *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no journal" in done.stderr
    assert not (typist.folder / "data").exists()


def test_a_password_that_is_made_stands_alone_on_standard_output(typist: AccountTypist) -> None:
    done = typist.types("user", "add", "ana", "--role", "operator", "--generate")
    password = done.stdout.removesuffix("\n")
    assert password.count("-") == 3
    assert password not in done.stderr
    assert "ana: added" in done.stderr
    assert is_right(typist, "ana", password)


def test_a_terminal_asks_twice_and_shows_nothing_of_it(typist: AccountTypist) -> None:
    words = ("user", "add", "ana", "--role", "operator")
    code, shown = typist.at_a_terminal(*words, typed=[PASSWORD, PASSWORD])
    assert code == 0
    assert "New password of ana: " in shown
    assert "The same again: " in shown
    assert PASSWORD not in shown
    assert is_right(typist, "ana", PASSWORD)


def test_two_that_differ_are_asked_for_again(typist: AccountTypist) -> None:
    words = ("user", "add", "ana", "--role", "operator")
    typed = [PASSWORD, "caballo bateria grapo", PASSWORD, PASSWORD]
    code, shown = typist.at_a_terminal(*words, typed=typed)
    assert code == 0
    assert "do not match" in shown
    assert is_right(typist, "ana", PASSWORD)


def test_nobody_types_a_password_for_an_account_that_there_is_not(staffed: AccountTypist) -> None:
    code, shown = staffed.at_a_terminal("user", "reset", "anna", typed=[])
    assert code == 2
    assert "no account anna; did you mean ana?" in shown


def test_without_a_terminal_it_asks_nothing(typist: AccountTypist) -> None:
    done = typist.types("user", "add", "ana", "--role", "operator", stdin=f"{PASSWORD}\n" * 2)
    assert done.exit_code == 2
    assert "--password-stdin" in done.stderr
    assert not (typist.folder / "data").exists()


def test_without_a_role_it_explains_them(typist: AccountTypist) -> None:
    done = typist.types("user", "add", "ana", "--generate")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Say what ana may do: --role, again for each.\n")
    assert [f"{role:<9} {ROLE_MEANINGS[role]}" in done.stderr for role in AccountRole] == [True] * 5


@pytest.mark.parametrize(
    ("words", "password", "code", "reason"),
    [
        (("add", "Ana", "--role", "viewer"), PASSWORD, 1, "'Ana' is no name for an account"),
        (("add", "../x", "--role", "viewer"), PASSWORD, 1, "'../x' is no name for an account"),
        (("add", "ana", "--role", "viewer"), PASSWORD, 1, "there is an account ana already"),
        (("add", "eva", "--role", "viewer"), "short", 1, "12 characters at least (--generate"),
        (("add", "eva", "--role", "viewer"), "", 1, "12 characters at least"),
        (("add", "eva", "--role", "viewer"), "x" * 1_025, 1, "1024 characters at most"),
        (("add", "eva", "--role", "viewer"), "eva-eva-eva-eva", 1,
         "it contains the name eva (--generate makes one)"),
        (("add", "eva", "--role", "viewer"), "abababababababab", 1, "it repeats a few characters"),
        (("add", "estado", "--role", "viewer"), PASSWORD, 1, "the machine's own name"),
        (("add", "eva", "--role", "viewr"), PASSWORD, 2, "'viewr' is not one of"),
        (("add", "eva", "--role", "viewer", "--service", "rado"), PASSWORD, 2,
         "no service rado; did you mean radio?"),
        (("reset", "anna"), PASSWORD, 2, "no account anna; did you mean ana?"),
        (("reset", "ana"), "short", 1, "12 characters at least"),
    ],
)  # fmt: skip
def test_a_bad_account_or_password_changes_nothing(
    staffed: AccountTypist, words: tuple[str, ...], password: str, code: int, reason: str
) -> None:
    before = staffed.changes()
    done = staffed.types("user", *words, "--password-stdin", stdin=f"{password}\n")
    assert (done.exit_code, done.stdout) == (code, "")
    assert reason in done.stderr
    assert staffed.changes() == before


def test_bytes_that_are_no_text_are_no_password(typist: AccountTypist) -> None:
    words = ("user", "add", "ana", "--role", "viewer", "--password-stdin")
    done = typist.types(*words, stdin=b"caballo \xff bateria\n")
    assert done.exit_code == 2
    assert "no UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("disable", "jefa"), 1, "jefa is the last admin who can sign in"),
        (("change", "jefa", "--role", "viewer"), 1, "jefa is the last admin who can sign in"),
        (("disable", "anna"), 2, "no account anna; did you mean ana?"),
        (("enable", "ana"), 1, "account ana is enabled already"),
        (("change", "ana"), 2, "--all-services"),
        (("change", "ana", "--service", "hostin"), 2, "did you mean hosting?"),
        (("change", "ana", "--service", "radio", "--all-services"), 2, "either --service or"),
        (("change", "ana", "--role", "viewer", "--revision", "7"), 1, "you saw revision 7"),
        (("add", "eva", "--role", "viewer", "--generate", "--password-stdin"), 2, "either"),
    ],
)
def test_a_refusal_changes_nothing(
    staffed: AccountTypist, words: tuple[str, ...], code: int, reason: str
) -> None:
    before = staffed.changes()
    done = staffed.types("user", *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert reason in " ".join(done.stderr.replace("│", " ").split())
    assert staffed.changes() == before


def test_the_list_shows_who_may_what_on_lines_that_a_pipe_can_cut(staffed: AccountTypist) -> None:
    staffed.signs_in("ana", 1_790_812_800, "1" * 64)
    staffed.signs_in("ana", 1_790_812_900, "2" * 64)
    head, ana, jefa = staffed.reads("user", "list").splitlines()
    assert head.split() == [
        "name", "full", "name", "roles", "services", "second", "factor", "last", "sign-in",
        "enabled",
    ]  # fmt: skip
    assert ana.split() == [
        "ana", "Ana", "[b]", "Pérez", "operator", "radio", "no", "2026-09-30", "21:01:40", "yes",
    ]  # fmt: skip
    assert jefa.split() == ["jefa", "admin", "all", "no", "-", "yes"]


def test_it_speaks_json_to_programs(staffed: AccountTypist) -> None:
    staffed.signs_in("ana", 1_790_812_800)
    ana, jefa = json.loads(staffed.reads("user", "list", "--json"))
    assert (ana["roles"], ana["services"], ana["full_name"]) == (
        ["operator"], ["radio"], FULL_NAME,
    )  # fmt: skip
    assert ana["last_signed_in_at"] == "2026-09-30T21:00:00-03:00"
    assert (jefa["services"], jefa["last_signed_in_at"], jefa["is_enabled"]) == (None, None, True)


@pytest.mark.parametrize("words", [("user", "list"), ("user", "list", "--json")])
def test_no_list_shows_a_hash(staffed: AccountTypist, words: tuple[str, ...]) -> None:
    with staffed.transaction() as tx:
        hashes = [account.password_hash for account in tx.accounts.every()]
    said = staffed.reads(*words)
    assert all(hashes)
    assert not any(hashed in said for hashed in hashes)
    assert "argon2" not in said


def test_a_change_takes_the_place_of_roles_or_of_services_alone(staffed: AccountTypist) -> None:
    said = staffed.reads("user", "change", "ana", "--role", "viewer", "--role", "billing")
    assert said == "ana: changed; billing, viewer; services: radio, revision 2\n"
    assert "services: hosting" in staffed.reads("user", "change", "ana", "--service", "hosting")
    said = staffed.reads("user", "change", "ana", "--all-services")
    assert said == "ana: changed; billing, viewer; services: all, revision 4\n"


def test_a_disabled_account_loses_its_sessions_and_comes_back_enabled(
    staffed: AccountTypist,
) -> None:
    staffed.signs_in("ana", 1_790_812_800)
    assert "sessions have ended" in staffed.reads("user", "disable", "ana")
    with staffed.transaction() as tx:
        assert list(tx.accounts.sessions(AccountName("ana"))) == []
    assert staffed.reads("user", "list").splitlines()[1].split()[-1] == "no"
    assert staffed.types("user", "disable", "ana").exit_code == 1
    staffed.reads("user", "enable", "ana")
    assert json.loads(staffed.reads("user", "list", "--json"))[0]["is_enabled"] is True


def test_a_reset_ends_password_sessions_and_second_factor_and_says_so(
    staffed: AccountTypist,
) -> None:
    staffed.signs_in("ana", 1_790_812_800)
    staffed.sets_second_factor("ana")
    assert json.loads(staffed.reads("user", "list", "--json"))[0]["has_second_factor"] is True
    done = staffed.types("user", "reset", "ana", "--generate")
    assert "no second factor any more, its sessions have ended" in done.stderr
    assert is_right(staffed, "ana", done.stdout.strip())
    assert not is_right(staffed, "ana", PASSWORD)
    assert json.loads(staffed.reads("user", "list", "--json"))[0]["has_second_factor"] is False
    with staffed.transaction() as tx:
        assert list(tx.accounts.sessions(AccountName("ana"))) == []


def test_the_audit_log_names_who_typed_and_the_door_and_no_secret(staffed: AccountTypist) -> None:
    made = staffed.reads("user", "reset", "ana", "--generate").strip()
    staffed.reads("user", "change", "ana", "--role", "viewer")
    staffed.reads("user", "disable", "ana")
    staffed.reads("user", "enable", "ana")
    changes = staffed.changes()
    assert [(change.kind, change.subject) for change in changes] == [
        ("account.added", "jefa"), ("account.added", "ana"), ("account.reset", "ana"),
        ("account.changed", "ana"), ("account.disabled", "ana"), ("account.enabled", "ana"),
    ]  # fmt: skip
    assert {change.via for change in changes} == {Via.SHELL}
    assert all(change.actor for change in changes)
    said = repr(changes)
    assert not any(secret in said for secret in (PASSWORD, made, "argon2"))


def test_no_password_stands_in_the_journal(staffed: AccountTypist) -> None:
    made = staffed.reads("user", "reset", "ana", "--generate").strip()
    stored = staffed.stored()
    assert b"$argon2id$" in stored
    assert PASSWORD.encode() not in stored
    assert made.encode() not in stored


def test_each_role_and_scope_is_explained_in_a_sentence() -> None:
    assert ROLE_MEANINGS.keys() == set(AccountRole)
    assert SCOPE_MEANINGS.keys() == set(Scope)
    said = [*ROLE_MEANINGS.values(), *SCOPE_MEANINGS.values()]
    assert [text for text in said if not text.endswith(".") or text.count(".") != 1] == []
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("words", [("user", "--help"), ("token", "scopes")])
def test_it_loads_no_ciphers_before_a_password_is_handled(words: tuple[str, ...]) -> None:
    program = (
        "import sys\n"
        "from contextlib import suppress\n"
        "from monitor.cli import main\n"
        "with suppress(SystemExit):\n"
        "    main()\n"
        "print('cryptography' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_an_account_without_a_password_signs_in_at_the_provider_alone(
    typist: AccountTypist,
) -> None:
    way = ("--email", "Eva@x.example", "--no-password")
    typist.reads("user", "add", "eva", "--role", "viewer", *way)
    (listed,) = json.loads(typist.reads("user", "list", "--json"))
    assert (listed["has_password"], listed["email"]) == (False, "eva@x.example")
    assert not is_right(typist, "eva", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--no-password",), "needs an address or a subject"),
        (("--no-password", "--oidc-subject", "7"), "there is no provider"),
        (("--no-password", "--generate", "--email", "e@x.example"), "either --no-password"),
        (("--generate", "--email", "e@"), "is no plain e-mail address"),
    ],
)
def test_what_makes_no_way_in_is_refused(
    typist: AccountTypist, given: tuple[str, ...], said: str
) -> None:
    refused = typist.types("user", "add", "eva", "--role", "viewer", *given)
    assert refused.exit_code != 0
    assert said in refused.output
