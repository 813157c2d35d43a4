"""What the page and the mails must be able to say to who asks to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.subscriptions.note import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWords:
    title: str
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayWords:
    """Another way than e-mail. `label` is its field's; None where nothing is typed."""

    title: str
    lead: str
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberWords:
    """`{x}` is the page's name, `{c}` names components. `any_title` is the form's where there are
    other ways than e-mail."""

    # Form
    title: str
    any_title: str
    lead: str
    link: str
    email: str
    which: str
    which_hint: str
    how_bad: str
    everything: str
    serious: str
    send: str
    privacy: str
    when_back: str
    when_over: str
    """Where it works again and is watched for a while."""
    when_back_lead: str
    when_back_send: str
    other_ways: str
    ways: Mapping[str, WayWords]
    way_privacy: str
    bot_everything: str
    bot_serious: str
    when_back_bot: str
    # Links
    confirm_title: str
    confirm_lead: str
    confirm_send: str
    end_title: str
    end_lead: str
    end_send: str
    # What became of it
    notes: Mapping[Note, NoteWords]
    # Mails
    html_lang: str
    confirm_subject: str
    confirm_body: str
    confirm_button: str
    confirm_closing: str
    confirm_elsewhere: str
    confirm_elsewhere_closing: str
    bot_started: str
    see: str
    components: str
    closing: str
    closing_incident: str
    unsubscribe: str
