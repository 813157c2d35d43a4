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

## What the words were held against

Whoever changes a sentence answers each question with yes.

1. Does each class of the symptom prove it? What is only possible says "puede". Mail is said to wait
   where the sender's server has it and has to try again (port 25, RFC 5321 4.5.4.1), and nowhere
   else: a mail program may drop what it could not send.
2. Is it what the reader notices, without a name of a protocol, a code or a machine?
3. Does it say what to do where something could be lost: a password, an account, a message?
4. Usted, in the present, as one speaks in Argentina: "no ingrese", "vea"; neither "vos" nor "tú".
   Correo, contraseña, casilla, sitio; no "ordenador", no anglicism where there is a word.
5. One idea a sentence, at most 20 words; no blame, no guess, none of "pronto", "intermitente",
   "algunos usuarios".
6. Is it grammatical behind "El servicio X", whatever X is called?

The words in Spanish, English and Portuguese were read against this list by the developers. **No
native speaker of Argentine Spanish, English or Brazilian Portuguese was asked to review them.**
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
