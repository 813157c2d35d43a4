"""Who may do what: each operation of the table against each role, and what is public of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.api.openapi import openapi_document
from monitor.api.operation import ROOT, Operation
from monitor.api.table import OPERATIONS
from monitor.domain.accounts.permissions import AccountRole, Scope
from tests.api.service import Service

ANYBODY, SIGNED_IN = "anybody", set(AccountRole)
OPERATORS, ADMINS = {AccountRole.OPERATOR, AccountRole.ADMIN}, {AccountRole.ADMIN}
READ_BILLING = {AccountRole.BILLING, AccountRole.APPROVER, AccountRole.ADMIN}
PROPOSERS = {AccountRole.OPERATOR, AccountRole.BILLING, AccountRole.ADMIN}
MAY: dict[str, Any] = {
    "show_openapi": ANYBODY,
    "begin_session": ANYBODY,
    "show_session": SIGNED_IN,
    "end_session": SIGNED_IN,
    "show_own_account": SIGNED_IN,
    "change_own_password": SIGNED_IN,
    "begin_second_factor": SIGNED_IN,
    "confirm_second_factor": SIGNED_IN,
    "remove_second_factor": SIGNED_IN,
    "renew_recovery_codes": SIGNED_IN,
    "list_own_sessions": SIGNED_IN,
    "end_own_session": SIGNED_IN,
    "show_state": SIGNED_IN,
    "show_budget": SIGNED_IN,
    "list_events": SIGNED_IN,
    "probe_check": OPERATORS,
    "show_monitor": SIGNED_IN,
    "list_checks": SIGNED_IN,
    "read_results": SIGNED_IN,
    "read_latency": SIGNED_IN,
    "read_uptime": SIGNED_IN,
    "list_components": SIGNED_IN,
    "list_incidents": SIGNED_IN,
    "show_incident": SIGNED_IN,
    "list_notifications": SIGNED_IN,
    "update_incident": OPERATORS,
    "correct_update": OPERATORS,
    "resolve_incident": OPERATORS,
    "explain_incident": OPERATORS,
    "open_incident": OPERATORS,
    "reopen_incident": OPERATORS,
    "merge_incident": OPERATORS,
    "split_incident": OPERATORS,
    "link_incident": OPERATORS,
    "unlink_incident": OPERATORS,
    "list_maintenance": SIGNED_IN,
    "show_maintenance": SIGNED_IN,
    "list_failing": SIGNED_IN,
    "add_maintenance": OPERATORS,
    "cancel_maintenance": OPERATORS,
    "extend_maintenance": OPERATORS,
    "list_problems": OPERATORS,
    "show_problem": OPERATORS,
    "close_problem": OPERATORS,
    "list_exclusions": SIGNED_IN,
    "show_exclusion": SIGNED_IN,
    "show_effect": READ_BILLING,
    "propose_exclusion": PROPOSERS,
    "revise_exclusion": PROPOSERS,
    "withdraw_exclusion": PROPOSERS,
    "approve_exclusion": {AccountRole.APPROVER, AccountRole.ADMIN},
    "refuse_exclusion": {AccountRole.APPROVER, AccountRole.ADMIN},
    "list_unknown_time": READ_BILLING,
    "list_rulings": READ_BILLING,
    "show_ruling": READ_BILLING,
    "propose_ruling": {AccountRole.BILLING, AccountRole.ADMIN},
    "revise_ruling": {AccountRole.BILLING, AccountRole.ADMIN},
    "approve_ruling": {AccountRole.APPROVER, AccountRole.ADMIN},
    "refuse_ruling": {AccountRole.APPROVER, AccountRole.ADMIN},
    "list_reports": READ_BILLING,
    "show_report": READ_BILLING,
    "show_report_revision": READ_BILLING,
    "show_forecast": READ_BILLING,
    "show_report_paper": READ_BILLING,
    "list_contracts": READ_BILLING,
    "show_contract": READ_BILLING,
    "import_contracts": {AccountRole.BILLING, AccountRole.ADMIN},
    "list_credits": READ_BILLING,
    "show_credit": READ_BILLING,
    "explain_credit": READ_BILLING,
    "credit_bundle": READ_BILLING,
    "create_statement_link": READ_BILLING,
    "list_statement_links": READ_BILLING,
    "revoke_statement_link": READ_BILLING,
    "read_statement": ANYBODY,
    "read_statement_paper": ANYBODY,
    "request_credit": {AccountRole.BILLING, AccountRole.ADMIN},
    "review_credit": {AccountRole.BILLING, AccountRole.ADMIN},
    "review_credits": {AccountRole.BILLING, AccountRole.ADMIN},
    "approve_credit": {AccountRole.APPROVER, AccountRole.ADMIN},
    "approve_credits": {AccountRole.APPROVER, AccountRole.ADMIN},
    "reject_credit": {AccountRole.APPROVER, AccountRole.ADMIN},
    "apply_credits": {AccountRole.BILLING, AccountRole.ADMIN},
    "show_applying": READ_BILLING,
    "list_handed_out": READ_BILLING,
    "show_brake": READ_BILLING,
    "set_brake": {AccountRole.BILLING, AccountRole.ADMIN},
    "confirm_credits": {AccountRole.BILLING, AccountRole.ADMIN},
    "release_credit": {AccountRole.BILLING, AccountRole.ADMIN},
    "show_configuration": OPERATORS,
    "list_revisions": OPERATORS,
    "check_configuration": OPERATORS,
    "apply_configuration": ADMINS,
    "show_application": OPERATORS,
    "list_accounts": ADMINS,
    "show_account": ADMINS,
    "add_account": ADMINS,
    "change_account": ADMINS,
    "disable_account": ADMINS,
    "enable_account": ADMINS,
    "reset_account": ADMINS,
    "list_tokens": SIGNED_IN,
    "add_token": SIGNED_IN,
    "revoke_token": SIGNED_IN,
    "read_audit": ADMINS,
}
TABLE = {operation.name: operation for operation in OPERATIONS}


def test_each_operation_says_who_may() -> None:
    assert MAY.keys() == TABLE.keys()
    assert len(TABLE) == len(OPERATIONS)


@pytest.mark.parametrize("role", AccountRole)
async def test_a_role_may_what_the_table_says_and_nothing_else(
    made: Service, role: AccountRole
) -> None:
    key = made.key_of(role)
    for operation in OPERATIONS:
        made.world.clock.advance(1)  # There are only so many requests at once.
        answer = await made.ask(operation.method, example(operation), key=key)
        allowed = MAY[operation.name] == ANYBODY or role in MAY[operation.name]
        assert (answer.status == 403) is not allowed or is_refused_to_tokens(operation), (
            operation.name, answer.status, answer.text,
        )  # fmt: skip
        assert answer.status != 500, answer.text


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
async def test_nobody_may_without_a_key(made: Service, operation: Operation) -> None:
    answer = await made.ask(operation.method, example(operation))
    assert (answer.status == 401) is (MAY[operation.name] != ANYBODY)


async def test_no_operation_opens_to_a_key_that_is_forged_expired_or_over(made: Service) -> None:
    good = made.key_of(AccountRole.ADMIN)
    revoked, expired = made.token("admin", *Scope), made.token("admin", *Scope, days=1)
    made.tokens().revoke(revoked.split("_")[1])
    made.add("gone", AccountRole.ADMIN)
    disabled = made.token("gone", *Scope)
    assert (await made.ask("POST", "/accounts/gone/disable", key=made.begun("admin"))).status == 200
    made.world.clock.advance(86_400)
    # Its secret may have a _ too.
    prefix, token, secret = good.split("_", 2)
    head = f"{prefix}_{token}"
    keys = {
        "forged": f"{head}_{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}",
        "of nobody": f"estado_aaaaaaaa_{secret}",
        "of no session": secret,
        "revoked": revoked,
        "expired": expired,
        "of a disabled account": disabled,
    }
    for operation in OPERATIONS:
        if not operation.needs_sign_in:
            continue
        for what, key in keys.items():
            made.world.clock.advance(1)
            answer = await made.ask(operation.method, example(operation), key=key)
            assert (answer.status, answer.code) in (
                (401, "token.invalid"), (401, "session.over"),
            ), (operation.name, what, answer.text)  # fmt: skip
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_a_token_may_what_its_scopes_say_of_that(made: Service) -> None:
    made.key_of(AccountRole.ADMIN)
    for operation in OPERATIONS:
        if operation.scope is not None:
            key = made.token("admin", *(set(Scope) - {operation.scope}))
            answer = await made.ask(operation.method, example(operation), key=key)
            assert (answer.status, answer.code) == (403, "scope.missing"), operation.name


def example(operation: Operation) -> str:
    return re.sub(r"{\w+}", "1", operation.path)


def is_refused_to_tokens(operation: Operation) -> bool:
    """It is tested by a session in test_accounts and test_own_account."""
    return operation.in_person or operation.name in (
        "add_token",
        "add_account",
        "change_account",
        "reset_account",
    )


async def test_the_document_is_served_to_anybody_and_is_of_this_table(made: Service) -> None:
    document = (await made.ask("GET", "/openapi.json")).json
    assert document == json.loads(openapi_document(OPERATIONS, None))
    named = {
        (method.upper(), path): found["operationId"]
        for path, of_path in document["paths"].items()
        for method, found in of_path.items()
    }
    assert named == {(o.method, o.path): o.name for o in OPERATIONS}
    assert document["servers"] == [{"url": ROOT}]


def test_the_document_is_what_openapi_3_1_wants() -> None:
    """By hand, for what clients are made from."""
    document = json.loads(openapi_document(OPERATIONS, "https://console.example"))
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": f"https://console.example{ROOT}"}]
    assert {"title", "version"} <= document["info"].keys()
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    for path, of_path in document["paths"].items():
        for method, operation in of_path.items():
            where = f"{method} {path}"
            assert operation["responses"].keys() > {"default"}, where
            for answer in operation["responses"].values():
                assert answer["description"], where
            names = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert names == set(re.findall(r"{(\w+)}", path)), where
            assert all("schema" in p for p in operation["parameters"]), where
            scopes = TABLE[operation["operationId"]].scope
            if operation["security"]:
                assert operation["security"] == [{"bearer": [scopes] if scopes else []}], where


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, found in value.items():
            if key == "$ref":
                yield found
            else:
                yield from references(found)
    elif isinstance(value, list):
        for found in value:
            yield from references(found)


def test_the_manual_names_each_operation_and_its_scope() -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z]+) ([^`]+)` \| ([^|]*) \| ([^|]*) \|$", text, re.MULTILINE)
    said = {(method, path): (scope.strip(), what.strip()) for method, path, scope, what in rows}
    assert said == {(o.method, o.path): (scope_of(o), o.summary) for o in OPERATIONS}


def scope_of(operation: Operation) -> str:
    if not operation.needs_sign_in:
        return "none, nor a sign-in"
    return "any account" if operation.scope is None else f"`{operation.scope}`"
