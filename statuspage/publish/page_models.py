"""What a template gets for one page, and what tells whether that is what it got the time before."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from monitor.domain.rollup import Shown
from statuspage.pages.index import OK, Page
from statuspage.pages.site import frame, site, stale_note
from statuspage.parts.age import age_line
from statuspage.parts.context import Context
from statuspage.publish.templating import environment

_Model = dict[str, object]


@dataclass(frozen=True, slots=True)
class SiteContext:
    """The variables that templates get on each page of a language in one form."""

    context: Context
    model: _Model
    fingerprint: bytes

    @classmethod
    def of(cls, context: Context) -> SiteContext:
        states = context.words.states
        model: _Model = {
            "site": site(context),
            "stale": stale_note(context),
            "age": age_line(context),
            "legend": {
                "slow": context.words.with_slowness,
                "maintenance": states[Shown.MAINTENANCE].one,
                "no_data": states[Shown.NO_DATA].one,
            },
        }
        # The words change with the program alone: they need no fingerprint.
        return cls(context, model | {"w": context.words}, repr(model).encode())


@dataclass(frozen=True, slots=True)
class PageContext:
    """The variables that a template gets for one page."""

    model: _Model
    fingerprint: bytes

    @classmethod
    def of(cls, page: Page, context: Context) -> PageContext:
        model: _Model = {
            "page": page.model(context),
            "frame": frame(
                context,
                title=page.title(context),
                description=page.description(context),
                section=page.section,
                address=page.address if page.status == OK else None,
                is_section_page=page.is_section_page,
                shown=page.shown(context),
                feeds=page.feeds(context),
                calendar=page.calendar,
                has_picture=page.has_picture,
                is_listed=page.is_listed,
            ),
        }
        return cls(model, repr(model).encode())


def fingerprint(*parts: bytes) -> bytes:
    """The same for equal models."""
    state = blake2b(digest_size=16)
    for part in parts:
        state.update(part)
    return state.digest()


def written(page: Page, page_context: PageContext, site_context: SiteContext) -> bytes:
    """The document, with its placeholders."""
    template = environment().get_template(page.template)
    return template.render(site_context.model | page_context.model).encode()
