"""Every language says all that each other says, and no words say more than is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest

from monitor.domain.checks.observation import FailureClass, Outcome
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.formats import (
    duration,
    joined,
    long_date,
    on_day,
    percent,
    spoken_duration,
)
from monitor.i18n.languages import LANGUAGES, Lang, written
from monitor.i18n.words import SYMPTOMS
from probes.registry import all_failures

ROOT = Path(__file__).resolve().parents[2]
_PLACES = re.compile(r"\{\w*\}")
# How a language writes days and numbers, and where its pages are, is its own.
_OWN = ("addresses.", "formats.")


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Everything that a language says, by where it stands."""
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            name = key.value if isinstance(key, StrEnum) else str(key)
            yield from leaves(inner, f"{path}[{name}]")
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}({place})")
    else:
        yield path.removeprefix("."), value


SPANISH = dict(leaves(LANGUAGES[Lang.ES]))
OTHERS = [lang for lang in Lang if lang is not Lang.ES]


def test_every_language_that_is_named_has_its_words() -> None:
    assert LANGUAGES.keys() == set(Lang)


@pytest.mark.parametrize("lang", OTHERS)
def test_no_message_is_missing_in_any_language_plural_forms_included(lang: Lang) -> None:
    assert dict(leaves(LANGUAGES[lang])).keys() == SPANISH.keys()


@pytest.mark.parametrize("lang", Lang)
def test_no_message_is_empty(lang: Lang) -> None:
    silent = {path for path, said in leaves(LANGUAGES[lang]) if said == ""}
    assert silent == set()


@pytest.mark.parametrize("lang", OTHERS)
def test_each_message_is_filled_with_the_same_figures_in_every_language(lang: Lang) -> None:
    unlike = {
        path: said
        for path, said in leaves(LANGUAGES[lang])
        if isinstance(said, str) and not path.startswith(_OWN)
        if set(_PLACES.findall(said)) != set(_PLACES.findall(str(SPANISH[path])))
    }
    assert unlike == {}


@pytest.mark.parametrize("lang", OTHERS)
def test_few_messages_are_the_same_as_in_spanish(lang: Lang) -> None:
    """What was copied and forgotten would be read as Spanish."""
    same = {
        path
        for path, said in leaves(LANGUAGES[lang])
        if said == SPANISH[path] and len(re.findall(r"[^\W\d_]{3,}", str(said))) > 3
    }
    assert same == set()


def test_no_two_languages_have_a_page_at_one_address() -> None:
    taken = [str(path) for of in LANGUAGES.values() for _, path in leaves(of.addresses)]
    assert sorted(set(taken)) == sorted(taken)


def test_numbers_days_and_lengths_are_written_as_in_brazil() -> None:
    day = date(2026, 4, 16)
    assert long_date(day, Lang.PT) == "quinta-feira, 16 de abril de 2026"
    assert percent(2_675_430, 2_678_400, Lang.PT) == "99,88%"
    assert [spoken_duration(n, Lang.PT) for n in (60, 120)] == ["1 minuto", "2 minutos"]
    assert duration(90).replace("\u00a0", " ") == "1 min 30 s"


def test_the_machine_writes_what_is_published_and_what_operators_read() -> None:
    assert written(("es",)) == (Lang.ES, Lang.EN)
    assert written(("pt-BR",)) == (Lang.ES, Lang.EN, Lang.PT)


@pytest.mark.parametrize("room", ["statuspage", "templates", "monitor/incident_text"])
def test_no_page_and_no_text_knows_which_languages_there_are(room: str) -> None:
    naming = re.compile(r"\bLang\.[A-Z]{2}\b|lang == \"|Lang\(\"")
    knowing = {
        str(path.relative_to(ROOT))
        for path in (ROOT / room).rglob("*.*")
        if path.suffix in (".py", ".html") and "console" not in path.parts
        for line in path.read_text("utf-8").splitlines()
        if naming.search(line) and ">>>" not in line
    }
    assert knowing == set()


DECLARED = all_failures()
CASES = [
    (failure, service, lang)
    for failure in DECLARED.values()
    for service in ServiceKind
    for lang in Lang
]


def said(failure: FailureClass, service: ServiceKind, lang: Lang) -> tuple[str, str, str]:
    words = SYMPTOMS[lang][failure.symptom]
    return words.phrase, words.of(service).does, words.of(service).effect


def test_every_class_has_words_on_every_kind_of_service_in_every_language() -> None:
    for case in CASES:
        phrase, does, effect = said(*case)
        assert all((phrase, does, effect)), case
        assert not phrase.endswith("."), case
        assert not does.endswith("."), case
        assert does[0].islower(), case
        assert effect.endswith("."), case
        assert effect[0].isupper(), case


_NEVER = re.compile(
    r"pronto|intermitente|algunos usuarios|some users|soon|em breve|alguns usuários|"
    r"\b(TLS|SSL|HTTP|IMAP|SMTP|RTMP|HLS|SERVFAIL|TCP)\b|servidor caído|\d{3}",
    re.IGNORECASE,
)


