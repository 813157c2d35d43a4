"""What docs/wording.md asks of every sentence, as far as a program can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.domain.incidents.incident import IncidentEvent
from monitor.domain.text import Text
from monitor.i18n.en.billing.client_mails import CLIENT_MAILS as EN_CLIENT_MAILS
from monitor.i18n.es.billing.client_mails import CLIENT_MAILS as ES_CLIENT_MAILS
from monitor.i18n.languages import LANGUAGES, Lang
from monitor.i18n.words import SYMPTOMS
from monitor.incident_text.text import machine_title, update_text
from tests.domain.incidents import BACK_AT, DECIDED_AT, catalogue, failure, part, step
from tests.i18n.test_languages import leaves

_MAILS = {Lang.ES: ES_CLIENT_MAILS, Lang.EN: EN_CLIENT_MAILS}
_OWN = ("addresses.", "formats.")
SPANISH, ENGLISH, PORTUGUESE = Lang.ES, Lang.EN, Lang.PT


def said(lang: Lang) -> Iterator[tuple[str, str]]:
    """Every sentence that a customer may read in it, by where it stands."""
    for path, value in leaves(LANGUAGES[lang]):
        if isinstance(value, str) and not path.startswith(_OWN):
            yield path, value
    if lang in _MAILS:
        yield from ((f"mails.{path}", str(value)) for path, value in leaves(_MAILS[lang]))


def found(pattern: str, lang: Lang) -> list[tuple[str, str]]:
    """Where it stands, and what."""
    wanted = re.compile(pattern, re.IGNORECASE)
    return [(path, match[0]) for path, text in said(lang) if (match := wanted.search(text))]


@pytest.mark.parametrize("lang", Lang)
def test_no_blank_is_doubled_or_stands_before_a_sign(lang: Lang) -> None:
    assert found(r"  | [,.;:?!](?!\w)", lang) == []


@pytest.mark.parametrize("lang", Lang)
def test_what_has_more_than_one_sentence_ends_with_a_stop(lang: Lang) -> None:
    """A heading with its number is one sentence."""
    assert found(r"(?<!^\d)[.!?] .*[^.!?:…)}]$", lang) == []


@pytest.mark.parametrize("lang", Lang)
def test_nothing_is_promised_by_a_word_without_a_time(lang: Lang) -> None:
    hopes = (
        r"\b(dentro de poco|enseguida|en breve|a la brevedad|inmediatamente|lo antes posible|"
        r"muy pronto|shortly|as soon as possible|at once|immediately|em breve|imediatamente|"
        r"o mais rápido possível)\b"
    )
    assert found(hopes, lang) == []


def test_spanish_says_usted_everywhere() -> None:
    tu_vos_or_vosotros = (
        r"\b(tú|tu|tus|te|ti|contigo|vos|sos|eres|tenés|podés|querés|sabés|mirá|escribí|ingresá|"
        r"abrí|hacé|esperá|probá|puedes|tienes|quieres|vosotros|vosotras|vuestr\w+)\b"
    )
    assert found(tu_vos_or_vosotros, SPANISH) == []


def test_spanish_has_the_words_of_argentina_and_no_english_ones() -> None:
    foreign = (
        r"\b(e-?mail|login|password|online|link|click|ordenador|móvil|fichero|pinchar|pulse|"
        r"backup|server|down|chequear|chequeo|resetear|loguear\w*|update|feedback|outage|"
        r"uptime|downtime|issue|bug|the|and|você|não)\b"
    )
    assert found(foreign, SPANISH) == []


def test_portuguese_has_the_words_of_brazil_and_none_of_spanish_or_portugal() -> None:
    foreign = (
        r"[¿¡ñ]|\b(login|password|click|player|players|outage|uptime|downtime|utilizador|ficheiro|"
        r"telemóvel|ecrã|teu|tua|vós|el|una|usted|servicio|correo|desde el|hasta)\b"
    )
    assert found(foreign, PORTUGUESE) == []


def test_spanish_and_portuguese_join_a_preposition_with_its_article() -> None:
    assert found(r"\b(de|a) el\b", SPANISH) == []
    assert found(r"\b(de|em) (o|a|os|as|este|esta|esse|essa)\b|\bpor (o|a|os|as)\b|\ba as?\b",
                 PORTUGUESE) == []  # fmt: skip


def test_accents_are_there() -> None:
    spanish = (
        r"\w+[cs]ion\b|\b(mas|aqui|tambien|pagina|numero|dia|dias|despues|telefono|codigo|"
        r"ultim\w+|estan|podra|asi|todavia)\b"
    )
    assert found(spanish, SPANISH) == []
    assert found(r"\w+cao\b|\w+coes\b|\b(nao|voce|pagina|servicos?|tambem|ate|sao)\b",
                 PORTUGUESE) == []  # fmt: skip


def test_questions_begin_as_they_end_in_spanish_alone() -> None:
    unlike = [
        path for path, text in said(SPANISH)
        if text.count("¿") != text.count("?") or text.count("¡") != text.count("!")
    ]  # fmt: skip
    assert unlike == []
    assert [found("[¿¡]", lang) for lang in (ENGLISH, PORTUGUESE)] == [[], []]


@pytest.mark.parametrize("lang", Lang)
def test_on_a_phone_of_320_pixels_a_title_fits_two_lines_and_a_word_one(lang: Lang) -> None:
    for symptom, words in SYMPTOMS[lang].items():
        assert len(words.phrase) <= 32, symptom
        for kind in ServiceKind:
            assert len(words.of(kind).does) <= 48, (symptom, kind)
    longest = max((w for _, text in said(lang) for w in re.findall(r"[^\W_]+", text)), key=len)
    assert len(longest) <= 18


_MASCULINE_SINGULAR = {
    Lang.ES: r"(lento|detenido|atrasado|caído|roto|parado)$",
    Lang.PT: r"(lento|parado|atrasado|caído|quebrado)$",
}


@pytest.mark.parametrize("lang", _MASCULINE_SINGULAR)
def test_a_title_fits_a_name_of_either_gender_and_number(lang: Lang) -> None:
    wanted = re.compile(_MASCULINE_SINGULAR[lang])
    assert [s for s, words in SYMPTOMS[lang].items() if wanted.search(words.phrase)] == []


_NAMES = (
    ("Servidores de nombres", "Servidores de nomes", "Name servers"),
    ("Radio", "Rádio", "Radio"),
    ("Internet de la oficina", "Internet do escritório", "Internet of the office"),
    ("Envío y recepción de correo de todas las marcas", "Envio de e-mail", "Mail of all brands"),
)
_EVENTS = (
    IncidentEvent.OPENED, IncidentEvent.JOINED, IncidentEvent.WORSENED, IncidentEvent.RELAPSED,
    IncidentEvent.UNSTABLE, IncidentEvent.PARTLY_BACK, IncidentEvent.DUE, IncidentEvent.OBSERVING,
    IncidentEvent.RESOLVED, IncidentEvent.UNWATCHED,
)  # fmt: skip


def texts_of(symptom: Symptom, event: IncidentEvent) -> Iterator[Text]:
    """What the machine says of one, two and four services with awkward names."""
    known = catalogue()
    named = [Text({"es": es, "pt-BR": pt, "en": en}) for es, pt, en in _NAMES]
    awkward = tuple(
        replace(c, name=named[place % len(named)]) for place, c in enumerate(known.components)
    )
    page = replace(known.page, locales=("es", "en", "pt-BR"))
    made = replace(known, components=awkward, page=page)
    failures = {"odd": failure("odd", symptom)}
    end = BACK_AT if event in (IncidentEvent.RESOLVED, IncidentEvent.OBSERVING) else None
    public = [c.id for c in awkward if c.is_public]
    for number in (1, 2, 4):
        parts = [part(component, cause="odd", end=end) for component in public[:number]]
        changed = step(event, *parts)
        yield update_text(changed, catalogue=made, failures=failures, now=DECIDED_AT)
        yield machine_title(changed.incident, made, failures)


@pytest.mark.parametrize("event", _EVENTS)
def test_a_text_of_the_machine_is_whole_whatever_services_are_called(event: IncidentEvent) -> None:
    broken = re.compile(
        r"[{}]|  |\.\.| [,.;]|\b(de|a) el\b|[Ll]os servicios \d|[Tt]he services \d|"
        r"[Oo]s serviços \d|\by [Ii]"
    )
    for symptom in Symptom:
        for text in texts_of(symptom, event):
            for lang, words in text.by_locale.items():
                plain = words.replace("{v}", "6").replace("{w}", "1")
                assert not broken.search(plain), (symptom, lang, words)
                assert plain[0].isupper(), (lang, words)
