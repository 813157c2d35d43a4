"""What a refusal says, by its code: for a terminal, and for answers over HTTP; here in English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.refusals import Refused
from monitor.i18n.es.refusals import SPANISH, in_spanish

__all__ = ["SENTENCES", "SPANISH", "sentence", "sentence_in"]

Fields = Mapping[str, Any]


def sentence_in(refused: Refused, locale: str) -> tuple[str, str]:
    """One sentence, and the language that it is in: English where there is no other, as of a code
    that an extension raises."""
    said = SPANISH.get(refused.code) if locale == "es" else None
    if said is None:
        return sentence(refused), "en"
    fields = in_spanish(refused.fields)
    return (said(fields) if callable(said) else said.format(**fields)), "es"


def sentence(refused: Refused) -> str:
    """One sentence, without a full stop; for a code that has none, the refusal's own text."""
    said = SENTENCES.get(refused.code)
    if said is None:
        return str(refused)
    return said(refused.fields) if callable(said) else said.format(**refused.fields)


def _unknown(fields: Fields) -> str:
    if fields["near"]:
        return f"no {fields['kind']} {fields['wanted']}; did you mean {fields['near']}?"
    known = fields["known"]
    listed = f"; there are {', '.join(known)}" if known else "; there is none yet"
    return f"no {fields['kind']} {fields['wanted']}{listed}"


def _short_notice(fields: Fields) -> str:
    wanted, given = _hours(fields["wanted_s"]), _hours(fields["given_s"])
    return f"it has to be announced {wanted} before its start, this is {given}"


def _beyond_owner(fields: Fields) -> str:
    scopes = ", ".join(fields["scopes"])
    return f"{fields['owner']} lacks {scopes}; a token may do no more than its owner"


def _invalid(fields: Fields) -> str:
    count = fields["count"]
    said = "1 field is" if count == 1 else f"{count} fields are"
    return f"{said} not as wanted: see errors"


def _invalid_file(fields: Fields) -> str:
    count = fields["count"]
    said = "1 mistake is" if count == 1 else f"{count} mistakes are"
    return f"{said} in the file, and nothing of it was stored: see errors"


def _no_arrow(fields: Fields) -> str:
    state, wanted = (str(fields[name]).replace("_", " ") for name in ("state", "wanted"))
    return f"{fields['id']} is {state}: from there it does not become {wanted}"


_TOOK_PART = {
    "asked": "{name} has asked for {id}, or for the same time of its contract",
    "decided": "{name} has said what the unknown seconds of {id} were",
    "proposed": "{name} has proposed an exclusion on which {id} rests, or could have rested",
}


def _two_people(fields: Fields) -> str:
    """`why` says how somebody took part, where that is known."""
    said = _TOOK_PART.get(
        str(fields.get("why")),
        "{name} has asked for {id}, or proposed or decided what it rests on",
    )
    return f"{said.format(**fields)}: somebody else decides"


def _hours(seconds: int) -> str:
    hours, rest = divmod(max(0, seconds), 3_600)
    return f"{hours} h {rest // 60} min"


