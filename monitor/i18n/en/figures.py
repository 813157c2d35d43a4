"""The words of the console's figures in English."""

from __future__ import annotations

from monitor.i18n.forms.figures import BudgetWords, LatencyWords, WeekWords

WEEK = WeekWords(
    title="The week, hour by hour",
    note="In each hour, the worst that was confirmed.",
    day="Day",
    up="works",
    down="down {d}",
    slow="slow {d}",
    unknown="no data {d}",
    excluded="excluded {d}",
    before="not watched yet",
    coming="still to come",
    skipped="there was no such hour",
    legend_down="Down, less than 10 min",
    legend_half="Down, 10 to 30 min",
    legend_full="Down, more than 30 min",
    legend_slow="Slow",
    legend_unknown="No data",
    legend_excluded="Excluded",
    legend_before="Not watched yet",
    worst="The worst hours",
    none="No failures in seven days.",
    hour_of_day="{day}, {h} h: {said}",
    often="At {h} it failed on {n} of {m} days.",
    was_skipped="{day} had no hour {h}: the clock was put forward.",
    was_longer="On {day} the hour {h} lasted {d}: the clock was changed.",
    watched_from="Watched since {day}, {h} h.",
)
LATENCY = LatencyWords(
    title="Latency",
    see="See the latency",
    back="Back",
    of_checks="Latency of its checks",
    last_day="Last 24 hours",
    last_week="Last seven days",
    phases="Phases by day",
    phases_note=(
        "The median of each phase in a sample of up to {n} results a day. The medians do not add "
        "up to that of the whole."
    ),
    figures="The figures",
    figures_of="{what}, {where}",
    when="When",
    runs="Results",
    up_to="up to {d}",
    none="No successful results in seven days.",
    none_here="No successful results.",
    away="Latency cannot be shown now: the result store is not available.",
    busy="Latency cannot be shown now: there are too many questions. Try again in a moment.",
    slow="Latency cannot be shown now: the result store did not answer within {n} s.",
    p95_day="p95, 24 hours",
    p95_week="p95, seven days",
    hidden=("{n} check is left out.", "{n} checks are left out."),
)
BUDGET = BudgetWords(
    title="Budget of {m}",
    at_risk="Budget at risk",
    allowed="Downtime allowed for each component: {d}",
    used="{d} of {a}",
    used_up="used up",
    used_up_and_down="used up, and still down",
    runs_out="used up in {d}, at {t}",
    goes_on="still down",
    perhaps="perhaps {d} more, no data",
    nothing="Nothing is used up this month.",
    more=("And one more that has used some.", "And {n} more that have used some."),
    others=("The other one: nothing used.", "The other {n}: nothing used."),
    counted_at="Counted at {t}",
    counting="It is being counted: look again in a minute.",
    less_than="less than {p}",
)
