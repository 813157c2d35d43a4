"""The answer alone, for a frame in other people's pages."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.parts.age import STALE_SINCE
from statuspage.parts.answer import answer
from statuspage.parts.context import Context
from statuspage.parts.state import State, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPage:
    state: State
    title: str


def embed_page(context: Context) -> EmbedPage:
    told = answer(context.view, context.lang, is_stale=context.is_stale)
    return EmbedPage(
        state=state_of(told.shown, context),
        title=STALE_SINCE if context.is_stale else told.title,
    )
