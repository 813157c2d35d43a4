"""The same message as HTML: no image, no style sheet, nothing fetched; every word escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from monitor.alerting.context import Tone
from monitor.alerting.sections import Section
from monitor.i18n.forms.alerts import AlertWords

_COLOURS = {
    Tone.DOWN: ("#a30f1d", "#fde6e7"),
    Tone.SLOW: ("#7a4f00", "#fcf0d6"),
    Tone.WELL: ("#0b6640", "#e3f4ea"),
    Tone.NO_DATA: ("#4a5465", "#e9ecf1"),
}
_SIGN = {Tone.DOWN: "■", Tone.SLOW: "▲", Tone.WELL: "●", Tone.NO_DATA: "◌"}
_PAGE = (
    '<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n</head>\n'
    '<body style="margin:0;padding:0;background:#f3f5f7;color:#11161d">\n'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
    'style="background:#f3f5f7"><tr><td align="center" style="padding:16px">\n'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="'
    "max-width:640px;background:#ffffff;border:1px solid {ink};font-family:Arial,Helvetica,"
    'sans-serif;font-size:16px;line-height:24px;color:#11161d;text-align:left">\n'
    "{rows}\n</table>\n</td></tr></table>\n</body>\n</html>\n"
)
_LABEL = '<b style="color:#4a5465;font-size:13px">{label}</b><br>'
_BUTTON = (
    '<table role="presentation" cellpadding="0" cellspacing="0"><tr>'
    '<td style="background:#0a4ea6"><a href="{url}" style="display:inline-block;padding:12px 20px;'
    'color:#ffffff;font-weight:bold;text-decoration:none">{words}</a></td></tr></table>'
)
_CODE = (
    "<div style=\"font-family:Menlo,Consolas,'Liberation Mono',monospace;font-size:13px;"
    'line-height:20px;overflow-wrap:anywhere;padding-left:1em;text-indent:-1em">{words}</div>'
)


def as_html(
    tone: Tone,
    title: str,
    headline: str,
    second: str,
    parts: Sequence[Section],
    closing: str,
    url: str | None,
    link: str | None = None,
    *,
    words: AlertWords,
) -> str:
    """The whole document. The page's link is a button, once."""
    ink, tint = _COLOURS[tone]
    bar = f"background:{tint};padding:12px 20px;color:{ink};font-weight:bold"
    rows = [
        _row(f"{_SIGN[tone]} {escape(headline)}", bar),
        _row(escape(second), "padding:16px 20px 0"),
        *(_row(_section(s), "padding:12px 20px 0") for s in parts if s.lines != (url,)),
    ]
    if url is not None:
        button = _BUTTON.format(
            url=escape(url, quote=True), words=escape(link or words.see_incident)
        )
        rows.append(_row(button, "padding:20px 20px 0"))
    small = "padding:16px 20px 20px;color:#4a5465;font-size:13px;line-height:20px"
    rows.append(_row(escape(closing), small))
    return _PAGE.format(lang=words.html_lang, title=escape(title), ink=ink, rows="\n".join(rows))


def _section(section: Section) -> str:
    label = _LABEL.format(label=escape(section.label))
    if section.is_verbatim:
        return label + "".join(_CODE.format(words=_aligned(line)) for line in section.lines)
    return label + "<br>".join(map(escape, section.lines))


def _aligned(line: str) -> str:
    """Columns of plain text in a narrow window: gaps become one wide space each."""
    cells = [cell for cell in line.split("  ") if cell.strip()]
    return " &nbsp;".join(escape(cell.strip()) for cell in cells)


def _row(content: str, style: str) -> str:
    return f'<tr><td style="{style}">{content}</td></tr>'
