"""What is said to subscribers in English."""

from __future__ import annotations

from monitor.domain.subscriptions.note import Note
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords

SUBSCRIBERS = SubscriberWords(
    title="Get updates by e-mail",
    lead="We write to you when a failure or maintenance begins, with each update, and when it is "
    "over.",
    link="E-mail",
    email="Your e-mail address",
    which="About which services?",
    which_hint="If you tick none, we write about all of them.",
    how_bad="When should we write?",
    everything="Always: failures, slowness and maintenance",
    serious="Only about serious failures",
    send="Ask for updates",
    privacy="We use the address for these updates alone. Each message has a link to unsubscribe, "
    "and we erase the address at that moment.",
    when_back="Tell me when it is back",
    when_back_lead="We write to you with each update about this failure and when it is resolved. "
    "Then we erase the address.",
    when_back_send="Tell me",
    confirm_title="Confirm the updates",
    confirm_lead="One step is left: confirm that you want the updates in your mailbox.",
    confirm_send="Yes, send me updates",
    end_title="Stop the updates",
    end_lead="We stop writing to you and erase your address.",
    end_send="Send me no more updates",
    notes={
        Note.RECEIVED: NoteWords(
            title="Check your mail",
            lead="We sent you a message with a link to confirm: open it within 24 hours. If you "
            "asked for updates within the last day, we send no second message: use the one that "
            "you have. Look into the spam folder as well.",
        ),
        Note.CONFIRMED: NoteWords(
            title="Done: we will write to you",
            lead="We got your confirmation. Each message has a link to unsubscribe.",
        ),
        Note.ENDED: NoteWords(
            title="We write to you no more",
            lead="We erased your address. A message that was on its way may still arrive.",
        ),
        Note.BAD_ADDRESS: NoteWords(
            title="We cannot write to that address",
            lead="Type an address such as ana@example.com, without blanks, and with plain letters "
            "before the @. Go back to correct it.",
        ),
        Note.BAD_FORM: NoteWords(
            title="We could not read the form",
            lead="Open it again and fill it in once more.",
        ),
        Note.FOREIGN: NoteWords(
            title="The request did not come from this page",
            lead="For safety, updates are asked for in the form of this page alone.",
        ),
        Note.TOO_MANY: NoteWords(
            title="Too many requests from your connection",
            lead="Wait an hour and try again. There is no need to ask twice: if you have asked "
            "already, check your mail.",
        ),
        Note.FULL: NoteWords(
            title="We cannot take requests now",
            lead="Yours was not stored. Try again in a few minutes. The state of the services is "
            "still published on this page.",
        ),
        Note.BAD_LINK: NoteWords(
            title="That link does not work",
            lead="It may be cut off: open it again from the message, or copy the whole address.",
        ),
        Note.EXPIRED: NoteWords(
            title="That link has expired",
            lead="There are 24 hours to confirm. Ask for updates again.",
        ),
    },
    html_lang="en",
    confirm_subject="Confirm the updates of {x}",
    confirm_body="Somebody asked for the updates of {x} at this address. If it was you, confirm it "
    "within 24 hours:",
    confirm_button="Confirm the updates",
    confirm_closing="If it was not you, do nothing: we write to you no more, and erase your "
    "address tomorrow.",
    see="See the page",
    components="Services: {c}",
    closing="You get this message because you asked for the updates of {x}.",
    closing_incident="You get this message because you asked about this failure at {x}.",
    unsubscribe="To get no more updates:",
)
