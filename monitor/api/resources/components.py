"""What components are called: for whoever has their ids from elsewhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.incidents.service_bounds import ServiceBounds

_LONGEST = 4_000


class ComponentsQuery(Parameters):
    ids: Annotated[str, Field(max_length=_LONGEST)] | None = None
    """Those of these ids alone, with commas between; ids that are unknown are left out."""


class NamedDocument(Document):
    id: str
    service: str
    name: dict[str, str]
    is_public: bool


class NamesDocument(Document):
    components: list[NamedDocument]


def every(call: Call) -> Answer:
    query, bounds = call.asked(ComponentsQuery), ServiceBounds.of(call.actor, call.catalogue)
    wanted = None if query.ids is None else set(query.ids.split(","))
    found = [
        NamedDocument(
            id=component.id, service=component.service, name=dict(component.name.by_locale),
            is_public=component.is_public,
        )
        for component in call.catalogue.components
        if (wanted is None or component.id in wanted) and bounds.has(component.id)
    ]  # fmt: skip
    return Answer(document=NamesDocument(components=found))


OPERATIONS = (
    Operation(
        method="GET", path="/components", name="list_components", scope=Scope.STATE_READ,
        summary="The components' names.",
        query=ComponentsQuery, answer=NamesDocument, handle=every,
    ),
)  # fmt: skip