def test_no_words_for_customers_name_a_protocol_a_code_or_a_hope() -> None:
    assert [case for case in CASES if _NEVER.search(" ".join(said(*case)))] == []


def test_spanish_says_usted() -> None:
    tu_or_vos = re.compile(r"\b(tu|tus|te|vos|tenés|podés|ingresá|puedes|tienes|ingresa)\b")
    assert [c for c in CASES if c[2] is Lang.ES and tu_or_vos.search(" ".join(said(*c)))] == []


def test_no_sentence_has_more_than_twenty_words() -> None:
    long = {
        sentence
        for case in CASES
        for sentence in re.split(r"(?<=[.;]) ", said(*case)[2])
        if len(sentence.split()) > 20
    }
    assert long == set()


_CANNOT = {
    Lang.ES: re.compile(r"no (abre|responde\b(?! a)|funciona|logra|puede leer)|no salen"),
    Lang.EN: re.compile(r"not (open|responding|working)|cannot (be sent|connect|read)"),
    Lang.PT: re.compile(r"não (abre|responde\b(?! a)|funciona|consegue)|não saem"),
}


def test_a_class_that_only_degrades_says_of_nothing_that_it_does_not_work() -> None:
    degrading = [c for c in CASES if c[0].outcome is Outcome.DEGRADED]
    assert degrading
    assert [c for c in degrading if _CANNOT[c[2]].search(" ".join(said(*c)))] == []


def test_mail_is_said_to_wait_only_where_the_senders_server_has_to_try_again() -> None:
    waiting = re.compile(r"esperan|waits on|esperam|en espera")
    found = {(c[0].symptom, c[1]) for c in CASES if waiting.search(said(*c)[2])}
    assert found == {(Symptom.SILENT, ServiceKind.INCOMING_MAIL)}


def test_passwords_are_kept_back_where_the_connection_cannot_be_trusted_and_nowhere_else() -> None:
    warning = re.compile(r"contraseña|password|senha")
    found = {c[0].symptom for c in CASES if warning.search(said(*c)[2])}
    assert found == {Symptom.UNSAFE}
    asked = (ServiceKind.WEB, ServiceKind.OUTGOING_MAIL, ServiceKind.MAILBOXES, ServiceKind.OTHER)
    for lang in Lang:
        for service in asked:
            assert warning.search(SYMPTOMS[lang][Symptom.UNSAFE].of(service).effect)


@pytest.mark.parametrize(
    ("ident", "service", "does"),
    [
        ("cert_expired", ServiceKind.WEB, "muestra un aviso de seguridad"),
        ("hostname_mismatch", ServiceKind.WEB, "muestra un aviso de seguridad"),
        ("body_mismatch", ServiceKind.WEB, "entrega datos equivocados"),
        ("wrong_answer", ServiceKind.DNS, "entrega datos equivocados"),
        ("servfail", ServiceKind.DNS, "no encuentra dominios"),
        ("conn_refused", ServiceKind.INCOMING_MAIL, "no recibe correos"),
        ("auth_failed", ServiceKind.MAILBOXES, "rechaza el ingreso de nuestra cuenta de prueba"),
        ("listener_limit", ServiceKind.RADIO, "no admite más oyentes"),
        ("stalled", ServiceKind.RADIO, "no se escucha"),
        # A 554 sends mail back; without TLS it may come all the same; a list is no silence; the
        # encoder's clock may be wrong.
        ("service_unavailable", ServiceKind.INCOMING_MAIL, "responde con errores"),
        ("tls_handshake", ServiceKind.INCOMING_MAIL, "no logra conectarse de forma segura"),
        ("playlist_instead", ServiceKind.RADIO, "entrega datos equivocados"),
        ("live_edge_lag", ServiceKind.STREAM, "puede llegar con atraso"),
    ],
)
def test_it_says_what_a_customer_notices(ident: str, service: ServiceKind, does: str) -> None:
    assert said(DECLARED[ident], service, Lang.ES)[1] == does


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Correo", "Internet"], "Correo e Internet"),
        (["Correo", "IMAP"], "Correo e IMAP"),
        (["Radio", "historial"], "Radio e historial"),
        (["Agua", "Hielo"], "Agua y Hielo"),
        (["Correo", "Webmail"], "Correo y Webmail"),
        (["Internet", "Correo", "Web"], "Internet, Correo y Web"),
    ],
)
def test_y_becomes_e_before_the_same_sound(names: list[str], said: str) -> None:
    assert joined(names, Lang.ES) == said


def test_in_portuguese_something_happens_on_a_weekday_of_its_gender() -> None:
    days = [on_day(date(2026, 4, day), Lang.PT) for day in (15, 18, 19)]
    assert days == ["na quarta-feira, 15 de abril", "no sábado, 18 de abril",
                    "no domingo, 19 de abril"]  # fmt: skip
