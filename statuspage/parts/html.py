"""Text that is already HTML, so that nothing is escaped twice or never."""

from __future__ import annotations

import re
from html import escape

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Html(str):
    """Safe to stand in a document as it is; template engines know it by `__html__`."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def html(template: str, **values: object) -> Html:
    """Fill a trusted piece of HTML; whatever is not `Html` is escaped.

    >>> html("<b>{x}</b>", x="<i>")
    '<b>&lt;i&gt;</b>'
    """
    return Html(template.format(**{name: escaped(value) for name, value in values.items()}))


def fill(words: str, **values: object) -> Html:
    """Fill a sentence: its own words are escaped as well.

    >>> fill("A < {x}", x=Html("<b>B</b>"))
    'A &lt; <b>B</b>'
    """
    return html(escape(words), **values)


def escaped(value: object) -> Html:
    return value if isinstance(value, Html) else Html(escape(without_nuls(str(value))))


def without_nuls(text: str) -> str:
    """No document may have a NUL; here they mark placeholders (`statuspage.parts.placeholders`)."""
    return text.replace("\0", "\ufffd")


def xml_text(text: str) -> str:
    """A text without the characters that no XML document may have (XML 1.0, 2.2)."""
    return _NO_XML.sub("\ufffd", text)


def shown(value: object) -> object:
    """What a template may show of a value: the template itself escapes what is not `Html`."""
    return without_nuls(value) if isinstance(value, str) and not isinstance(value, Html) else value
