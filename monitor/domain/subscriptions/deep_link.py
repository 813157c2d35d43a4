"""What somebody wants to be told of, as the word that a link to a bot hands over when it is
started: at most 64 of `A-Za-z0-9_-` (https://core.telegram.org/bots/features#deep-linking)."""

from __future__ import annotations

import re

from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.subscription import Severity, Wanted

LONGEST = 64
_WORD = re.compile(
    r"(?P<locale>[a-zA-Z-]{2,5})(?P<serious>_serious)?(?:_i_(?P<incident>[A-Za-z0-9-]{1,40}))?"
)


def start_word(wanted: Wanted, locale: str) -> str:
    """
    >>> start_word(Wanted(severity=Severity.SERIOUS), "pt-BR")
    'pt-BR_serious'
    >>> start_word(Wanted(incident=IncidentId("k3f9a2")), "es")
    'es_i_k3f9a2'
    """
    serious = "_serious" if wanted.severity is Severity.SERIOUS else ""
    incident = f"_i_{wanted.incident}" if wanted.incident is not None else ""
    return f"{locale}{serious}{incident}"


def read_start_word(word: str) -> tuple[Wanted, str]:
    """What is wanted, and the language. Whoever starts the bot without a word of ours wants
    everything; the language is empty then.

    >>> read_start_word("en_i_k3f9a2")[0].incident, read_start_word("hello there")[1]
    ('k3f9a2', '')
    """
    found = _WORD.fullmatch(word)
    if found is None or len(word) > LONGEST:
        return Wanted(), ""
    incident = found["incident"]
    return (
        Wanted(
            severity=Severity.SERIOUS if found["serious"] else Severity.ANY,
            incident=None if incident is None else IncidentId(incident),
        ),
        found["locale"],
    )
