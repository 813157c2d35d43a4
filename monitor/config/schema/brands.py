"""The company's brands in the configuration, and a brand's status page of its own."""

from __future__ import annotations

import base64
import re
from typing import Annotated

from pydantic import PlainValidator

from monitor.config.errors import Wanted
from monitor.config.schema.base import Schema
from monitor.config.schema.values import (
    HostName,
    Line,
    Slug,
    Url,
    Words,
    string_schema,
)

LARGEST_LOGO = 32_768
"""Characters: it stands in the configuration, and is a part of each of its revisions."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURE = re.compile(r"data:image/(?:png|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}")


def read_colour(value: object) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise Wanted("must be a colour such as '#0a4ea6', in quotes: YAML takes # for a comment")
    return value.lower()


def read_logo(value: object) -> str:
    """An SVG or a data URL, as a data URL."""
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("<svg"):
        text = f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"
    if not _PICTURE.fullmatch(text) or len(text) > LARGEST_LOGO or not _is_picture(text):
        raise Wanted(
            "must be an SVG (<svg …) or a PNG as data:image/png;base64,…"
            f" of at most {LARGEST_LOGO} characters"
        )
    return text


def _is_picture(written: str) -> bool:
    """Whether the bytes of a data URL are what it says."""
    kind, _, packed = written.partition(";base64,")
    try:
        content = base64.b64decode(packed, validate=True)
    except ValueError:
        return False
    return content.startswith(_PNG) if kind.endswith("png") else b"<svg" in content


Colour = Annotated[
    str,
    PlainValidator(read_colour),
    string_schema(_COLOUR.pattern, "", **{"x-written": "colour"}),
]
Logo = Annotated[
    str, PlainValidator(read_logo), string_schema(None, "", **{"x-written": "picture"})
]


class ColoursSchema(Schema):
    """The colour of links and buttons, as `#rrggbb`, readable on the page's backgrounds."""

    light: Colour
    """In the light theme."""
    dark: Colour
    """In the dark theme."""


class BrandPageSchema(Schema):
    """A status page of the brand's own, at its own host, from the same process."""

    id: Slug
    """Its permanent id."""
    name: Words | None = None
    """The page's name; none: the brand's."""
    url: Url
    """Its public address; its pages and messages link to it."""
    sender: Line | None = None
    """Whom mails to its subscribers come from; none: its name, at the address of
    `subscribers.sender`, whose domain they then show."""
    hosts: list[HostName] = []
    """Further host names under which visitors reach it."""
    services: list[Slug] = []
    """The services that it shows, by id."""
    components: list[Slug] = []
    """Further components that it shows, by id. One with `public: false` is shown here alone."""
    logo: Logo | None = None
    """An SVG, or a picture as a data URL (`data:image/png;base64,…`), of at most 32 kB."""
    colours: ColoursSchema | None = None
    """None: the product's own."""
    support_url: Url | None = None
    """Where the brand's customers ask for help; none: as on the page, and as its support
    levels say."""
    report_url: Url | None = None
    """Where they report what fails; none: `support_url`."""
    private: bool = False
    """Shown to those alone who have a signed link; in no mirror and no search
    engine."""


class BrandSchema(Schema):
    name: Line
    """The name that the public knows."""
    url: Url | None = None
    """Its web site."""
    page: BrandPageSchema | None = None
    """A status page of its own."""
