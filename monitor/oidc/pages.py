"""The two pages between here and a provider: a code that is asked for, and what went wrong."""

from __future__ import annotations

from html import escape

from monitor.domain.refusals import Refused
from monitor.i18n.provider_words import PROVIDER_WORDS
from monitor.i18n.refusals import sentence_in

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def code_page(ticket: str, refused: Refused | None, language: str) -> str:
    words = PROVIDER_WORDS[language]
    return _page(
        language,
        _said(refused, language)
        + '<form method="post" action="/oidc/code">\n'
        + f'<input type="hidden" name="ticket" value="{escape(ticket)}">\n'
        + f'<p><label for="code">{words.code}</label><br>\n'
        + '<input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" '
        + 'spellcheck="false" aria-describedby="hint" required autofocus></p>\n'
        + f'<p id="hint">{words.code_hint}</p>\n'
        + f"<p><button>{words.go_on}</button></p>\n</form>",
    )


def refused_page(refused: Refused, language: str) -> str:
    again = PROVIDER_WORDS[language].again
    return _page(language, f'{_said(refused, language)}<p><a href="/">{again}</a></p>')


def _page(language: str, content: str) -> str:
    title = PROVIDER_WORDS[language].title
    return _PAGE.format(language=language, title=title, content=content)


def _said(refused: Refused | None, language: str) -> str:
    if refused is None:
        return ""
    sentence, said_in = sentence_in(refused, language)
    return f'<p role="alert" lang="{said_in}">{escape(sentence)}</p>\n'
