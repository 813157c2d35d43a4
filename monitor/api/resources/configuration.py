"""The configuration: read with file and line, a text checked, and the core's file put in force."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from monitor.api.operation import ROOT, Answer, Call, Operation
from monitor.api.schema import YAML_FILE, Document, Instant, Parameters
from monitor.config.revisions.application import Application, ConfigurationRequests
from monitor.config.revisions.fields import application_fields, listing_fields, revision_fields
from monitor.config.revisions.reading import ConfigurationReading
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import NotFound, require_every_service

_LIMIT, _MOST = 500, 2_000
_REVISIONS, _MOST_REVISIONS = 100, 1_000
_LARGEST = 2**31
_MOST_DIGITS = 18


class ConfigurationQuery(Parameters):
    revision: Annotated[int | None, Field(ge=1, le=_LARGEST)] = None
    """Null: the one in force."""
    under: Annotated[str, StringConstraints(max_length=200)] = ""
    """A path such as `operations` or `services[0]`: only what is below it."""
    after: Annotated[int, Field(ge=0, le=_LARGEST)] = 0
    """The cursor: what `next_after` of the answer before says."""
    limit: Annotated[int, Field(ge=1, le=_MOST)] = _LIMIT


class RevisionsQuery(Parameters):
    before: Annotated[int | None, Field(ge=1, le=_LARGEST)] = None
    limit: Annotated[int, Field(ge=1, le=_MOST_REVISIONS)] = _REVISIONS


class ValueDocument(Document):
    path: str
    line: int
    value: Any


class ConfigurationDocument(Document):
    """`file` is the one that the core was started with, null where that is not known here. A secret
    is its reference; what looks like a literal one is `***`."""

    revision: int
    content_hash: str
    effective_from: Instant
    file: str | None
    values: list[ValueDocument]
    next_after: int | None


class RevisionDocument(Document):
    revision: int
    content_hash: str
    effective_from: Instant
    is_in_force: bool


class RevisionsDocument(Document):
    """Newest first. `next_before` is null where nothing older follows."""

    revisions: list[RevisionDocument]
    next_before: int | None


class ConfigErrorDocument(Document):
    line: int
    path: str
    wanted: str
    got: str


class CheckedDocument(Document):
    """All errors are counted, the first 1 000 are listed. `counts` is empty where there is one."""

    is_valid: bool
    error_count: int
    errors: list[ConfigErrorDocument]
    warnings: list[str]
    counts: dict[str, int]


class ApplicationDocument(Document):
    """`state` is pending until the core has read its file: then applied, or refused with `errors`,
    and nothing has changed. `look_at` says it again."""

    id: int
    state: str
    asked_at: Instant
    asked_by: str
    answered_at: Instant | None
    revision: int | None
    effective_from: Instant | None
    difference: str
    errors: list[str]
    look_at: str


def show(call: Call) -> Answer:
    query = call.asked(ConfigurationQuery)
    found = _reading(call).values(query.revision, query.under, query.after, query.limit)
    fields = listing_fields(found, call.backend.config_file(), call.zone)
    return Answer(document=ConfigurationDocument(**fields, next_after=found.next_after))


def revisions(call: Call) -> Answer:
    query = call.asked(RevisionsQuery)
    found = _reading(call).revisions(query.before, query.limit + 1)
    shown = found[: query.limit]
    return Answer(
        document=RevisionsDocument(
            revisions=[RevisionDocument(**revision_fields(one, call.zone)) for one in shown],
            next_before=shown[-1].header.number if len(found) > query.limit else None,
        )
    )  # fmt: skip


def check(call: Call) -> Answer:
    require_every_service(call.actor)
    found = call.backend.posted_checks.check(call.uploaded)
    return Answer(document=CheckedDocument(is_valid=not found["error_count"], **found))


def apply(call: Call) -> Answer:
    asked = _requests(call, is_writing=True).ask()
    return Answer(document=_application(call, asked))


def show_application(call: Call) -> Answer:
    wanted = call.path["id"]
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= _MOST_DIGITS):
        raise NotFound("configuration.no_request", id=wanted)
    return Answer(document=_application(call, _requests(call).show(int(wanted))))


def _reading(call: Call) -> ConfigurationReading:
    backend = call.backend
    return ConfigurationReading(
        journal=backend.reading, last=backend.last_listing, clock=backend.clock, actor=call.actor
    )


def _requests(call: Call, *, is_writing: bool = False) -> ConfigurationRequests:
    backend = call.backend
    journal = backend.writing if is_writing else backend.reading
    return ConfigurationRequests(journal=journal, clock=backend.clock, actor=call.actor)


def _application(call: Call, found: Application) -> ApplicationDocument:
    fields = application_fields(found, call.zone)
    return ApplicationDocument(**fields, look_at=f"{ROOT}/configuration/applications/{found.id}")


OPERATIONS = (
    Operation(
        method="GET", path="/configuration", name="show_configuration", scope=Scope.CONFIG_READ,
        summary="The configuration in force, each value with its line.",
        query=ConfigurationQuery, answer=ConfigurationDocument, handle=show,
    ),
    Operation(
        method="GET", path="/configuration/revisions", name="list_revisions",
        scope=Scope.CONFIG_READ, summary="The configurations that ran, newest first.",
        query=RevisionsQuery, answer=RevisionsDocument, handle=revisions,
    ),
    Operation(
        method="POST", path="/configuration/check", name="check_configuration",
        scope=Scope.CONFIG_READ, summary="What is wrong with a text; nothing changes.",
        upload=YAML_FILE, answer=CheckedDocument, handle=check,
    ),
    Operation(
        method="POST", path="/configuration/apply", name="apply_configuration",
        scope=Scope.CONFIG_APPLY, summary="Let the core read its file again.", status=202,
        answer=ApplicationDocument, handle=apply,
    ),
    Operation(
        method="GET", path="/configuration/applications/{id}", name="show_application",
        scope=Scope.CONFIG_READ, summary="What came of that.",
        answer=ApplicationDocument, handle=show_application,
    ),
)  # fmt: skip
