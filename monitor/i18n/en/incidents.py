"""The sentences of incidents' automatic texts, in English."""

from __future__ import annotations

from monitor.i18n.forms.incidents import IncidentSentences

INCIDENTS = IncidentSentences(
    since="Since {t} the service {c} {does}.",
    since_too="The problem reaches the service {c} as well: since {t} it {does}.",
    since_again="The problem goes on: since {t} the service {c} {does}.",
    fell_again="The service {c} failed again at {t}: it {does}.",
    unstable=(
        "The service {c} keeps failing and coming back. The incident stays open until it is stable."
    ),
    worsened="The service {c} got worse: now it {does}.",
    began_earlier="The problem of the service {c} began at {t}, earlier than we said.",
    unwatched=(
        "The service {c} has no longer been watched since {t}; we do not know whether it came back."
    ),
    watched_otherwise=(
        "The service {c} has been watched in another way since {t}; we did not see the failure end."
    ),
    watched_again="The service {c} is watched again: since {t} it {does}.",
    depends_on="It depends on {c}.",
    alerted="Operations has been alerted.",
    alerted_of_failure="Operations has been alerted of the failure.",
    no_news="There is no news yet.",
    still_since="The service {c} is still {phrase}, since {t}.",
    still_many_since="Still affected: {c}; the first since {t}.",
    looked_after="Operations is working on it.",
    back="The service {c} came back at {t}.",
    back_to_normal="The service {c} came back to normal at {t}.",
    all_back="{s} came back, the last one at {t}.",
    still="The service {c} is still {phrase}.",
    still_many="Still affected: {c}.",
    watch="We watch it for {d} before we call it resolved.",
    watch_all="We watch them for {d} before we call the problem resolved.",
    normal="The service {c} has worked normally since {t}.",
    all_normal="{s} have worked normally since {t}.",
    out="{s} out for {d}, which count in {month}.",
    out_uncounted="{s} out for {d}.",
    out_partly="{s} out for {d}; without the planned maintenance {k} count in {month}.",
    out_planned="{s} out for {d}; it does not count, for the maintenance was planned.",
    slow_or_out="{s} slow, faulty or out for {d}; the time out counts in {month}.",
    slow_or_out_uncounted="{s} slow, faulty or out for {d}.",
    was_slow="{s} slow for {d}.",
    was_faulty="{s} faulty for {d}.",
    longest="The time out of each counts in {month}; the longest, {c}: {d}.",
    it_was="It was",
    name_was="The service {c} was",
    in_time="{t}",
    on_day="{t} on {day}",
    affected="affected",
    many="{n} services",
    all_named="The services {c}",
    all_many="The {n} services",
    name_and_more="{c} and {n} more services",
    out_of_service=(
        "out of service",
        "is not working",
        "If you use this service, the problem is ours.",
    ),
    slow=("slow", "is slow", "If it feels slow, the problem is ours."),
    clock_set=(
        "The clock of our monitor was wrong and has been corrected. What it recorded under the"
        " wrong time does not count: we have no data for that time."
    ),
    over_limit="It takes over {v}; {w} is usual.",
)
