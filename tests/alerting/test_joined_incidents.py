"""Messages about incidents that were merged, split or told by a person, as they are worded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.channels.email_message import as_email
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Incident, IncidentEvent, IncidentId, Phase
from monitor.domain.text import plain
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.commands import IncidentCommands
from monitor.incidents.joining import IncidentJoining
from tests.domain.incidents import FAILURES, MAIL, catalogue, incident, part, update
from tests.support.posts import PostOffice, post_office

ANA = Actor(id="ana", kind=ActorKind.PERSON)
WORDS = plain("Es lo mismo.")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as opened:
        yield opened


@pytest.fixture
def radio(office: PostOffice) -> Incident:
    return office.save(replace(incident(), updates=(update(1, IncidentEvent.OPENED),)))


@pytest.fixture
def mail(office: PostOffice) -> Incident:
    fallen = incident(part(MAIL, cause="conn_refused"), id="m4m4m4")
    return office.save(replace(fallen, updates=(update(1, IncidentEvent.OPENED),)))


def given(office: PostOffice) -> dict[str, Any]:
    return {
        "journal": office.journal, "catalogue": catalogue(alerting=office.alerting),
        "clock": office.clock, "actor": ANA,
    }  # fmt: skip


def test_an_outage_that_nobody_heard_of_is_told_in_the_other(
    office: PostOffice, radio: Incident, mail: Incident
) -> None:
    office.enqueue(radio)
    office.sent()
    office.enqueue(mail)
    office.clock.advance(10)
    IncidentJoining(**given(office), failures=FAILURES).merge(mail.id, radio.id, text=WORDS)
    office.clock.advance(60)
    office.sent()
    (_, opening), (_, told) = office.notifier.delivered
    assert told.thread == opening.thread
    assert "k3f9a2" in told.text
    assert "Correo" in told.text
    assert "Es lo mismo." in told.text
    office.clock.advance(3600)
    assert office.sent() == 0


def test_the_end_reaches_who_was_told_of_the_other(
    office: PostOffice, radio: Incident, mail: Incident
) -> None:
    office.notifier.answers = {}
    for fallen in (radio, mail):
        office.enqueue(fallen)
        office.sent()
        office.clock.advance(120)
    IncidentJoining(**given(office), failures=FAILURES).merge(mail.id, radio.id, text=WORDS)
    IncidentCommands(**given(office)).resolve(radio.id, text=plain("Listo."), although_down=True)
    office.sent()
    last = office.notifier.delivered[-1][1]
    assert len(office.notifier.delivered) == 3
    assert "k3f9a2" in last.text


def test_a_message_that_was_on_its_way_when_it_was_merged_breaks_nothing(
    office: PostOffice, radio: Incident, mail: Incident
) -> None:
    IncidentJoining(**given(office), failures=FAILURES).merge(mail.id, radio.id, text=WORDS)
    left = IncidentCommands(**given(office)).show(mail.id)[0]
    assert left.affected == ()
    office.enqueue(mail)
    office.clock.advance(60)
    office.sent()
    assert all(
        "m4m4m4" in message.subject + message.text for _, message in office.notifier.delivered[-1:]
    )


def test_the_end_of_what_was_split_off_reaches_who_read_of_the_whole(
    office: PostOffice, radio: Incident, mail: Incident
) -> None:
    IncidentJoining(**given(office), failures=FAILURES).merge(mail.id, radio.id, text=WORDS)
    office.clock.advance(60)
    office.enqueue(radio)
    office.sent()
    apart = IncidentJoining(**given(office), failures=FAILURES).split(
        radio.id, ["mail"], title=plain("Correo aparte"), text=WORDS
    )
    office.clock.advance(60)
    assert office.sent() == 0, "it was told already"
    IncidentCommands(**given(office)).resolve(apart.id, text=WORDS, although_down=True)
    office.sent()
    (_, last) = office.notifier.delivered[-1]
    assert apart.id in last.text
    assert "Correo" in last.text


def test_a_notice_of_one_by_hand_is_no_alert(office: PostOffice) -> None:
    told = IncidentsByHand(**given(office)).open(
        title=plain("Correo"), text=plain("Demora."), statuses={"mail": Outcome.DOWN},
        phase=Phase.IDENTIFIED,
    )  # fmt: skip
    office.sent()
    ((_, message),) = office.notifier.delivered
    assert message.subject == f"INFORMADO a mano: ana abrió el incidente {told.id}"
    assert f"estado incident show {told.id}" in message.text
    assert message.fields["kind"] == "notice"
    mail = as_email(
        message, sender="a@example.com", recipients=["b@example.com"], now=told.created_at
    )
    assert mail["X-Priority"] is None
    assert IncidentId(told.id)
