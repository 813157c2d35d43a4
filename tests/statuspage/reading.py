"""Reading rendered pages as a browser's parser does, and refusing what it would have to mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import html5lib

from statuspage.parts.placeholders import fill
from statuspage.publish.rendered import Rendered

_SVG = "{http://www.w3.org/2000/svg}"
_LINKING = {"a": "href", "link": "href", "img": "src", "script": "src", "form": "action"}


@dataclass(frozen=True, slots=True)
class Document:
    root: Element

    @classmethod
    def parse(cls, content: bytes) -> Document:
        """Raises html5lib's ParseError at the first thing that is no valid HTML."""
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        root: Element = parser.parse(content.decode())
        return cls(root)

    def texts(self, tag: str) -> list[str]:
        return [_text(e) for e in self.root.iter(tag)]

    def text(self) -> str:
        body = self.root.find("body")
        assert body is not None
        return _text(body)

    def ids(self) -> list[str]:
        return [e.attrib["id"] for e in self.root.iter() if "id" in e.attrib]

    def links(self) -> Iterator[tuple[str, str]]:
        """(tag, address) of everything that leads somewhere or loads something."""
        for element in self.root.iter():
            attribute = _LINKING.get(element.tag, "")
            if attribute in element.attrib:
                yield element.tag, element.attrib[attribute]

    def attributes(self) -> set[str]:
        """The name of every attribute that stands anywhere."""
        return {name for e in self.root.iter() for name in e.attrib}

    def with_class(self, name: str) -> list[Element]:
        return [e for e in self.root.iter() if name in e.attrib.get("class", "").split()]


def _text(element: Element) -> str:
    """The words as they are read: white space runs are one space."""
    return " ".join("".join(element.itertext()).split())


def xml_root(content: bytes) -> Element:
    """Raises ParseError for what is no well-formed XML."""
    return ElementTree.fromstring(content)  # noqa: S314 - our own bytes


def old_form(page: Rendered) -> bytes:
    """A page whose data is old, as it is served: its holes are filled."""
    promised = {name: promise.before for name, promise in page.promises.items()}
    return fill(page.stale.content, {**page.words, **promised})


def icon_of(element: Element) -> str:
    """The symbol that the first drawing inside refers to: `#i-ok`."""
    return next(element.iter(_SVG + "use")).attrib["href"]


def text_of(element: Element) -> str:
    return _text(element)
