"""Every kind is whole: settings forbid strangers and tell themselves, classes mean one thing."""

from __future__ import annotations

import shlex
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import ServiceKind, Symptom, service_of
from monitor.domain.text import plain
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id
from probes.registry import PROBES, all_failures

KINDS = list(PROBES.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_forbids_settings_that_a_kind_does_not_know(kind: ProbeKind) -> None:
    assert is_dataclass(kind.spec)
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind.spec).validate_python({"no_such_setting": 1})
    found = {(error["type"], error["loc"]) for error in refused.value.errors()}
    assert ("unexpected_keyword_argument", ("no_such_setting",)) in found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_describes_every_setting(kind: ProbeKind) -> None:
    assert [f.name for f in fields(kind.spec) if not f.metadata.get("description")] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_is_frozen_and_takes_keywords_alone(kind: ProbeKind) -> None:
    parameters: Any = kind.spec.__dataclass_params__
    assert (parameters.frozen, all(f.kw_only for f in fields(kind.spec))) == (True, True)
    assert not hasattr(kind.spec, "__dict__") or "__slots__" in vars(kind.spec)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_reads_the_target_of_its_own_example(kind: ProbeKind) -> None:
    words = shlex.split(kind.example)
    assert words[:3] == ["estado", "probe", kind.name]
    assert kind.from_target(words[3])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_it_refuses_a_target_that_is_none(kind: ProbeKind) -> None:
    with pytest.raises(ValueError, match=r"want|no "):
        TypeAdapter(kind.spec).validate_python(kind.from_target("file:///etc/passwd"))


def test_it_has_one_meaning_for_each_class_and_words_in_both_languages() -> None:
    declared = all_failures()
    assert {failure.id for failure in SHARED} <= declared.keys()
    for failure in declared.values():
        assert failure.outcome is not Outcome.UP
        # What is unknown opens no incident, and nothing else says that we do not know.
        assert (failure.symptom is Symptom.UNSEEN) is (failure.outcome is Outcome.UNKNOWN)
        for text in (failure.summary, failure.cause, failure.remedy):
            assert text.by_locale.keys() == {"es", "en"}
            assert all(words.endswith(".") for words in text.by_locale.values())
            assert text.by_locale["es"] != text.by_locale["en"]


def test_it_refuses_one_class_with_two_meanings() -> None:
    with pytest.raises(ValueError, match="conn_refused is declared twice"):
        by_id([SHARED[0], replace(SHARED[0], summary=plain("Otra cosa."))])


@pytest.mark.parametrize(
    ("name", "target", "service"),
    [
        ("http", "https://a.example/", ServiceKind.WEB),
        ("smtp", "smtp://mx.example:25", ServiceKind.INCOMING_MAIL),
        ("smtp", "smtp://mail.example:587", ServiceKind.OUTGOING_MAIL),
        ("smtp", "smtps://mail.example", ServiceKind.OUTGOING_MAIL),
        ("imap", "imaps://mail.example", ServiceKind.MAILBOXES),
        ("pop3", "pop3s://mail.example", ServiceKind.MAILBOXES),
        ("icecast", "https://radio.example/live.mp3", ServiceKind.RADIO),
        ("hls", "https://radio.example/live.m3u8", ServiceKind.STREAM),
        ("rtmp", "rtmp://radio.example/live/canary", ServiceKind.STREAM),
        ("tcp", "a.example:22", ServiceKind.OTHER),
        ("tls", "a.example:443", ServiceKind.OTHER),
    ],
)
def test_a_specification_tells_what_customers_call_its_service(
    name: str, target: str, service: ServiceKind
) -> None:
    kind = PROBES[name]
    spec = TypeAdapter(kind.spec).validate_python(kind.from_target(target))
    assert service_of([spec]) is service


def test_a_component_with_several_kinds_of_check_is_what_all_of_them_say() -> None:
    def spec(name: str, target: str) -> object:
        kind = PROBES[name]
        return TypeAdapter(kind.spec).validate_python(kind.from_target(target))

    web, connection = spec("http", "https://a.example/"), spec("tcp", "a.example:443")
    radio = spec("icecast", "https://radio.example/live.mp3")
    segments = spec("hls", "https://radio.example/live.m3u8")
    assert service_of([web, connection]) is ServiceKind.WEB
    assert service_of([radio, segments]) is ServiceKind.STREAM
    assert service_of([web, radio]) is ServiceKind.OTHER
