"""What a system alert says in English, by its kind; see `forms.system_alerts`."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.i18n.forms.system_alerts import SystemAlertText

SYSTEM_ALERTS: Mapping[str, SystemAlertText] = {
    SystemAlert.OFFLINE: SystemAlertText(
        subject="BLIND monitor: no network since {t}",
        head="BLIND  The monitor has not seen the network since {t} ({u})",
        means=(
            "The connectivity targets, which are not ours, do not answer: the line of the "
            "monitoring machine is at fault. No incident is opened; the page shows “no data”."
        ),
        remedy="Look at the link, the route and the DNS of the monitoring machine.",
    ),
    SystemAlert.ONLINE: SystemAlertText(
        subject="SEES monitor: network is back, blind since {t}",
        head="SEES  The monitor sees the network again; it was blind since {t} ({u})",
        means="Checks go on by themselves. The time without data stays “no data”.",
    ),
    SystemAlert.NO_RESOLVER: SystemAlertText(
        subject="NO DNS monitor: names not resolved since {t}",
        head="NO DNS  The monitor has not resolved names since {t} ({u})",
        means=(
            "None of its name servers finds anything, the control names neither. What is checked "
            "by name has “no data” and opens no incident; the rest goes on."
        ),
        remedy=("Look at those name servers and their way out (resolv.conf, operations.resolver)."),
    ),
    SystemAlert.RESOLVER_BACK: SystemAlertText(
        subject="RESOLVES monitor: DNS is back, away since {t}",
        head="RESOLVES  The monitor resolves names again; it could not since {t} ({u})",
        means="Checks go on by themselves. The time without data stays “no data”.",
    ),
    SystemAlert.CONTRADICTED: SystemAlertText(
        subject="DISAGREE monitor: network and checks since {t}",
        head="DISAGREE  A test of the own network and these checks since {t} ({u})",
        means=(
            "The test says that the own network is at fault, while other checks see by it. Those "
            "named have “no data”: a true outage of theirs would not be seen."
        ),
        remedy=(
            "Look at those targets by hand. If they fail, choose other targets for the test "
            "(connectivity.targets, operations.resolver.controls), ones that always answer."
        ),
    ),
    SystemAlert.CLOCK_SET: SystemAlertText(
        subject="CLOCK monitor: {d}",
        head="CLOCK  The clock of the monitoring machine {d}; its time holds since {t} ({u})",
        means=(
            "Checks go on by the new time. What the clock skipped, and what was recorded under a "
            "wrong time, stays “no data”: it opens no incident and counts as no downtime. What is"
            " still down is seen again by itself."
        ),
        remedy="Find out who set the clock of that machine: NTP, chrony or the hypervisor.",
    ),
    SystemAlert.CLOCK_DOUBTED: SystemAlertText(
        subject="CLOCK monitor: not believed since {t}",
        head="CLOCK  The clock of the monitoring machine is not believed since {t} ({u})",
        means=(
            "It went back further than the log can be read again. The monitor goes on by its own "
            "count: checks, alerts and the page go on."
        ),
        remedy="Set the clock of that machine right; the monitor follows it again by itself.",
    ),
    SystemAlert.CLOCK_TRUSTED: SystemAlertText(
        subject="CLOCK monitor: believed again",
        head=(
            "CLOCK  The monitoring machine's clock is believed again; it was not since {t} ({u})"
        ),
        means="Checks follow the machine's clock again.",
    ),
    SystemAlert.STORE_STUCK: SystemAlertText(
        subject="STORE: results not stored since {t}",
        head="STORE  Results have not reached the result store since {t} ({u})",
        means=(
            "Checks, alerts, the page and credits go on: they do not rest on the store. Nothing "
            "is lost for as long as the result log keeps its rows."
        ),
        remedy=(
            "Type: estado store doctor{o} (it says what is missing, such as a token or a bucket)."
            " If all is well there: estado health{o} (whether the store role works)."
        ),
    ),
    SystemAlert.STORE_BACK: SystemAlertText(
        subject="STORE flows again: it had not since {t}",
        head="STORE  Results reach the store again; they had not since {t} ({u})",
        means="What waited in the log is being stored, in order.",
    ),
    SystemAlert.LATE_RESULTS_REFUSED: SystemAlertText(
        subject="LATE monitor: late results not counted since {t}",
        head="LATE  Since {t} ({u}) results come of a past that cannot be worked out anew",
        means=(
            "The result log has not kept all of those days, or they are from before the first "
            "look: what was decided then stays as it is, on the page and in credits."
        ),
        remedy=(
            "Look at the clock of the monitoring machine (timedatectl, chronyc tracking): nearly "
            "always it was wrong. estado_late_refused tells how many days there were."
        ),
    ),
    SystemAlert.DISK_FULL: SystemAlertText(
        subject="FULL monitor: disk full since {t}",
        head="FULL  The monitor's disk has been full since {t} ({u})",
        means=(
            "Checks go on in memory; what finds no room there is no data, never an outage. "
            "Nothing new is decided or published meanwhile."
        ),
        remedy="Free room in the data folder: everything goes on by itself, without a restart.",
    ),
    SystemAlert.JOURNAL_AWAY: SystemAlertText(
        subject="NO JOURNAL monitor: database silent since {t}",
        head="NO JOURNAL  The journal's database has not answered since {t} ({u})",
        means=(
            "Checks go on and their results are kept. Until the database is back no incident "
            "opens, no other alert leaves, and the page says that its data is old."
        ),
        remedy=(
            "Look at the database (operations.journal): all goes on by itself once it is back."
        ),
    ),
    SystemAlert.JOURNAL_HELD: SystemAlertText(
        subject="HELD monitor: journal, by process {c}, {t}",
        head="HELD  Process {c} ({a}) has held the journal since {t} ({u})",
        means=(
            "Nothing can be recorded until it goes on or ends. Checks go on and their results are "
            "decided in memory: what fails is reported by a message like this, and again as an "
            "incident once the journal is free. The page says that its data is old."
        ),
        remedy=(
            "Look at that process. One that is stopped (Ctrl-Z) goes on with: kill -CONT {c}. Or "
            "end it with: kill -9 {c}. What it had written by half is undone."
        ),
    ),
    SystemAlert.UNRECORDED: SystemAlertText(
        subject="CHANGED, not recorded yet: {c}",
        head="CHANGED  Seen at {t} ({u}), while the journal is held",
        means=(
            "The journal cannot be written now, so that no incident is open for this yet. Each is "
            "reported again as an incident once the journal is free, with the same times."
        ),
        remedy="See the message about the journal: who holds it, and how to free it.",
    ),
    SystemAlert.ROLE_STOPPED: SystemAlertText(
        subject="STOPPED monitor: its role {c}, since {t}",
        head="STOPPED  Process {a}, the role {c}, does nothing since {t} ({u})",
        means=(
            "A signal has stopped it, or a debugger holds it: it answers nobody. The other roles "
            "go on. It is ended and started anew only where the journal waits for it."
        ),
        remedy="If nobody is looking at it: kill -CONT {a}",
    ),
    SystemAlert.ROLE_RUNS: SystemAlertText(
        subject="RUNS monitor: its role {c} goes on",
        head="RUNS  The role {c} goes on; it did nothing since {t} ({u})",
        means="It was let go on, or started anew.",
    ),
    SystemAlert.WRITES_AGAIN: SystemAlertText(
        subject="WRITES monitor: it could not since {t}",
        head="WRITES  The monitor writes again; it could not since {t} ({u})",
        means="What was seen meanwhile is decided now, with its true times.",
    ),
    SystemAlert.STALLING: SystemAlertText(
        subject="STALLED monitor: it stands still repeatedly",
        head="STALLED  The monitor has stood still again and again since {t} ({u})",
        means=(
            "More than three pauses within five minutes. What did not come in time during one is "
            "without data (stalled_monitor), never down; all else is judged."
        ),
        remedy=(
            "Give the machine more processor and memory; see whether it is paused, swaps, or has "
            "its processor taken by others."
        ),
    ),
    SystemAlert.STEADY: SystemAlertText(
        subject="STEADY monitor: it stood still since {t}",
        head="STEADY  The monitor runs without pauses; it stood still since {t} ({u})",
        means="Five minutes without a single pause.",
    ),
    SystemAlert.JOURNAL_DAMAGED: SystemAlertText(
        subject="DAMAGED monitor: its journal, since {t}",
        head="DAMAGED  The monitor's journal is damaged; nothing is decided since {t} ({u})",
        means=(
            "Nobody writes to it any more. Checks go on and are logged, and the page goes on with"
            " what was published last and its time; no more alerts until it is recovered."
        ),
        remedy="Recover it into a new file: estado journal recover{o}",
    ),
    SystemAlert.ALERTS_UNDELIVERED: SystemAlertText(
        subject="UNHEARD monitor: no alert arrives since {t}",
        head="UNHEARD  No alert has reached anybody since {t} ({u})",
        means=(
            "Every route fails: nobody has heard of what happened meanwhile. What is owed is "
            "tried again and again."
        ),
        remedy="Look at each route's targets; the reason is in the log (dispatch.failed).",
    ),
    SystemAlert.ALERTS_DELIVERED: SystemAlertText(
        subject="HEARD monitor: alerts arrive again",
        head="HEARD  Alerts arrive again; they had not since {t} ({u})",
        means="What was owed is being sent.",
    ),
    SystemAlert.RESULTS_LOST: SystemAlertText(
        subject="LOST result log: another begins at {t}",
        head="LOST  The result log began anew at {t} ({u}): {c}, {a}",
        means=(
            "It was damaged, moved or replaced. What had been decided and told stays; the looks "
            "of that file cannot be read again."
        ),
        remedy=(
            "See after the disk. What was set aside is still in the data folder: keep it until "
            "nobody needs those looks."
        ),
    ),
    SystemAlert.CHECK_BROKEN: SystemAlertText(
        subject="NO DATA {c}: the look itself fails",
        head="NO DATA  Each look at “{c}” has failed by itself since {t} ({u})",
        means=(
            "It said: {a}. That tells nothing of the target: it is without data, and an outage of "
            "it would not be seen (probe_error)."
        ),
        remedy=(
            "See whether its secrets and files are there, and try it with “estado probe”. Where it "
            "is a bug, the prober's log has the trace."
        ),
    ),
    SystemAlert.ADDRESS_REFUSED: SystemAlertText(
        subject="NOT FOLLOWED {c}: it leads inside",
        head="NOT FOLLOWED  “{c}” leads by a name to {a}, which is not public",
        means=(
            "Here that name resolves to an address inside, and the monitor does not follow it: "
            "the check is without data (address_refused) until somebody decides."
        ),
        remedy=(
            "If it is meant, add the network of {a} to operations.allow_private; if not, mend the"
            " name in the DNS that this machine uses."
        ),
    ),
    SystemAlert.TARGET_REFUSES: SystemAlertText(
        subject="REFUSED {c}: it takes no alerts",
        head="REFUSED  The target “{c}” has refused alerts since {t} ({u})",
        means="It said: {a}. None stands behind it in its route; it is tried again and again.",
        remedy="Look at the address and the permissions of that target (alerts.routes).",
    ),
    SystemAlert.CUSTOMERS_SAY: SystemAlertText(
        subject="{a} CUSTOMERS say it fails: {c}",
        head="SAID  {a} customers say that {c} fails, since {t} ({u})",
        means=(
            "They wrote it on the page, from different networks, within half an hour. The checks "
            "see no failure and no incident is open: it may be something that they do not measure. "
            "No other message about this component follows for 6 hours."
        ),
        remedy="To read them: estado problem list{o}\nTo tell the public: estado incident open{o}",
    ),
    SystemAlert.BUDGET_USED: SystemAlertText(
        subject="BUDGET used, seen at {t}",
        head="BUDGET  At {t} ({u}) much of the downtime that a guarantee allows was used up",
        means="The details of this message are gone; the forecast has those of now.",
        remedy="To see it: estado forecast{o}",
    ),
    SystemAlert.BUDGET_BACK: SystemAlertText(
        subject="BUDGET regained, seen at {t}",
        head="BUDGET  At {t} ({u}) less downtime was used up than had been reported",
        means="Time was left out, or a result corrected. Nothing has to be done.",
        remedy="To see it: estado forecast{o}",
    ),
    SystemAlert.TOLD_BY_PERSON: SystemAlertText(
        subject="TOLD by hand: {a} opened incident {c}",
        head="TOLD  {a} opened incident {c} by hand at {t} ({u})",
        means=(
            "A person wrote it; the monitor saw nothing. Nobody has to get up for this message, "
            "and none follows of what is written there. The page shows it if it is public."
        ),
        remedy="To see it: estado incident show {c}{o}",
    ),
}
