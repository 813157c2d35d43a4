"""The answer at the top of the page, in English."""

from __future__ import annotations

from monitor.domain.rollup import Shown
from monitor.i18n.forms.answer import AnswerSentences

_OURS = (
    "If you use this service, the problem is ours.",
    "If you use these services, the problem is ours.",
)


ANSWER = AnswerSentences(
    stale="This data is from {t}.",
    stale_lead="The page is not updating: what follows may have changed.",
    all_unknown="We cannot check the services now.",
    all_unknown_lead="Our monitoring failed; that does not mean they are down.",
    general="There is a general outage.",
    general_lead="The problem is ours.",
    titles={
        Shown.DOWN: ("The service {x} is not working.", "{x} are not working."),
        Shown.REPAIR: ("We are repairing {x}.", "We are repairing {x}."),
        Shown.SLOW: ("The service {x} is slow.", "{x} are slow."),
        Shown.MAINTENANCE: (
            "The service {x} is under maintenance.",
            "{x} are under maintenance.",
        ),
        Shown.NO_DATA: ("We have no data on {x}.", "We have no data on {x}."),
    },
    leads={
        Shown.DOWN: _OURS,
        Shown.REPAIR: _OURS,
        Shown.SLOW: (
            "If it feels slow, the problem is ours.",
            "If they feel slow, the problem is ours.",
        ),
        Shown.MAINTENANCE: ("Planned; it ends {t}.", "Planned; it ends {t}."),
        Shown.NO_DATA: ("It may be working.", "They may be working."),
    },
    one_does="the service {x} {does}",
    troubled="{x} are failing.",
    clauses={
        Shown.REPAIR: ("we are repairing {x}", "we are repairing {x}"),
        Shown.SLOW: ("the service {x} is slow", "{x} are slow"),
        Shown.MAINTENANCE: (
            "the service {x} is under maintenance",
            "{x} are under maintenance",
        ),
        Shown.NO_DATA: ("we have no data on {x}", "we have no data on {x}"),
    },
    stable="All services are stable.",
    stable_lead="Our checks see no failure. If something fails for you, see what to do.",
    stable_link="see what to do",
    told=("There is an open incident.", "There are {n} open incidents."),
    told_leads=(
        "A person in Operations reported it. Our checks see no failure.",
        "A person in Operations reported them. Our checks see no failure.",
    ),
    told_clauses=("there is an open incident", "there are {n} open incidents"),
    also="Also, {clauses}.",
    rest="The rest is stable.",
    many="{n} services",
    at_time="at {t}",
    on_day_at_time="{day} at {t}",
)
