"""docs/wording.md, what customers read of each failure: `make docs` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from monitor.domain.checks.observation import FailureClass
from monitor.domain.checks.symptoms import ServiceKind, Symptom
from monitor.i18n.formats import capital
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE, SYMPTOMS
from probes.registry import all_failures

PATH = Path(__file__).resolve().parents[1] / "docs" / "wording.md"

_OPENING = """\
# What customers read of a failure

Written by `make docs` from `monitor/i18n/*/symptoms.py`: change those, not this page.

An operator reads a [failure class](probes.md#failure-classes). A customer reads what he notices of
it, one of the symptoms below, in words that fit the kind of service. What kind a component is
follows from the probes of its checks: `http` is a site or a panel; `smtp` is incoming mail at port
25 without an account, and else outgoing mail; `imap` and `pop3` are mailboxes; `dns` is DNS;
`icecast` is radio; `hls` and `rtmp` are a stream of sound or pictures. `tcp` and `tls` see a
connection and say nothing of what it carries; a component with nothing else, or with checks of
several kinds, gets the general words.

Behind the name of the service stands what it does ("El servicio Correo *no responde*."), then what
that means for the reader. The phrase stands in titles and behind "sigue", and has no tense. `{v}`
and `{w}` are seconds, as measured and as usual.

## What the words are held against

Whoever changes a sentence answers each question with yes, for each language.

*Is it true?*

1. Does each class of the symptom prove it, on that kind of service? What is only possible says
   "puede". Mail is said to wait where the sender's server has it and has to try again (port 25,
   RFC 5321 4.5.4.1), and nowhere else: a mail program may drop what it could not send, and a
   server that turns senders away for good sends the message back to them.
2. Is it still true when it is read, in the history, a feed or a mail a week later? A day is named;
   a plan is called a plan; "mañana", "ahora" and "termina" are for what is rendered at that moment.
3. Do answer, row, card, badge, feed and mail say the same? What is not slow is not called slow.
4. No cause that nobody has seen, no blame, no promise without a time: none of "pronto",
   "enseguida", "intermitente", "algunos usuarios".

*Does it help?*

5. Is it what the reader notices, without a name of a protocol, a code or a machine?
6. Does it say what to do where something could be lost: a password, an account, a message?
7. Would a shop owner use each word? Correo, contraseña, casilla, sitio, falla, caída; no
   "ordenador", no "login", nothing English where there is a word. *Bonificación* is the contract's
   word; *caída permitida* is what the guarantee leaves.

*Is it well said?*

8. Usted, as one speaks in Argentina: "no ingrese", "vea"; neither "vos" nor "tú". In Portuguese
   você, as in Brazil.
9. One verb phrase, in the present, one idea a sentence, at most 20 words. It ends with a stop,
   a label does not; ¿ and ¡ begin what ? and ! end; no accent is missing.
10. Is it right behind and around any name? "El servicio X" carries number and gender, for X may be
    "Servidores de nombres" or "Radio"; a title's phrase has no adjective that agrees: "sin
    avanzar", not "detenido". Of several: "A y B", "A e Internet", "Los 4 servicios".
11. Numbers and times as in the language: 24 hours, 1.234,56 in Spanish and Portuguese, 1,234.56 in
    English; a day on which something happens brings its own word ("el jueves", "on Thursday", "na
    quinta-feira", "no sábado"). A time in figures keeps the plural, "a las 01:15", as timetables
    print it.
12. Does it fit a phone of 320 px: a title two lines, a word one?

`tests/i18n` asks what a program can ask of that: most of 4 and 7 to 12, of every sentence that the
public reads.

## Review

In November 2026 somebody who had written none of the sentences read all of them against this list:
the 85 phrases of each language below, held against what the probes' 70 classes prove, and all
other texts of the public, 770 in Portuguese and, with the mails about credits, 791 in Spanish and
in English: page, answer, history, maintenance, months and their breakdown, "¿Me afecta?", the form
for problems, subscribers' mails and chats. What was changed:

- *Truth.* A mail server that turns senders away, a handshake that fails, a mount that gives
  something else than the stream, a live edge that is old by its own clock, one refused login of
  ours: each said more than is known. A mail service whose name is not found said nothing of the
  mail. "Lento" stood beside a security warning. An expiring certificate, which the reader does not
  notice, was "nuestro problema".
- *Time.* "Es mañana" in the history; the planned end of work as a fact; "enseguida" for what is
  done once a minute at most.
- *Grammar.* Singular verbs behind names in the plural, "Los servicios 4 servicios", adjectives of
  one gender in titles, "y Internet", "em sábado".
- *Words.* "Presupuesto" and "garantía rota" for the allowed downtime and a guarantee that is not
  kept; crédito beside bonificación; "protocolo", "login", "players".

**No native speaker of Argentine Spanish, English or Brazilian Portuguese was asked to review
them.**
"""


def page(failures: Mapping[str, FailureClass]) -> str:
    """The whole page; the same for the same words."""
    return "".join([_OPENING, *(_symptom(one, failures.values()) for one in Symptom)])


def _symptom(symptom: Symptom, failures: Iterable[FailureClass]) -> str:
    classes = sorted(one.id for one in failures if one.symptom is symptom)
    links = ", ".join(f"[`{one}`](probes.md#{one})" for one in classes)
    phrases = " · ".join(f"{SYMPTOMS[lang][symptom].phrase}" for lang in Lang)
    names = " | ".join(PAGE[lang].own_name for lang in Lang)
    rules = "---|" * (1 + len(Lang))
    return (
        f"\n## {symptom.value}\n\n"
        f"{phrases}\n\nClasses: {links or 'none'}.\n\n"
        f"| Kind of service | {names} |\n|{rules}\n" + "".join(_rows(symptom))
    )


def _rows(symptom: Symptom) -> Iterator[str]:
    """One for each kind that has words of its own in any language, and the general one."""
    for kind in ServiceKind:
        own = any(kind in SYMPTOMS[lang][symptom].by_service for lang in Lang)
        if own or kind is ServiceKind.OTHER:
            said = (SYMPTOMS[lang][symptom].of(kind) for lang in Lang)
            cells = " | ".join(f"{capital(one.does)}. {one.effect}" for one in said)
            name = "any other" if kind is ServiceKind.OTHER else kind.value.replace("_", " ")
            yield f"| {name} | {cells} |\n"


def write() -> None:
    PATH.write_text(page(all_failures()), encoding="utf-8")
