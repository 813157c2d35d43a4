"""Numbers, durations, days and times as a person reads them in each language.

Figures are cut, never rounded. U+00A0 stands before each unit, so that no line ends there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.languages import LANGUAGES
from monitor.i18n.languages import Lang as Lang  # Whoever formats for people names a language.

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
NBSP = "\u00a0"
_MINUS = "\u2212"


_SOUNDS_AS_I = re.compile(r"h?[ií](?![aeo])", re.IGNORECASE)
"""Not where a vowel makes it half a consonant: `Hielo`, `ion`."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def count(number: int, lang: Lang) -> str:
    """Thousands apart.

    >>> count(2678400, Lang.ES), count(2678400, Lang.EN)
    ('2.678.400', '2,678,400')
    """
    return f"{number:,}".replace(",", LANGUAGES[lang].formats.thousands)


def hundredths(number: int, lang: Lang) -> str:
    """A whole number of hundredths, without idle zeros.

    >>> hundredths(294624, Lang.ES), hundredths(285120, Lang.ES), hundredths(266112, Lang.EN)
    ('2.946,24', '2.851,2', '2,661.12')
    """
    whole, part = divmod(number, 100)
    decimals = f"{part:02d}".rstrip("0")
    point = LANGUAGES[lang].formats.decimal
    return count(whole, lang) + (point + decimals if decimals else "")


def amount(written: str, lang: Lang) -> str:
    """A decimal as it is stored, thousands apart and every digit kept.

    >>> amount("1234.50", Lang.ES), amount("-0.5", Lang.EN), amount("15000", Lang.ES)
    ('1.234,50', '−0.5', '15.000')
    """
    whole, point, part = written.removeprefix("-").partition(".")
    sign = _MINUS if written.startswith("-") else ""
    decimals = LANGUAGES[lang].formats.decimal + part if point else ""
    return f"{sign}{count(int(whole), lang)}{decimals}"


def formula(written: str, lang: Lang) -> str:
    """Arithmetic in plain numbers, each as `amount` has it.

    >>> formula("1234.56 × 3600 s ÷ 2678400 s", Lang.ES)
    '1.234,56 × 3.600 s ÷ 2.678.400 s'
    """
    return _NUMBER.sub(lambda found: amount(found[0], lang), written)


def money(written: str, currency: str, lang: Lang) -> str:
    """The currency's code stands first, for several have the same sign.

    >>> money("1234.50", "USD", Lang.ES).replace(NBSP, " ")
    'USD 1.234,50'
    """
    return f"{currency}{NBSP}{amount(written, lang)}"


def percent(good: int, total: int, lang: Lang) -> str:
    """A share cut to two decimals; 100 only where nothing at all is missing.

    >>> percent(2675430, 2678400, Lang.EN), percent(99999999, 100000000, Lang.EN)
    ('99.88%', '99.99%')
    >>> percent(5, 5, Lang.EN)
    '100%'
    """
    if good == total:
        return _with_sign("100", lang)
    whole, part = divmod(good * 10_000 // total, 100)
    point = LANGUAGES[lang].formats.decimal
    return _with_sign(f"{whole}{point}{part:02d}", lang)


def _with_sign(figure: str, lang: Lang) -> str:
    return LANGUAGES[lang].formats.percent.format(p=figure)


def duration(seconds: int) -> str:
    """Every unit that is not nought, the same in every language.

    >>> duration(1950).replace(NBSP, " "), duration(9000).replace(NBSP, " "), duration(0)
    ('32 min 30 s', '2 h 30 min', '0\\xa0s')
    """
    parts = []
    for size, unit in _UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number}{NBSP}{unit}")
    return " ".join(parts) or f"0{NBSP}s"


def seconds_figure(milliseconds: float, lang: Lang) -> str:
    """A run's duration in seconds, cut to what a person can distinguish.

    >>> seconds_figure(6049, Lang.ES).replace(NBSP, " "), seconds_figure(1250, Lang.EN)
    ('6 s', '1.2\\xa0s')
    >>> seconds_figure(48, Lang.ES).replace(NBSP, " ")
    '0,04 s'
    """
    cents = max(1, int(milliseconds / 10))
    cents -= cents % (100 if cents >= 1000 else 10 if cents >= 100 else 1)
    return f"{hundredths(cents, lang)}{NBSP}s"


def milliseconds(taken: float, lang: Lang) -> str:
    """As much of a duration as a person distinguishes.

    >>> milliseconds(2.04, Lang.ES).replace(NBSP, " "), milliseconds(2.04, Lang.EN)
    ('2,0 ms', '2.0\\xa0ms')
    >>> milliseconds(1250.4, Lang.ES).replace(NBSP, " ")
    '1.250 ms'
    """
    if taken >= 10:
        return f"{count(round(taken), lang)}{NBSP}ms"
    figure = f"{taken:.1f}".replace(".", LANGUAGES[lang].formats.decimal)
    return f"{figure}{NBSP}ms"


