"""One credit as two readable pages: `python -m tests.one_credit.story` writes them anew."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from email.message import Message
from pathlib import Path

from tests.one_credit.company import ADDRESS, Company, company
from tests.roles.archive_world import local

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
"""It differs where a word does that nobody reads."""
_DOCS = Path(__file__).parents[2] / "docs"
FILES: Mapping[str, Path] = {
    "en": _DOCS / "one-credit.md", "es": _DOCS / "es" / "un-credito.md",
}  # fmt: skip
_HEAD = {
    "en": """\
# One credit

One outage from the silent radio to the credit in the customer's balance: what is typed at each
step, and what is printed. Commands, core, door, mails and ledger are the product's own, over a
clock that a test moves; the billing panel is the tests' stand-in for WHMCS. `tests/one_credit`
fails where anything else is printed, and `python -m tests.one_credit.story` writes this page
anew.

Ana is an operator. Eva asks for credits and may approve them too, Luz approves: each types at
the door, with a token of an account of her own. `root` types on the core's host. Client 78
rents a radio; his ticket is ABC-123456. What each step means is in the [guide for
billing](billing.md).
""",
    "es": """\
# Una bonificación

Una caída, desde la radio muda hasta la bonificación en el saldo del cliente: qué se escribe en cada
paso y qué se imprime. Comandos, núcleo, puerta, correos y libro son los del producto, con un
reloj que mueve una prueba; el panel de facturación es el WHMCS de imitación de las pruebas.
`tests/one_credit` falla si se imprime otra cosa, y `python -m tests.one_credit.story` escribe
esta página de nuevo.

