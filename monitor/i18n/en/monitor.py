"""The words of the console's page about the monitor itself in English."""

from __future__ import annotations

from monitor.i18n.forms.monitor import FaultWords, MonitorWords

_MANUAL = "docs/operating.md"

MONITOR = MonitorWords(
    well="All is well",
    well_since="since {t}",
    ill=("{n} fault of the monitor", "{n} faults of the monitor"),
    warned=("{n} warning", "{n} warnings"),
    fault="Fault",
    warning="Warning",
    way_out="What to do",
    manual="More",
    looked="Looked at {t}.",
    elsewhere="Not known here: it runs on another machine, or has not reported yet.",
    roles="Roles",
    role="Role",
    state="State",
    role_well="Does its work",
    role_purposes={
        "prober": "runs the checks",
        "core": "decides, alerts, renders the page",
        "page": "serves the public page",
        "store": "keeps results and latencies",
        "console": "this console and the API",
        "subscribers": "writes to who asked for updates",
    },
    prober="Prober",
    reported="Last figures",
    started="Runs since",
    lateness="Lateness of check runs, p99",
    lag="Lag of its loop",
    missed="Check runs missed since then",
    unwritten="Results not written yet",
    memory="Memory",
    keeping="Journal, log and disk",
    journal_size="Journal",
    last_change="Newest change",
    closing="Closing a month",
    closed_so_far="{m}: {n} of {k} contracts",
    holder="Held by",
    nobody="nobody",
    log_behind="Results that the core has not read",
    rows=("{n} row", "{n} rows"),
    disk="Disk of the data folder",
    disk_free="{a} free of {b}",
    store="Result store",
    kind="Kind",
    behind="Behind",
    latency_behind="Latencies behind",
    dead_letters="Dead letters",
    said="Last said",
    alerts="Alerts",
    pending="Pending",
    sent="Delivered",
    given_up="Given up",
    emergency="Emergency path",
    emergency_idle="not in use",
    emergency_used="in use: alerts go out from the core's memory",
    route="Route",
    route_well="Delivers",
    route_failing="Fails",
    route_untried="Nothing sent lately",
    last_sent="Last delivered",
    no_routes="No route is configured: alerts go nowhere.",
    stale="Checks without fresh results",
    no_stale="Every check has fresh results.",
    more_stale=("{n} more", "{n} more"),
    network="Network and clock",
    line="Our own line",
    line_well="online",
    line_cut="offline since {t}",
    resolver="Our resolver",
    resolver_well="answers",
    resolver_silent="silent since {t}",
    clock="The machine's clock",
    clock_well="believed",
    clock_doubted="not believed since {t}",
    steps="Last times it was set",
    no_steps="It was not set, as far as the log reaches.",
    ahead="{d} ahead",
    back="{d} back",
    role_faults={
        "unreadable": "what it writes down cannot be read: {d}",
        "no_figures": "it has written no figures yet",
        "figures_to_come": "its last figures are of a time to come: the clock was set back",
        "old_figures": "it wrote its last figures {s} ago",
        "no_configuration": "no configuration has been compiled yet",
        "bad_configuration": "the compiled configuration cannot be read: {d}",
        "not_well": "{u} answers {d}",
        "no_answer": "{u} does not answer: {d}",
    },
    core_faults={
        "not_yet": "it has not ticked yet",
        "stands_still": "its last tick was {s} ago",
        "undelivered": "no alert has reached anybody for {s}: every route fails",
        "journal_held": "another process keeps the journal from it",
        "not_rendered": "the page has not been rendered for over two minutes",
        "prober_silent": "the prober has reported no figures for 30 s",
        "clock_doubted": "the machine's clock is not believed: it shows {s} too little",
        "stalls": "the prober stood still {n} times within five minutes{by}",
        "nothing_counts": "no check run has counted for {s}: start the prober anew",
        "store_paused": "the result store: {d}",
        "subscribers_silent": "subscribers are told nothing by {d}: no sign of life for 30 s",
        "private_pages_closed": "no link opens a private page: {d}",
        "other": "{d}",
    },
    stalls_by=", above all in runs of {d}",
    faults={
        "alerts_undelivered": FaultWords(
            says="No route takes an alert: nobody is woken",
            way_out=(
                "Look at each route's targets below. One message is tried on every target "
                "each half minute; the first that works again ends this."
            ),
            read=f"{_MANUAL}#being-woken",
            command="estado config check",
        ),
        "journal_held": FaultWords(
            says="Another process holds the journal: {x} {w}",
            way_out=(
                "Let that process go on (kill -CONT), or end it (kill -9): its write is undone "
                "then. Meanwhile the core decides and alerts from memory."
            ),
            read=f"{_MANUAL}#when-a-process-is-stopped",
            command="kill -CONT {x}",
        ),
        "facts_old": FaultWords(
            says="Nobody looks at roles and machine any more: what is said of them is old",
            way_out="Start the role console anew. Until then ask on the host itself.",
            read=f"{_MANUAL}#what-runs",
            command="estado health",
        ),
        "role": FaultWords(
            says="The role {x} does not do its work: {w}",
            way_out=(
                "It is started anew by itself. If this stays, look at its log, and whether the "
                "machine has room and memory."
            ),
            read=f"{_MANUAL}#what-runs",
            command="estado health --role {x}",
        ),
        "core": FaultWords(
            says="The core is not ready: {w}",
            way_out="It says the same at /readyz. Mend what it names; it goes on by itself.",
            read=f"{_MANUAL}#what-runs",
            command="estado health --role core",
        ),
        "offline": FaultWords(
            says="Our own line is cut",
            way_out=(
                "Look at link, route and DNS of the monitoring machine. What fails meanwhile "
                "is without data, never down."
            ),
            read=f"{_MANUAL}#being-woken",
        ),
        "no_resolver": FaultWords(
            says="Our resolver does not answer",
            way_out=(
                "Look at its name servers and their way out (resolv.conf, "
                "operations.resolver). What is checked by name is without data meanwhile."
            ),
            read=f"{_MANUAL}#being-woken",
        ),
        "clock_doubted": FaultWords(
            says="The machine's clock is not believed: it went back too far",
            way_out="Set the clock right (chronyc tracking). The monitor follows it by itself.",
            read=f"{_MANUAL}#when-the-clock-is-wrong",
            command="timedatectl",
        ),
        "stalling": FaultWords(
            says="The prober stands still again and again",
            way_out="Give the machine processor and memory; see what else runs on it.",
            read=f"{_MANUAL}#being-woken",
        ),
        "store_stuck": FaultWords(
            says="The result store takes nothing",
            way_out=(
                "See what it says below. Results wait in the log: decisions, alerts, page and "
                "credits go on."
            ),
            read="docs/storage.md#when-the-store-answers-no",
            command="estado store doctor",
        ),
        "store_trouble": FaultWords(
            says="The result store has trouble: {w}",
            way_out="It is tried again. If a person has to act, the doctor says what to do.",
            read="docs/storage.md#when-the-store-answers-no",
            command="estado store doctor",
        ),
        "dead_letters": FaultWords(
            says="The store refused {n} results for good",
            way_out="List them with their reasons, mend the cause, and send them again.",
            read="docs/storage.md#when-the-store-answers-no",
            command="estado store dead-letters list",
        ),
        "route_fails": FaultWords(
            says="The route {x} does not deliver: {w}",
            way_out="Look at the address and the permissions of its targets (alerts.routes).",
            read="docs/alerts.md#routes",
        ),
        "disk_low": FaultWords(
            says="The disk is nearly full",
            way_out="Free room in the data folder. When it is full, results become gaps.",
            read=f"{_MANUAL}#keeping-the-data",
        ),
        "stale_checks": FaultWords(
            says="{n} checks have no fresh results",
            way_out="They are listed below. If it is all of them, look at the prober.",
            read=f"{_MANUAL}#what-runs",
        ),
        "applying_paused": FaultWords(
            says="Billing's brake is on: no credit is applied",
            way_out=(
                "What was approved waits. Credits names who pulled it and why; whoever may apply "
                "lets go of it, with an account."
            ),
            read="docs/billing.md#into-the-customers-balance",
            command="estado credits resume",
        ),
    },
)
