"""What is said to subscribers in English."""

from __future__ import annotations

from monitor.domain.subscriptions.note import Note
from monitor.i18n.forms.subscribers import NoteWords, SubscriberWords, WayWords

SUBSCRIBERS = SubscriberWords(
    title="Get updates by e-mail",
    any_title="Get updates",
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
    when_over="Tell me when it is resolved for good",
    when_back_lead="We write to you with each update about this failure and when it is resolved. "
    "Then we erase the address.",
    when_back_send="Tell me",
    other_ways="In other ways, too",
    ways={
        "webhook": WayWords(
            title="Webhook",
            lead="For programs: we send each update as JSON, as Statuspage does, to an https "
            "address of yours. The first one has a link to confirm.",
            label="https address that takes the updates",
        ),
        "slack": WayWords(
            title="Slack",
            lead="We write to the channel that you choose. Create an incoming webhook in Slack and "
            "paste its address here. The first message has a link to confirm.",
            label="Address of the incoming webhook",
        ),
        "telegram": WayWords(
            title="Telegram",
            lead="Open the bot and press Start. To get no more updates, write /stop.",
        ),
    },
    way_privacy="We use the address for these updates alone. Each message has a link to "
    "unsubscribe, and we erase the address at that moment.",
    bot_everything="All updates by Telegram",
    bot_serious="Only serious failures, by Telegram",
    when_back_bot="Tell me by Telegram",
    confirm_title="Confirm the updates",
    confirm_lead="One step is left: confirm that you want the updates.",
    confirm_send="Yes, send me updates",
    end_title="Stop the updates",
    end_lead="Press the button: we stop writing to you and erase your address.",
    end_send="Send me no more updates",
    notes={
        Note.RECEIVED: NoteWords(
            title="Check your mail",
            lead="We sent you a message with a link to confirm: open it within 24 hours. If you "
            "asked for updates within the last day, we send no second message: use the one that "
            "you have. Look into the spam folder as well.",
        ),
        Note.RECEIVED_ELSEWHERE: NoteWords(
            title="Please confirm",
            lead="We sent a message with a link to confirm to that address: open it within 24 "
            "hours. If you asked for updates within the last day, we send no second message: use "
            "the one that you have.",
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
            "before the @.",
        ),
        Note.BAD_HOOK: NoteWords(
            title="We cannot send updates to that address",
            lead="It must begin with https:// and lead by a name, not a number, to a public server "
            "on port 443 or 8443, without a user name or a password. An address of Slack "
            "(https://hooks.slack.com/services/…) is pasted whole, and under Slack.",
        ),
        Note.BAD_FORM: NoteWords(
            title="We could not read the form",
            lead="Fill it in once more.",
        ),
        Note.FOREIGN: NoteWords(
            title="The request did not come from this page",
            lead="For safety, updates are asked for in the form of this page alone.",
        ),
        Note.TOO_MANY: NoteWords(
            title="Too many requests from your connection",
            lead="Wait an hour and try again. There is no need to ask twice: if you have asked "
            "already, look for the message with the link.",
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
    confirm_elsewhere="Somebody asked for the updates of {x} to come here. If it was you, confirm "
    "it within 24 hours:",
    confirm_elsewhere_closing="If it was not you, do nothing: we write no more and erase this "
    "address tomorrow.",
    bot_started="Done: we will write to you. To get no more updates, write /stop.",
    see="See the page",
    components="Services: {c}",
    closing="You get this message because you asked for the updates of {x}.",
    closing_incident="You get this message because you asked about this failure at {x}.",
    unsubscribe="To get no more updates:",
)
