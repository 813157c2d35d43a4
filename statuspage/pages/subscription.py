"""The pages around asking for e-mail: the form, the buttons behind links, and what became of them.

They are published as all pages are, so that what answers a form needs no words of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.incidents.incident import IncidentId, Phase
from monitor.domain.subscriptions.contact import OURS, TELEGRAM
from monitor.domain.subscriptions.deep_link import start_word
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.subscription import Severity, Wanted
from monitor.i18n.addresses import confirm_path, subscribe_path, unsubscribe_path
from monitor.i18n.formats import joined
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords, WayWords
from monitor.i18n.ways import way_words
from monitor.i18n.words import SUBSCRIBERS
from statuspage.pages.marks import CHOSEN, OPENED, TYPED, WRONG
from statuspage.parts.context import Context
from statuspage.parts.html import Html
from statuspage.view.model import PublicIncident


class LinkAction(StrEnum):
    """What the button behind a link does: programs that follow links press none."""

    CONFIRM = "confirm"
    END = "end"

    def address(self, locale: str) -> str:
        return (confirm_path if self is LinkAction.CONFIRM else unsubscribe_path)(locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A component to tick."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceGroup:
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Another way than e-mail that has a form of its own. `is_url` where an address begins with
    https."""

    kind: str
    words: WayWords
    is_url: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BotLinks:
    """A bot is started by a link, which says what is wanted."""

    words: WayWords
    everything: str
    serious: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMarks:
    """Where a form that comes back holds what is wrong with it, what was typed and what chosen."""

    wrong: Html = WRONG
    typed: Html = TYPED
    opened: Html = OPENED
    chosen: Html = CHOSEN


MARKS = FormMarks()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribePage:
    title: str
    words: SubscriberWords
    action: str
    groups: tuple[ChoiceGroup, ...]
    ways: tuple[Way, ...]
    bot: BotLinks | None
    marks: FormMarks = MARKS


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """Its form is sent to its own address, which holds the proof."""

    title: str
    lead: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    words: NoteWords
    again: str | None
    """The form's address, where trying again makes sense."""
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhenBack:
    """The form on an incident's page. `title` says what there is to wait for."""

    title: str
    words: SubscriberWords
    action: str
    incident: IncidentId
    bot_url: str
    marks: FormMarks = MARKS


_ENDS = (Note.RECEIVED, Note.RECEIVED_ELSEWHERE, Note.CONFIRMED)


def subscribe_page(context: Context) -> SubscribePage:
    return SubscribePage(
        title=subscribe_title(context),
        words=SUBSCRIBERS[context.lang],
        action=subscribe_path(context.lang),
        groups=choice_groups(context),
        ways=tuple(
            Way(kind=kind, words=words, is_url=kind in OURS)
            for kind, words in _other_forms(context)
        ),
        bot=_bot_links(context),
    )


def subscribe_title(context: Context) -> str:
    """Who looks for a chat reads on past a page about e-mail alone."""
    words = SUBSCRIBERS[context.lang]
    is_any = bool(context.view.bot or _other_forms(context))
    return words.any_title if is_any else words.title


def subscribe_link(context: Context) -> str:
    """Each way by its name: `Correo, Slack y Telegram`."""
    words = SUBSCRIBERS[context.lang]
    bot = (words.ways[TELEGRAM].title,) if context.view.bot else ()
    forms = (way.title for _, way in _other_forms(context))
    return joined((words.link, *forms, *bot), context.lang)


def _other_forms(context: Context) -> tuple[tuple[str, WayWords], ...]:
    """Without those whose plugin cannot be used: who picked one would never be told."""
    known = ((kind, way_words(kind, context.lang)) for kind in context.view.subscriber_channels)
    return tuple((kind, words) for kind, words in known if words is not None)


def _bot_links(context: Context) -> BotLinks | None:
    if not context.view.bot:
        return None
    return BotLinks(
        words=SUBSCRIBERS[context.lang].ways[TELEGRAM],
        everything=_bot_url(context, Wanted()),
        serious=_bot_url(context, Wanted(severity=Severity.SERIOUS)),
    )


def _bot_url(context: Context, wanted: Wanted) -> str:
    word = start_word(wanted, context.lang.value, context.view.page_id)
    return f"https://t.me/{context.view.bot}?start={word}"


def choice_groups(context: Context) -> tuple[ChoiceGroup, ...]:
    return tuple(
        ChoiceGroup(
            name=context.text(service.name),
            choices=tuple(Choice(id=c.id, name=context.text(c.name)) for c in service.components),
        )
        for service in context.view.services
    )


def link_page(action: LinkAction, context: Context) -> LinkPage:
    words = SUBSCRIBERS[context.lang]
    if action is LinkAction.CONFIRM:
        return LinkPage(
            title=words.confirm_title, lead=words.confirm_lead, button=words.confirm_send
        )
    return LinkPage(title=words.end_title, lead=words.end_lead, button=words.end_send)


def link_title(action: LinkAction, context: Context) -> str:
    return link_page(action, context).title


def note_page(note: Note, context: Context) -> NotePage:
    words = SUBSCRIBERS[context.lang]
    again = None if note in _ENDS else subscribe_path(context.lang)
    return NotePage(words=words.notes[note], again=again, title=subscribe_title(context))


def note_title(note: Note, context: Context) -> str:
    return SUBSCRIBERS[context.lang].notes[note].title


def when_back(incident: PublicIncident, context: Context) -> WhenBack | None:
    """None where it is over, visitors may not ask for e-mail, or the data is too old to promise
    anything."""
    if incident.phase is Phase.RESOLVED:
        return None
    if not context.view.takes_subscribers or context.is_stale:
        return None
    words, wanted = SUBSCRIBERS[context.lang], Wanted(incident=incident.id)
    # What is under observation is back already.
    is_back = incident.phase is Phase.MONITORING
    return WhenBack(
        title=words.when_over if is_back else words.when_back,
        words=words,
        action=subscribe_path(context.lang),
        incident=incident.id,
        bot_url=_bot_url(context, wanted) if context.view.bot else "",
    )
