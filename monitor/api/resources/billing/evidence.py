"""What a credit rests on: told in sentences, and whole, for whoever computes it again."""

from __future__ import annotations

from typing import Any, Literal

from credits.bundle.document import bundle_text
from credits.bundle.reading import CreditEvidence
from credits.bundle.story import story_fields, story_of
from monitor.api.operation import Answer, Call, Operation
from monitor.api.schema import Document, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.i18n.languages import Lang
from monitor.i18n.words import operators_lang


class ExplanationQuery(Parameters):
    lang: Literal["es", "en"] | None = None
    """The page's own where none is given."""


class SentenceDocument(Document):
    """`depth` 1 says more about the one above."""

    depth: int
    text: str


class ChapterDocument(Document):
    title: str
    lines: list[SentenceDocument]


class ExplanationDocument(Document):
    """Times are those of the company's zone."""

    credit_id: str
    lang: str
    chapters: list[ChapterDocument]


class BundleDocument(Document):
    """As `estado credits bundle` writes it; `estado credits recompute` computes it again."""

    form: str
    credit: dict[str, Any]
    steps: list[dict[str, Any]]
    earlier: list[dict[str, Any]]
    report: dict[str, Any]
    figures: dict[str, Any]
    past: dict[str, Any]
    contract: dict[str, Any]
    credited: list[list[Any]]
    terms: dict[str, dict[str, Any]]
    hashes: dict[str, str]


def explain(call: Call) -> Answer:
    wanted = call.asked(ExplanationQuery).lang
    lang = operators_lang(call.catalogue.page) if wanted is None else Lang(wanted)
    chapters = story_of(
        _evidence(call).story(call.path["id"]), lang, call.zone, call.backend.failures
    )
    return Answer(
        document=ExplanationDocument(
            credit_id=call.path["id"],
            lang=str(lang),
            chapters=[ChapterDocument(**one) for one in story_fields(chapters)],
        )
    )


def bundle(call: Call) -> Answer:
    found = _evidence(call).bundle(call.path["id"])
    return Answer(content=bundle_text(found).encode("utf-8", "replace"))


def _evidence(call: Call) -> CreditEvidence:
    return CreditEvidence(journal=call.backend.reading, zone=call.zone, actor=call.actor)


OPERATIONS = (
    Operation(
        method="GET", path="/credits/{id}/explanation", name="explain_credit",
        scope=Scope.CREDITS_READ, summary="A credit's whole story in sentences.",
        query=ExplanationQuery, answer=ExplanationDocument, handle=explain,
    ),
    Operation(
        method="GET", path="/credits/{id}/bundle", name="credit_bundle",
        scope=Scope.CREDITS_READ, summary="Everything that a credit rests on, to be recomputed.",
        answer=BundleDocument, handle=bundle,
    ),
)  # fmt: skip
