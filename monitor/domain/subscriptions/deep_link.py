"""What somebody wants to be told of, as the word that a link to a bot hands over when it is
started: at most 64 of `A-Za-z0-9_-` (https://core.telegram.org/bots/features#deep-linking)."""

from __future__ import annotations

import re

from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.subscription import Severity, Wanted

LONGEST = 64
_LONGEST_PAGE = 40
_IN_WORD = str.maketrans({".": "D", "_": "U"})
_OF_WORD = str.maketrans({"D": ".", "U": "_"})
"""An id may have signs that such a word may not, and has no capitals."""
_WORD = re.compile(
    r"(?P<locale>[a-zA-Z-]{2,5})(?P<serious>_serious)?(?:_i_(?P<incident>[A-Za-z0-9-]{1,40}))?"
    r"(?:_p_(?P<page>[A-Za-z0-9-]{1,40}))?"
)


def may_be_started_from(page: str | None) -> bool:
    """Whether a word can name that page: of one that is cut short, another page might be told.

    >>> may_be_started_from(None), may_be_started_from("radio.norte"), may_be_started_from("x" * 41)
    (True, True, False)
    """
    return page is None or len(page) <= _LONGEST_PAGE


def start_word(wanted: Wanted, locale: str, page: str | None = None) -> str:
    """`page` is that of a brand, which `may_be_started_from`.

    >>> start_word(Wanted(severity=Severity.SERIOUS), "pt-BR")
    'pt-BR_serious'
    >>> start_word(Wanted(incident=IncidentId("k3f9a2")), "es")
    'es_i_k3f9a2'
    >>> start_word(Wanted(), "es", "radio.norte_2")
    'es_p_radioDnorteU2'
    """
    serious = "_serious" if wanted.severity is Severity.SERIOUS else ""
    incident = f"_i_{wanted.incident}" if wanted.incident is not None else ""
    of_page = f"_p_{page.translate(_IN_WORD)}" if page is not None else ""
    return f"{locale}{serious}{incident}{of_page}"


def read_start_word(word: str) -> tuple[Wanted, str, str | None]:
    """What is wanted, the language and the brand's page. Whoever starts the bot without a word of
    ours wants everything of the company's; the language is empty then.

    >>> read_start_word("en_i_k3f9a2")[0].incident, read_start_word("hello there")[1:]
    ('k3f9a2', ('', None))
    >>> read_start_word("es_p_radioDnorteU2")[1:]
    ('es', 'radio.norte_2')
    """
    found = _WORD.fullmatch(word)
    if found is None or len(word) > LONGEST:
        return Wanted(), "", None
    incident = found["incident"]
    return (
        Wanted(
            severity=Severity.SERIOUS if found["serious"] else Severity.ANY,
            incident=None if incident is None else IncidentId(incident),
        ),
        found["locale"],
        None if found["page"] is None else found["page"].translate(_OF_WORD),
    )