Ana es operadora. Eva pide bonificaciones y también puede aprobarlas; Luz aprueba: cada una
escribe a través de la puerta, con una clave de su propia cuenta. `root` escribe en la máquina
del núcleo. El cliente 78 alquila una radio; su ticket es ABC-123456. Qué significa cada paso
está en la [guía de facturación](facturacion.md).
""",
}
_SAYS: Mapping[str, Mapping[str, str]] = {
    "contract": {
        "en": "1 October: the contract comes from billing, with the invoice that was paid",
        "es": "1 de octubre: el contrato llega de facturación, con la factura pagada",
    },
    "silent": {
        "en": "12 October, 20:15: the radio has been silent for a quarter of an hour",
        "es": "12 de octubre, 20:15: la radio lleva un cuarto de hora muda",
    },
    "over": {
        "en": "22:00: it sounds again since 21:35",
        "es": "22:00: suena de nuevo desde las 21:35",
    },
    "forecast": {
        "en": "What it will cost is known the same night",
        "es": "Esa misma noche se sabe cuánto va a costar",
    },
    "close": {
        "en": "2 November: the month is closed",
        "es": "2 de noviembre: se cierra el mes",
    },
    "close_note": {
        "en": "The core does it by itself a day after the month; here somebody does not wait.",
        "es": "El núcleo lo hace solo un día después del fin del mes; aquí alguien no espera.",
    },
    "list": {
        "en": "Nobody is told, and nothing is paid, before the customer asks",
        "es": "A nadie se le avisa ni se le paga nada antes de que el cliente lo pida",
    },
    "request": {
        "en": "3 November, 10:00: the customer writes a ticket, and Eva asks for the credit",
        "es": "3 de noviembre, 10:00: el cliente abre un ticket y Eva pide la bonificación",
    },
    "review": {
        "en": "Eva has looked at ticket and figures; she cannot approve what she has asked for",
        "es": "Eva miró el ticket y las cifras; no puede aprobar lo que ella pidió",
    },
    "approve": {
        "en": "11:00: Luz looks at it, and approves",
        "es": "11:00: Luz la mira y la aprueba",
    },
    "rehearse": {
        "en": "11:05: a rehearsal reads the customer in the panel, and applies nothing",
        "es": "11:05: un ensayo lee al cliente en el panel y no acredita nada",
    },
    "apply": {
        "en": "11:10: applied, and found again in the panel",
        "es": "11:10: acreditada, y a la vista en el panel",
    },
    "panel": {
        "en": "The customer's credit log in the panel:",
        "es": "El registro de saldo del cliente en el panel:",
    },
    "again": {
        "en": "Applying again applies nothing",
        "es": "Acreditar otra vez no acredita nada",
    },
    "audit": {"en": "The ledger is balanced", "es": "El libro cierra"},
    "explain": {
        "en": "The whole credit, told to whoever asks a year later",
        "es": "La bonificación entera, contada a quien pregunte un año después",
    },
    "exit": {"en": "Exit code", "es": "Código de salida"},
    "mail": {"en": "The customer is told, at", "es": "Al cliente se le avisa, en"},
}


async def told(folder: Path, language: str) -> str:
    """The whole of it in an empty folder, in English or Spanish."""
    async with company(folder, language) as found:
        told = _Telling(found, language)
        return "\n".join([_HEAD[language], *[line async for line in told.steps()]])


class _Telling:
    def __init__(self, told: Company, language: str) -> None:
        self._company = told
        self._language = language

    async def steps(self) -> AsyncIterator[str]:
        for part in (self._outage(), self._asked(), self._paid()):
            async for line in part:
                yield line

    async def _outage(self) -> AsyncIterator[str]:
        there = self._company
        yield self._heading("contract")
        yield await self._typed(("root", "estado contracts import contracts.csv"))
        there.watch(local("2026-10-12T20:15"))
        yield self._heading("silent")
        yield await self._typed(("ana", "estado incident list"))
        there.watch(local("2026-10-12T22:00"))
        yield self._heading("over")
        there.names["incident"] = there.incident()
        yield await self._typed(("ana", "estado incident show {incident}"))
        yield self._heading("forecast")
        yield await self._typed(("root", "estado forecast"))
        there.watch(local("2026-11-02T09:00"))
        there.made.publish_log()
        yield self._heading("close")
        yield f"{_SAYS['close_note'][self._language]}\n"
        yield await self._typed(("root", "estado credits close 2026-10"))
        async for mail in self._mails():
            yield mail
        yield self._heading("list")
        listed = await self._typed(("eva", "estado credits list --month 2026-10 --client 78"))
        there.names["credit"] = re.findall(r"BON-\S+", listed)[0]
        yield listed

    async def _asked(self) -> AsyncIterator[str]:
        there = self._company
        there.wait(local("2026-11-03T10:00"))
        yield self._heading("request")
        yield await self._typed(
            ("eva", "estado credits request {credit} --ticket ABC-123456 --client 78")
        )
        async for mail in self._mails():
            yield mail
        yield self._heading("review")
        yield await self._typed(
            ("eva", "estado credits review {credit}"), ("eva", "estado credits approve {credit}")
        )
        there.wait(local("2026-11-03T11:00"))
        yield self._heading("approve")
        yield await self._typed(
            ("luz", "estado credits show {credit}"),
            ("luz", 'estado credits approve {credit} --reason "Consta la caída."'),
        )
        async for mail in self._mails():
            yield mail

    async def _paid(self) -> AsyncIterator[str]:
        there = self._company
        there.wait(local("2026-11-03T11:05"))
        yield self._heading("rehearse")
        yield await self._typed(("eva", "estado credits apply --month 2026-10 --dry-run"))
        there.wait(local("2026-11-03T11:10"))
        yield self._heading("apply")
        yield await self._typed(("eva", "estado credits apply --month 2026-10"))
        yield f"{_SAYS['panel'][self._language]}\n"
        yield _fenced("text", "\n".join(there.credit_log()))
        async for mail in self._mails():
            yield mail
        yield self._heading("again")
        yield await self._typed(("eva", "estado credits apply --month 2026-10"))
        yield self._heading("audit")
        yield await self._typed(("root", "estado credits audit"))
        yield self._heading("explain")
        yield await self._typed(
            ("root", f"estado credits explain {{credit}} --lang {self._language}")
        )

    def _heading(self, name: str) -> str:
        return f"## {_SAYS[name][self._language]}\n"

    async def _typed(self, *lines: tuple[str, str]) -> str:
        """One block, as a terminal shows it."""
        shown = []
        for who, line in lines:
            code, printed = await self._company.types(who, line)
            shown.append(f"{who}$ {line.format(**self._company.names)}")
            shown += [text.rstrip().replace("\u00a0", " ") for text in printed.splitlines()]
            if code:
                shown.append(f"# {_SAYS['exit'][self._language]}: {code}")
        return _fenced("console", _HASH.sub("…", "\n".join(shown)))

    async def _mails(self) -> AsyncIterator[str]:
        for mail in await self._company.told():
            yield f"{_SAYS['mail'][self._language]} {ADDRESS}:\n"
            yield _fenced("text", _plain(mail))


def _plain(mail: Message) -> str:
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]
    lines = body.get_content().replace("\r", "").replace("\u00a0", " ").rstrip().splitlines()
    return "\n".join([f"«{mail['Subject']}»".replace("\u00a0", " "), "", *lines])


def _fenced(kind: str, text: str) -> str:
    return f"```{kind}\n{text}\n```\n"


def main() -> None:
    for language, file in FILES.items():
        with tempfile.TemporaryDirectory() as name:
            file.write_text(asyncio.run(told(Path(name), language)), "utf-8")


if __name__ == "__main__":
    main()
