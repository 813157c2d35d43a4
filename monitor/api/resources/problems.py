"""What customers say on the page that fails: read by who answers them, and closed."""

from __future__ import annotations

from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import ApiJournal
from monitor.api.schema import Body, Document, Instant, Parameters, Prose, instant, instant_or_none
from monitor.customers.commands import ProblemCommands
from monitor.domain.accounts.permissions import Scope
from monitor.domain.customers.problems import Problem, Turn


class ProblemsQuery(Parameters):
    closed: bool = False
    """Those that are closed too."""


class Closing(Body):
    note: Prose = ""
    """What came of it, for colleagues."""


class TurnDocument(Document):
    """Whose turn it is to answer, by that level's hours and the company's holidays. `opens_at`
    where it is closed now; `answer_by` where an answer is promised; `is_late`: that time is over.
    """

    level: str
    name: dict[str, str] | None
    is_open: bool
    opens_at: Instant | None
    answer_by: Instant | None
    is_late: bool


class ProblemDocument(Document):
    """`state` is open or closed, `kind` fails or design. `text` is what a stranger wrote. `seen` is
    what check runs for it found, at `looked_at`. `turn` is null once it is closed."""

    ref: str
    state: str
    at: Instant
    kind: str
    component: str | None
    text: str
    language: str
    incident_id: str | None
    seen: str
    looked_at: Instant | None
    turn: TurnDocument | None
    closed_at: Instant | None
    closed_by: str | None
    note: str


class ProblemsDocument(Document):
    """The newest first, at most 200."""

    problems: list[ProblemDocument]


def every(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    found = commands.listed(with_closed=call.asked(ProblemsQuery).closed)
    return Answer(document=ProblemsDocument(problems=[_document(one, commands) for one in found]))


def show(call: Call) -> Answer:
    commands = _commands(call, call.backend.reading)
    return Answer(document=_document(commands.show(call.path["ref"]), commands))


def close(call: Call) -> Answer:
    commands = _commands(call, call.backend.writing)
    closed = commands.close(call.path["ref"], call.sent(Closing).note)
    return Answer(document=_document(closed, commands))


def _commands(call: Call, journal: ApiJournal) -> ProblemCommands:
    return ProblemCommands(
        journal=journal, catalogue=call.catalogue, clock=call.backend.clock, actor=call.actor
    )


def _document(found: Problem, commands: ProblemCommands) -> ProblemDocument:
    said, zone, turn = found.said, commands.catalogue.zone, commands.turn(found)
    return ProblemDocument(
        ref=said.ref,
        state="open" if found.is_open else "closed",
        at=instant(said.at, zone),
        kind=said.kind.value,
        component=said.component,
        text=said.text,
        language=said.locale,
        incident_id=found.incident,
        seen=found.seen,
        looked_at=instant_or_none(found.looked_at, zone),
        turn=None if turn is None else _turn(turn, commands),
        closed_at=instant_or_none(found.closed_at, zone),
        closed_by=found.closed_by or None,
        note=found.note,
    )


def _turn(turn: Turn, commands: ProblemCommands) -> TurnDocument:
    zone = commands.catalogue.zone
    return TurnDocument(
        level=turn.level,
        name=None if turn.name is None else dict(turn.name.by_locale),
        is_open=turn.is_open,
        opens_at=instant_or_none(turn.opens_at, zone),
        answer_by=instant_or_none(turn.answer_by, zone),
        is_late=turn.is_late,
    )


OPERATIONS = (
    Operation(
        method="GET", path="/problems", name="list_problems", scope=Scope.PROBLEMS_READ,
        summary="What customers say on the page that fails.",
        query=ProblemsQuery, answer=ProblemsDocument, handle=every,
    ),
    Operation(
        method="GET", path="/problems/{ref}", name="show_problem", scope=Scope.PROBLEMS_READ,
        summary="One report, by the customer's reference.", answer=ProblemDocument, handle=show,
    ),
    Operation(
        method="POST", path="/problems/{ref}/closing", name="close_problem",
        scope=Scope.PROBLEMS_WRITE, summary="It is answered, or nothing is left to do.",
        body=Closing, answer=ProblemDocument, handle=close,
    ),
)  # fmt: skip