SENTENCES: Mapping[str, str | Callable[[Fields], str]] = {
    "name.unknown": _unknown,
    "scope.missing": "the scope {scope} is missing",
    "scope.service": "this account is bounded to services, and not to those of {names}",
    "scope.every_service": "this account is bounded to services; this is for those that are not",
    "revision.stale": (
        "{kind} {id} has changed: you saw revision {seen}, it is at {current}. "
        "Look at it again, then decide again"
    ),
    "text.empty": "the {what} is empty",
    "text.too_long": "the {what} has {length} characters; at most {most} fit",
    "incident.still_down": "still down or slow: {names}",
    "incident.resolved": "{id} is resolved",
    "incident.merged": "{id} was merged into {into}: go on there",
    "incident.open": "{id} is not resolved",
    "incident.explained": "{id} has its post-mortem in update {number}: correct that one",
    "incident.recovered": (
        "all of {id} was seen to come back, and nothing of it is down now: open another incident "
        "and link the two"
    ),
    "incident.long_over": (
        "{id} was over more than {days} days ago: open another incident and link the two"
    ),
    "incident.goes_on": "what {id} was about goes on in {other}: write there, and link the two",
    "incident.itself": "{id} is one incident: name another",
    "incident.linked": "{id} and {other} are linked already",
    "incident.not_linked": "{id} and {other} are not linked",
    "incident.split_nothing": "say which components go into an incident of their own",
    "incident.split_whole": "that is all of {id}: one component at least has to stay",
    "incident.not_yet": "that lies ahead: an incident has begun, and may be over",
    "incident.too_early": "that is more than {days} days ago, which no page shows",
    "incident.ends_before_start": "the end has to be after the start",
    "incident.end_without_resolution": "an end is for what is resolved",
    "problem.unknown": "no problem {ref!r}",
    "problem.closed": "{by} has closed it already",
    "incident.unknown": "no incident {id!r}; ids are six letters and digits such as k3f9a2",
    "incident.exists": "incident {id} exists already: look again",
    "incident.changed": "incident {id} has changed since it was read: look again",
    "update.unknown": "{incident} has no update {number}; they count from 1 to {last}",
    "update.next_range": "the next update may be promised in {minutes} minute to {days} days",
    "update.next_of_resolved": "what is resolved promises no further update",
    "update.unchanged": "update {number} says exactly that already",
    "account.needed": (
        "whoever proposes, decides or applies needs an account: sign in at the console, or give "
        "--url and a token; the shell of this host is nobody's account"
    ),
    "exclusion.unknown": "no exclusion {id!r}",
    "exclusion.changed": "exclusion {id} has changed since it was read: look again",
    "exclusion.ends_before_start": "the end has to be after the start",
    "exclusion.not_over": "the end lies ahead: only what has happened can be left out",
    "exclusion.too_long": "an exclusion spans at most {days} days",
    "exclusion.cause": "{cause} is no cause of the contract; there are {causes}",
    "exclusion.too_much_evidence": "at most {most} files and {most} links",
    "exclusion.file_name": "no name of a file: {name!r}",
    "exclusion.file_unread": "{name} cannot be read: {why}",
    "exclusion.file_hash": "{name} needs its SHA-256, 64 digits of 0-9 and a-f, and its size",
    "exclusion.link": "a link begins with https://, without a password in it: {link}",
    "exclusion.no_component": "say which component, or the incident that it is about",
    "exclusion.no_time": "say from when to when: the incident has no end yet, or none is named",
    "exclusion.not_of_incident": "{component} was not down or slow in {id}",
    "exclusion.which_component": "{id} is about several components, name one: {names}",
    "exclusion.other_component": (
        "{id} is about {component}; another component is another exclusion"
    ),
    "exclusion.not_in_force": (
        "nothing of {id} is in force; a proposal that should not pass is refused by somebody else"
    ),
    "exclusion.not_pending": "nobody waits for a decision about {id}",
    "exclusion.which_revision": (
        "{id} was proposed anew: read revision {revision}, and say that you decide about that one"
    ),
    "exclusion.own": "{name} has proposed a revision of {id}: somebody else decides",
    "exclusion.too_many": "a hundred exclusions are about exactly that time of that component",
    "ruling.unknown": "no ruling {id!r}",
    "ruling.changed": "ruling {id} has changed since it was read: look again",
    "ruling.nothing_waits": "nothing of {month} waits that is so: see estado unknown waiting",
    "ruling.causes": (
        "one ruling is about one cause, and these have several: {causes}. Name the cause, or the "
        "credits one by one"
    ),
    "ruling.which_credits": "say which month, or which credits one by one, and not both",
    "ruling.too_many_named": "at most {most} credits are named one by one: choose them by cause",
    "ruling.not_waiting": "{id} is {state}, and waits for nobody's word about unknown time",
    "ruling.unpriced": (
        "no invoice line prices {names}: import the invoices, or propose that they are closed"
    ),
    "ruling.unfit": (
        "nothing was decided, for something has happened to {count} of them since: {names}. "
        "Propose {id} anew"
    ),
    "ruling.beyond_cap": (
        "nothing was decided, for later credits have used up what was left of the cap of {names}. "
        "Issue that month's report again: the next close asks anew, with what is left"
    ),
    "ruling.not_pending": "nobody waits for a decision about {id}",
    "ruling.which_revision": (
        "{id} was revised: read revision {revision}, then decide about that one by its number"
    ),
    "ruling.own": "{name} has proposed a revision of {id}: somebody else decides",
    "ruling.over": "{id} was approved: its credits are decided, and another ruling is another one",
    "ruling.assumed": "unknown seconds were one of {choices}, got {got!r}",
    "ruling.half_a_span": "say from when and to when, or neither",
    "ruling.month": "wanted a month such as 2026-10, got {got!r}",
    "ruling.too_many": "a hundred rulings began in that second",
    "credit.unknown": "no credit {id!r}",
    "credit.changed": "{id} has changed since it was read: look again",
    "credit.no_arrow": _no_arrow,
    "credit.ticket_required": "say by which ticket it was asked for (clause 9a)",
    "credit.reason_required": "a rejection says why, and by which clause",
    "credit.ticket_code": "{ticket!r} is no ticket's code: letters and digits, with - between them",
    "credit.ticket_unknown": "the billing panel knows no ticket {ticket}",
    "credit.ticket_of_other": "ticket {ticket} is of another client than {client}",
    "credit.too_late": "the time in which {id} could be asked for ended at {ended}",
    "credit.of_other_client": "{id} is for another client than {client}",
    "credit.too_many": "{count} credits at once; at most {most} fit, the rest in further requests",
    "credit.none_chosen": "none of them was chosen",
    "credit.twice": "{id} stands there twice",
    "credit.two_people": _two_people,
    "credit.no_evidence": (
        "{period} was closed by a version that stored nothing beside its report: {id} has no "
        "bundle; estado credits explain says what is known"
    ),
    "credit.evidence_damaged": (
        "what was stored for {id} does not have its hash: put the journal's copy back"
    ),
    "credit.unpriced": "no invoice line prices {id}: import the contract's invoice first",
    "paper.no_library": (
        "this installation makes no PDF: it needs the extra pdf (pip install 'estado[pdf]')"
    ),
    "paper.too_long": (
        "it has {rows} credits, and at most {most} are put on paper at once: take the CSV, one "
        "client, or estado report --format pdf"
    ),
    "statement.gone": "this link opens nothing: it has ended, was revoked, or never was one",
    "statement.unknown": "no link {id!r}",
    "statement.no_client": "nothing in the report of {month} is about client {client}",
    "credit.currencies": "{id} is in several currencies ({currencies}): a balance has one",
    "credit.too_many_confirmed": "at most {most} are confirmed at once",
    "credit.in_flight": "the billing panel is being asked for {id} now: look again in a minute",
    "credit.not_unknown": "{id} is {state}: only what nobody knows the end of is released",
    "credit.not_settled": (
        "{id} may still arrive: it is released once the panel was searched after apply_settle and "
        "does not have it"
    ),
    "text.not_plain": "the {what} is one line of 1 to {most} characters",
    "contracts.panel_unread": (
        "the billing panel's services could not be read: {why}; nothing was stored, and the next "
        "attempt goes on from here"
    ),
    "contracts.no_terms": "the configuration has no terms: contracts promise something",
    "contracts.no_panel": "credits.billing.kind is {kind}: services are read from whmcs alone",
    "applying.file": "the file is not as wanted: {wanted}",
    "applying.month": "{month!r} is no month such as 2026-10",
    "applying.pending": "request {id} waits for the core already",
    "applying.paused": (
        "the brake is on: {name} pulled it ({reason}); estado credits resume lets go of it"
    ),
    "applying.no_request": "there is no request {id}",
    "maintenance.over": "{id} is {phase} already",
    "maintenance.no_components": "say which components it touches",
    "maintenance.outside_hours": (
        "{start} to {end} is not inside the hours allowed for maintenance"
    ),
    "maintenance.short_notice": _short_notice,
    "maintenance.overran": "{id} has overrun its end: say why it goes on",
    "maintenance.too_many": "a hundred windows begin at that second for these components",
    "maintenance.ends_before_start": "the end has to be after the start",
    "maintenance.ends_no_later": "the new end has to be after the present one, and ahead",
    "maintenance.too_long": "a window lasts at most {days} days; plan several",
    "maintenance.has_passed": "the start has passed; what is announced lies ahead",
    "maintenance.too_far_ahead": "the start lies more than {days} days ahead",
    "maintenance.unknown": "no maintenance window {id!r}",
    "maintenance.exists": "maintenance window {id} exists already: look again",
    "maintenance.changed": "maintenance window {id} has changed since it was read: look again",
    "message.unknown": (
        "no message {event} to {target} is pending; events look like incident:k3f9a2:opening"
    ),
    "message.delivered": "message {event} to {target} has been delivered or given up already",
    "revision.unknown": "no revision {number} of the configuration; revisions are numbers",
    "configuration.no_request": "the core was never asked for that under {id}",
    "configuration.pending": "request {id} waits for the core already",
    "configuration.unchecked": "it takes more time or memory than a check has",
    "configuration.unreadable": "this version cannot read revision {number} of the configuration",
    "contract.unknown": "no contract {id}",
    "contracts.invalid": _invalid_file,
    "contracts.changed": (
        "the file or stored contracts changed while it was imported; import it again"
    ),
    "report.no_month": "there are reports of months such as 2026-10, not of {got}",
    "report.not_issued": "no report of {month} has been issued",
    "report.no_revision": "{month} has no revision {revision}; the last one is {last}",
    "request.bad": "this is no request that HTTP knows",
    "request.unknown_path": "there is nothing at {path}; /api/v1/openapi.json says what there is",
    "request.method": "{path} takes {allowed}",
    "request.media_type": "the body has to be {wanted}, and its type is {got}",
    "request.no_revision": "If-Match is for what changes something with a revision, not for this",
    "key.invalid": "this is neither a token nor the key of a session: tokens begin with estado_",
    "request.too_large": "the body has more than {most} bytes",
    "request.too_slow": "the body did not arrive within {limit_s} s",
    "request.no_json": "the body is no JSON",
    "request.invalid": _invalid,
    "request.if_match": 'If-Match has to be one entity tag such as "3", or *',
    "request.too_many": "at most {most} requests in {window_s} s: wait {seconds} s",
    "request.busy": "too much is under way: wait {seconds} s",
    "request.failed": "something broke here, and was logged",
    "probe.running": "{check} is being run: wait {seconds} s",
    "probe.full": "{most} checks are being run: wait {seconds} s",
    "probe.failed": "the run itself failed, which says nothing of the target: {why}",
    "events.gone": (
        "what came after this cursor is no longer kept, or the cursor is not of here: read the "
        "state anew, and follow from there"
    ),
    "events.too_many": "at most {most} streams of one key or account: close one",
    "events.full": "too many streams are open: wait {seconds} s",
    "events.slow": "this stream was not read fast enough: go on from its last event, or anew",
    "events.closing": "this service ends, or starts anew: come again",
    "idempotency.key": "an Idempotency-Key has 1 to {most} visible characters",
    "idempotency.reused": "this Idempotency-Key was another request's",
    "idempotency.busy": "the first request of this Idempotency-Key is under way",
    "journal.away": "the journal cannot be read or written now",
    "signin.needed": "sign in: Authorization: Bearer, with a token or the key of a session",
    "session.over": "this session is over, or never was: sign in again",
    "session.in_person": "a token may not: sign in",
    "session.by_token": "a token has no session to end; it can be revoked",
    "account.name": (
        "{name!r} is no name for an account: lower-case letters, digits, and . _ - between them"
    ),
    "account.no_role": "an account has one role at least",
    "account.beyond": "{name} may more than you ({scopes}): only who may all of it changes that",
    "account.exists": "there is an account {name} already",
    "account.changed": "account {name} has changed since it was read: look again",
    "account.disabled": "account {name} is disabled already",
    "account.enabled": "account {name} is enabled already",
    "account.unchanged": "account {name} has exactly these roles and services already",
    "account.reserved": "{name} is the machine's own name in the audit log: take another",
    "account.by_token": "a token adds, changes and resets no accounts: sign in",
    "account.last_admin": "{name} is the last admin who can sign in: make another one first",
    "password.short": "the password has to have {least} characters at least",
    "password.long": "the password may have {most} characters at most",
    "password.has_name": "that password is easy to guess: it contains the name {name}",
    "password.repeats": "that password is easy to guess: it repeats a few characters",
    "password.wrong": "the present password is wrong",
    "password.same": "the new password is the present one",
    "proof.wrong": "password or code is wrong; a code is good once: wait for the next one",
    "second_factor.code": "the code is not the authenticator's of now; check the clock of both",
    "second_factor.required": "this account needs a second factor: set it up before anything else",
    "second_factor.demanded": "one of this account's roles demands a second factor: replace it",
    "second_factor.none": "this account has no second factor",
    "second_factor.begin_again": (
        "this was begun in another session, or more than 15 minutes ago: begin again"
    ),
    "second_factor.other_key": (
        "the second factor of {name} was encrypted with another key than the one that is here: put "
        "back the key file, or reset the account"
    ),
    "second_factor.no_key": (
        "second factors cannot be checked here: {reason}; put back the copy of the key's file"
    ),
    "signin.refused": "name, password or code is wrong",
    "signin.wait": "too many tries: wait {seconds} s",
    "oidc.away": "the provider does not answer: try again, or sign in with a password",
    "oidc.untrusted": "the provider's answer was not accepted: whoever looks after the monitor can "
    "see why in its log",
    "oidc.not_signed_in": "the provider has signed nobody in",
    "oidc.begin_again": "this sign-in was begun elsewhere, is over, or took too long: begin again",
    "oidc.no_extra": "signing in at a provider needs the extra oidc, which is not installed here",
    "signin.no_account": (
        "the provider knows you, and no account here is yours or open: ask who looks after accounts"
    ),
    "signin.code": "the code is wrong or was used: wait for the next one",
    "session.not_fresh": (
        "this account has no password: sign in at the provider again, and do it within "
        "{minutes} min"
    ),
    "password.none": "this account has no password to change: it signs in at the provider",
    "account.email": "{email!r} is no plain e-mail address",
    "account.email_taken": "another account has the address {email}",
    "account.identity_taken": "account {name} is bound to that subject",
    "account.no_provider": "there is no provider to sign in at: operations.console.oidc",
    "account.no_way_in": "without a password it needs an address or a subject at the provider",
    "token.invalid": "this token opens nothing: it is unknown, over, or was revoked",
    "token.by_token": "a token makes no tokens: sign in",
    "token.no_scope": "a token has one scope at least",
    "token.owner_disabled": "{name} is disabled: enable the account first",
    "token.days": "a token lasts 1 to {most} days, or until it is revoked; got {days}",
    "token.beyond_owner": _beyond_owner,
    "token.revoked": "token {id} is revoked already",
    "request.host": (
        "this is not served under the name {host}: set operations.console.public_url to its address"
    ),
    "request.foreign": (
        "this was not sent from a page of ours, or that page is of another session: go back, load "
        "it again, and send it again"
    ),
    "password.differs": "the new password was typed in two ways",
    "form.no_service": "say of which services, or of all of them",
    "form.number": "{field}: a whole number is wanted, got {got!r}",
    "form.no_spanish": "the Spanish text is missing: readers of other languages fall back to it",
    "form.time": "{field}: a day and a time are wanted, got {got!r}",
    "form.no_such_time": "{got} does not exist in {zone}: the clocks are set forward then",
    "form.choice": "{field}: there is no {got!r} to choose",
    "form.month": "a month such as 2026-12 is wanted, got {got!r}",
    "form.day": "a day such as 2026-12-24 is wanted, got {got!r}",
}
