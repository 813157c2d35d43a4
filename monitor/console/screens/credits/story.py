"""A credit's whole story in sentences, from the outage to the cent."""

from __future__ import annotations

from dataclasses import dataclass

from credits.bundle.document import bundle_text
from credits.bundle.reading import CreditEvidence
from credits.bundle.story import Chapter, story_of
from monitor.console.visit import Download, Page, Screen, Visit
from monitor.domain.accounts.permissions import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """`has_bundle`: there is a file that can be computed again."""

    credit: str
    url: str
    head: Chapter
    chapters: tuple[Chapter, ...]
    has_bundle: bool


def show(visit: Visit) -> Page:
    document = _evidence(visit).story(visit.name)
    speech, failures = visit.speech, visit.backend.failures
    head, *chapters = story_of(document, speech.lang, speech.zone, failures)
    return Page(
        template="credit_story.html",
        title=head.title,
        page=StoryPage(
            credit=visit.name,
            url=f"/credits/{visit.name}",
            head=head,
            chapters=tuple(chapters),
            has_bundle=document["form"] is not None,
        ),
    )


def bundle(visit: Visit) -> Download:
    content = bundle_text(_evidence(visit).bundle(visit.name)).encode("utf-8", "replace")
    return Download(content=content, media_type="application/json", name=f"{visit.name}.json")


def _evidence(visit: Visit) -> CreditEvidence:
    return CreditEvidence(journal=visit.backend.reading, zone=visit.speech.zone, actor=visit.actor)


SCREENS = (
    Screen(method="GET", path="/credits/{id}/explanation", handle=show, scope=Scope.CREDITS_READ),
    Screen(method="GET", path="/credits/{id}/bundle", handle=bundle, scope=Scope.CREDITS_READ),
)
