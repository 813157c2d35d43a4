"""All operations. Routes, the check of scopes and the OpenAPI document have no other source."""

from __future__ import annotations

from functools import cache

from monitor.api.openapi import openapi_document
from monitor.api.operation import Answer, Call, Operation
from monitor.api.resources import (
    budget,
    checks,
    components,
    configuration,
    events,
    exclusions,
    history,
    incidents,
    incidents_by_hand,
    maintenance,
    monitor,
    problems,
    state,
)
from monitor.api.resources.accounts import accounts, audit, own_account, session, tokens
from monitor.api.resources.billing import (
    applying,
    contracts,
    credits,
    evidence,
    forecast,
    reports,
    rulings,
    statements,
)


@cache
def _document(public_url: str | None) -> bytes:
    return openapi_document(OPERATIONS, public_url)


def _show_document(call: Call) -> Answer:
    return Answer(content=_document(call.backend.public_url))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET", path="/openapi.json", name="show_openapi", needs_sign_in=False,
        summary="This document.", handle=_show_document,
    ),
    *session.OPERATIONS,
    *own_account.OPERATIONS,
    *state.OPERATIONS,
    *budget.OPERATIONS,
    *events.OPERATIONS,
    *checks.OPERATIONS,
    *monitor.OPERATIONS,
    *history.OPERATIONS,
    *components.OPERATIONS,
    *incidents.OPERATIONS,
    *incidents_by_hand.OPERATIONS,
    *maintenance.OPERATIONS,
    *problems.OPERATIONS,
    *exclusions.OPERATIONS,
    *rulings.OPERATIONS,
    *forecast.OPERATIONS,
    *reports.OPERATIONS,
    *contracts.OPERATIONS,
    *credits.OPERATIONS,
    *evidence.OPERATIONS,
    *statements.OPERATIONS,
    *applying.OPERATIONS,
    *configuration.OPERATIONS,
    *accounts.OPERATIONS,
    *tokens.OPERATIONS,
    *audit.OPERATIONS,
)  # fmt: skip
