"""The frame of a mail to customers as HTML: paragraphs, perhaps a button, and what stands below."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_PAGE = (
    '<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n</head>\n'
    '<body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px;'
    'max-width:640px;margin:0 auto;padding:16px">\n<h1 style="font-size:20px;line-height:28px">'
    "{title}</h1>\n{paragraphs}\n{button}"
    '<p style="font-size:13px;line-height:20px">{closing}</p>\n</body>\n</html>\n'
)
_COLOUR = "#0a4ea6"
_BUTTON = (
    '<p><a href="{url}" style="display:inline-block;padding:12px 20px;background:{colour};'
    'color:#ffffff;font-weight:bold;text-decoration:none">{word}</a></p>\n'
)


def html_mail(
    *, lang: str, title: str, paragraphs: Iterable[str], closing: str, button: str = ""
) -> str:
    """`title` and `paragraphs` are plain text; `closing` and `button` are HTML."""
    return _PAGE.format(
        lang=lang,
        title=escape(title),
        paragraphs="\n".join(f"<p>{html_lines(text)}</p>" for text in paragraphs),
        button=button,
        closing=closing,
    )


def html_button(url: str, word: str, colour: str = "") -> str:
    """`colour` is one on which white can be read; empty: the product's own."""
    return _BUTTON.format(
        url=escape(url, quote=True), word=escape(word), colour=escape(colour or _COLOUR)
    )


def html_lines(text: str) -> str:
    """Plain text, with its lines."""
    return "<br>".join(map(escape, text.split("\n")))
