"""What surrounds every page: names, navigation, languages, the note that it is old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from monitor.domain.rollup import Shown
from monitor.domain.text import DEFAULT_LOCALE
from monitor.i18n.addresses import (
    availability_path,
    calendar_path,
    feed_path,
    history_path,
    home_path,
    subscribe_path,
)
from monitor.i18n.formats import Lang
from monitor.i18n.words import PAGE
from statuspage.pages.subscription import subscribe_link, subscribe_title
from statuspage.parts.age import AS_OF, STALE_SINCE
from statuspage.parts.answer import stale_answer
from statuspage.parts.assets import static_url
from statuspage.parts.brand import brand_css_url, logo_of
from statuspage.parts.context import Context
from statuspage.parts.html import Html
from statuspage.parts.state import State, icon_file, preview_file, state_of
from statuspage.view.model import PublicView


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed for the reader's program, which finds it by its type."""

    name: str
    type: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeLink:
    """`name` names the ways, where other links are; `button` says what it is for."""

    name: str
    button: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The same on each page of a language. `icon_url` is of what has no state of its own, and of
    everything whose data is old."""

    lang: str
    name: str
    company: str
    home_url: str
    history_url: str
    availability_url: str
    api_url: str
    css_url: str
    brand_css_url: str
    """Of what a brand's colours change; empty without."""
    logo_url: str
    is_unlisted: bool
    """Whether search engines are to leave it alone."""
    icon_url: str
    touch_icon_url: str
    all_times: str
    times: str
    brands: str
    feeds: tuple[FeedLink, ...]
    subscribe: SubscribeLink | None
    """Where visitors may ask for e-mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """The page in a language: `url` for the reader, `absolute` for machines."""

    lang: str
    name: str
    url: str
    absolute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    state: State
    title: str
    lead: str
    as_of: Html
    """The whole time of the data, for pages that do not state it elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The picture of a state that chats show of a link; another state has another address."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What differs from page to page. `alternates` name every language, this one included, and
    `languages` the others; a page without an address of its own has no `canonical`. `icon_url` is
    set where the page is about a state."""

    title: str
    description: str
    icon_url: str | None
    section: str
    is_section_page: bool
    path: str
    canonical: str | None
    alternates: tuple[Alternate, ...]
    languages: tuple[Alternate, ...]
    calendar_url: str
    """Of what the page is about, or of everything."""
    feeds: tuple[FeedLink, ...] = ()
    """Of what the page alone is about."""
    preview: Preview | None = None
    """Where the page is about the state of everything."""
    is_listed: bool = True
    """Whether search engines may lead to it."""


def languages(view: PublicView) -> tuple[Lang, ...]:
    """Those that the configuration wants and the page has words for, the default first."""
    return known_languages(tuple(view.page.locales))


@lru_cache(maxsize=8)
def known_languages(locales: tuple[str, ...]) -> tuple[Lang, ...]:
    known = {lang.value: lang for lang in Lang}
    wanted = dict.fromkeys(known[name] for name in locales if name in known)
    return tuple(wanted) or (Lang(DEFAULT_LOCALE),)


def site(context: Context) -> Site:
    page, lang = context.view.page, context.lang
    brand = context.view.brand
    logo = logo_of(brand)
    return Site(
        lang=lang.value,
        name=context.text(page.name),
        company=page.company,
        home_url=home_path(lang),
        history_url=history_path(lang),
        availability_url=availability_path(lang),
        api_url="/api/v2/summary.json",
        css_url=static_url("page.css"),
        brand_css_url=brand_css_url(brand),
        logo_url="" if logo is None else logo.path,
        is_unlisted=brand is not None and brand.is_private,
        icon_url=static_url(icon_file(Shown.NO_DATA) if context.is_stale else "icon.svg"),
        touch_icon_url=static_url("apple-touch-icon.png"),
        all_times=context.words.all_times.format(x=context.place, t=context.offset),
        times=context.words.times_of.format(x=context.place, t=context.offset),
        brands=" · ".join(brand.name for brand in page.brands if brand.is_named_publicly),
        feeds=feed_links(lambda ending: feed_path(lang, ending)),
        subscribe=_subscribe_link(context),
    )


def _subscribe_link(context: Context) -> SubscribeLink | None:
    if not context.view.takes_subscribers:
        return None
    return SubscribeLink(
        name=subscribe_link(context),
        button=subscribe_title(context),
        url=subscribe_path(context.lang),
    )


_FEED_TYPES = {
    "atom": ("Atom", "application/atom+xml"),
    "rss": ("RSS", "application/rss+xml"),
    "json": ("JSON Feed", "application/feed+json"),
}


def feed_links(address: Callable[[str], str]) -> tuple[FeedLink, ...]:
    """The same feed in each format; `address` gives that of an ending."""
    return tuple(
        FeedLink(name=name, type=type_, url=address(ending))
        for ending, (name, type_) in _FEED_TYPES.items()
    )


def frame(
    context: Context,
    *,
    title: str,
    description: str,
    section: str,
    address: Callable[[str], str] | None,
    is_section_page: bool,
    shown: Shown | None,
    feeds: tuple[FeedLink, ...] = (),
    calendar: Callable[[str], str] = calendar_path,
    has_picture: bool = False,
    is_listed: bool = True,
) -> Frame:
    """`address` None: the page has no address of its own, and links to the home pages of other
    languages."""
    alternates = tuple(
        _alternate(lang, address or home_path, context) for lang in languages(context.view)
    )
    own = next(a for a in alternates if a.lang == context.lang)
    return Frame(
        title=title,
        description=description,
        icon_url=static_url(icon_file(shown)) if shown else None,
        section=section,
        is_section_page=is_section_page,
        path=own.url,
        canonical=own.absolute if address else None,
        alternates=alternates,
        languages=tuple(a for a in alternates if a is not own),
        feeds=feeds,
        calendar_url=calendar(context.lang),
        preview=_preview(shown, context) if shown and has_picture else None,
        is_listed=is_listed,
    )


def _preview(shown: Shown, context: Context) -> Preview:
    """Of old data that it is old: a picture stays where it was sent."""
    told = Shown.NO_DATA if context.is_stale else shown
    root, words = context.view.page.url.rstrip("/"), context.words
    return Preview(
        url=root + static_url(preview_file(told, context.lang)),
        alt=words.badge_stale if context.is_stale else words.badges[told],
    )


def _alternate(lang: Lang, address: Callable[[str], str], context: Context) -> Alternate:
    url = address(lang)
    return Alternate(
        lang=lang.value,
        name=PAGE[lang].own_name,
        url=url,
        absolute=context.view.page.url.rstrip("/") + url,
    )


def stale_note(context: Context) -> Stale | None:
    """What comes first on a page whose data is old; None on a fresh one."""
    if not context.is_stale:
        return None
    note = stale_answer(context.view, context.lang)
    return Stale(
        state=state_of(Shown.NO_DATA, context), title=STALE_SINCE, lead=note.lead, as_of=AS_OF
    )