def spoken_duration(seconds: int, lang: Lang) -> str:
    """In words where one unit is enough: `15 minutos`, `1 minute`; else as `duration` has it.

    >>> spoken_duration(900, Lang.ES), spoken_duration(60, Lang.EN), spoken_duration(5, Lang.ES)
    ('15 minutos', '1 minute', '5 segundos')
    """
    formats = LANGUAGES[lang].formats
    for size, units in ((3_600, formats.hours), (60, formats.minutes), (1, formats.seconds)):
        number, rest = divmod(seconds, size)
        if number and not rest:
            return f"{number} {units[number > 1]}"
    return duration(seconds)


def file_size(number: int, lang: Lang) -> str:
    """How much room something takes, cut to what a person compares.

    >>> file_size(4_096, Lang.ES).replace(NBSP, " "), file_size(91_500_000, Lang.EN)
    ('4 kB', '91\\xa0MB')
    >>> file_size(63_400_000_000, Lang.ES).replace(NBSP, " "), file_size(12, Lang.EN)
    ('63,4 GB', '12\\xa0B')
    """
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= size:
            cents = number * 10 // size * 10 if size == 10**9 else number // size * 100
            return f"{hundredths(cents, lang)}{NBSP}{unit}"
    return f"{number}{NBSP}B"


def rough_duration(seconds: int) -> str:
    """For something that still lasts: whole minutes, whole hours beyond a day.

    >>> rough_duration(1599).replace(NBSP, " "), rough_duration(20).replace(NBSP, " ")
    ('26 min', '20 s')
    """
    if seconds < 60:
        return duration(seconds)
    return duration(seconds - seconds % (60 if seconds < 86_400 else 3_600))


def clock_time(at: Second, zone: ZoneInfo, *, with_seconds: bool = False) -> str:
    return at_zone(at, zone).strftime("%H:%M:%S" if with_seconds else "%H:%M")


def day_name(day: date, lang: Lang) -> str:
    """`jueves`, `Thursday`."""
    return LANGUAGES[lang].formats.weekdays[day.weekday()]


def day_of_month(day: date, lang: Lang) -> str:
    """`16 de abril`, `16 April`."""
    return LANGUAGES[lang].formats.day_of_month.format(d=day.day, m=month_name(day.month, lang))


def weekday_and_day(day: date, lang: Lang) -> str:
    """`jueves 16 de abril`, `Thursday 16 April`."""
    template = LANGUAGES[lang].formats.weekday_and_day
    return template.format(w=day_name(day, lang), d=day_of_month(day, lang))


def on_day(day: date, lang: Lang) -> str:
    """`el jueves 16 de abril`, `on Thursday 16 April`, `na quinta-feira, 16 de abril`."""
    return LANGUAGES[lang].formats.on_weekday[day.weekday()].format(d=weekday_and_day(day, lang))


def on_long_date(day: date, lang: Lang) -> str:
    """The same with its year."""
    return on_day(day, lang) + _year(day, lang)


def on_weekday(day: date, lang: Lang) -> str:
    """`el jueves`, `on Thursday`, `na quinta-feira`."""
    return LANGUAGES[lang].formats.on_weekday[day.weekday()].format(d=day_name(day, lang))


def long_date(day: date, lang: Lang) -> str:
    """`jueves 16 de abril de 2026`, `Thursday 16 April 2026`."""
    return weekday_and_day(day, lang) + _year(day, lang)


def month_name(month: int, lang: Lang) -> str:
    return LANGUAGES[lang].formats.months[month - 1]


def month_and_year(day: date, lang: Lang) -> str:
    """`abril de 2026`, `April 2026`."""
    return month_name(day.month, lang) + _year(day, lang)


def _year(day: date, lang: Lang) -> str:
    return LANGUAGES[lang].formats.with_year.format(y=day.year)


def joined(items: Sequence[str], lang: Lang) -> str:
    """`A`, `A y B`, `A, B y C`.

    >>> joined(["Correo", "Internet"], Lang.ES), joined(["Agua", "Hielo"], Lang.ES)
    ('Correo e Internet', 'Agua y Hielo')
    """
    if len(items) < 2:
        return "".join(items)
    formats = LANGUAGES[lang].formats
    and_ = formats.and_before_i if _SOUNDS_AS_I.match(items[-1]) else formats.and_
    return ", ".join(items[:-1]) + and_ + items[-1]


def capital(words: str) -> str:
    """The first letter in upper case, the rest as it is."""
    return words[:1].upper() + words[1:]


def offset_name(at: Second, zone: ZoneInfo) -> str:
    """`UTC−3`, `UTC+5:30`, `UTC`."""
    offset = at_zone(at, zone).utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = _MINUS if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def iso(at: Second, zone: ZoneInfo) -> str:
    """For machines: ISO 8601 with the zone's offset."""
    return at_zone(at, zone).isoformat()


def utc_iso(at: Second) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat()
